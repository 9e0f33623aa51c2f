/**
 * Charts as Helm has them: where they come from (loadChart), what values they see (mergeValues), what they become
 * (renderChart: objects and hooks in the order of installation, notes, CRDs; templateOutput: what `helm template`
 * prints). The messages of errors are Helm's; place, frame and hint say more.
 */
export type { Chart, ChartFile, Dependency, Maintainer, Metadata } from "./chart.ts";
export { chartCrds, chartPath } from "./chart.ts";
export type { LintMessage, LintOptions, Severity } from "./lint-message.ts";
export { lintChart } from "./lint.ts";
export { archiveName, packChart } from "./package.ts";
export { checkProvenance, provenanceText } from "./provenance.ts";
export { lockDigest, lockMap, lockText, type Locked } from "./lock.ts";
export { repositoryIndex, type IndexedArchive } from "./repository-index.ts";
export {
  parseRepositories,
  plainRepository,
  repositoriesText,
  type RepositoryEntry,
} from "./repository-list.ts";
export { chooseVersion, parseIndex, type ChartVersion, type RepositoryIndex } from "./repository-versions.ts";
export { emptyMetadata } from "./metadata.ts";
export { metadataYaml } from "./metadata-yaml.ts";
export { metadataJson } from "./objects.ts";
export { buildChart, loadChart, readChartDirectory, type LoadOptions } from "./load.ts";
export { MAX_CHART_SIZE, MAX_FILE_SIZE, readChartArchive } from "./archive.ts";
export { mergeMaps, mergeValues, type ValuesFlags } from "./values.ts";
export { traceValue, type TraceStep, type ValueTrace } from "./values-trace.ts";
export { coalesceTables, coalesceValues, type CoalesceOptions } from "./coalesce.ts";
export { declaresDependencies, isCompatible, processDependencies } from "./dependencies.ts";
export {
  capabilitiesOf,
  DEFAULT_CAPABILITIES,
  parseKubeVersion,
  type Capabilities,
  type KubeVersion,
} from "./capabilities.ts";
export {
  renderTemplates,
  renderValues,
  type EngineOptions,
  type ReleaseFacts,
  type RenderValues,
} from "./engine.ts";
export { toYaml, type Lookup } from "./helm-functions.ts";
export {
  INSTALL_ORDER,
  sortManifests,
  splitManifests,
  type Hook,
  type HookEvent,
  type Manifest,
} from "./manifests.ts";
export {
  missingDependencies,
  renderChart,
  templateObjects,
  templateOutput,
  type RenderedRelease,
  type RenderOptions,
  type TemplateOutputOptions,
} from "./render.ts";
export { copyMap, parseGoMap, toGoValue } from "./go-values.ts";
