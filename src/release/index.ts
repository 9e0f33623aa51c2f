/**
 * Releases: what a chart rendered to goes into a cluster (deployRelease), comes out again (uninstallRelease), and is on record
 * as Helm 3 keeps it (releaseHistory, releaseStatus). planUpgrade decides, purely; a Lease keeps two deploys apart.
 */
export { deployRelease } from "./deploy.ts";
export { checkInstall, type InstallCheckOptions } from "./install-check.ts";
export { uninstallRelease } from "./uninstall.ts";
export { releaseHistory, releaseStatus } from "./history.ts";
export { planUpgrade, type Operation, type PlanInput } from "./plan.ts";
export type { HookRun, ReleaseRecord, ReleaseState } from "./record.ts";
export type { ReleaseName } from "./ownership.ts";
export type {
  ChartFile,
  ChartRecord,
  DeployRequest,
  DeployResult,
  Hook,
  ObjectOutcome,
  RenderedRelease,
  UninstallRequest,
  UninstallResult,
} from "./request.ts";
