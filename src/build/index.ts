/**
 * From a Project to images, stage by stage. openBuild() looks at HEAD, planBuild() says purely what would be done and what
 * is reused, executePlan() does it; publishedImage() is what then goes to a registry. Stages are kept in a StagesStorage.
 */
export { executePlan, type BuiltImage } from "./execute.ts";
export { type BuildPlan, type ImagePlan, type PlannedStage } from "./plan.ts";
export {
  imageOfStage,
  publishedImage,
  publishedReference,
  stageLabels,
  type Publication,
  type RepoMode,
  type TagStrategy,
} from "./publish.ts";
export { builtImages } from "./built.ts";
export { rootOf, type Root, type Storehouse } from "./root.ts";
export { openBuild, planBuild, type BuildOptions, type BuildSession } from "./session.ts";
export type { StageInput } from "./signature.ts";
export {
  ownLayersOf,
  stageNames,
  stageReference,
  type StageId,
  type StageImage,
  type StageLayer,
  type StageName,
  type StageRecord,
} from "./stage.ts";
export { localStages, type StagesStorage } from "./stages-storage.ts";
