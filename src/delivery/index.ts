/**
 * The use cases, each one call: build, publish, run, render, deploy, dismiss. They compose the rooms below and own no
 * mechanism of their own.
 */
export { build, builtBefore, onlyImage, type BuildRequest } from "./build.ts";
export { publish, type PublishedImage, type PublishRequest, type TagRequest } from "./publish.ts";
export { prepareRun } from "./run.ts";
export { openWorkplace, type Settings, type Workplace } from "./workplace.ts";
export type { TagStrategy } from "#build";
export type { HelmRender, HelmRenderOptions } from "./helm-render.ts";
export type { DeployOptions, RenderRequest } from "./deploy.ts";
export { extraMetadata } from "./extra-metadata.ts";
export { deploy, dismiss, render, renderHelmChart, renderWithLookups } from "./release-cases.ts";
export { onlyTag, type ChosenTag } from "./tagging.ts";
