/**
 * werf.yaml: loadProject() finds it, runs it as a Go template and answers a Project, plain data with every default filled in
 * and every mistake shown with its line. Nothing is looked up in Git or a registry here.
 */
export { edges } from "./check.ts";
export { findImage, imageNames, renderedConfig } from "./listing.ts";
export { loadProject, type LoadOptions } from "./load.ts";
export { resolveNamespace, resolveReleaseName, type NameOptions } from "./deploy-names.ts";
export {
  shownName,
  userStages,
  type AnsibleInstructions,
  type BaseImage,
  type CleanupSettings,
  type DeploySettings,
  type DockerDirectives,
  type DockerfileImage,
  type Export,
  type GitMapping,
  type Import,
  type KeepLimit,
  type KeepPolicy,
  type Mount,
  type Project,
  type ProjectImage,
  type RemoteRepository,
  type RenderedDocument,
  type ShellInstructions,
  type StapelImage,
  type UserStage,
} from "./project.ts";
