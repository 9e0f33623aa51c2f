import type { EventPath, EventSink } from "#events";
import type { Cluster, KubeObject } from "#kube";

/** What a chart rendered to, as much of it as a release applies and records. The chart room's answer has this shape. */
export interface RenderedRelease {
  /** YAML documents, as `helm template` prints them without hooks. */
  readonly manifest: string;
  readonly hooks: readonly Hook[];
  readonly notes: string;
  /** Kept in the record for helm's sake. */
  readonly chart: ChartRecord;
  /** The user's values, never decrypted secrets; maps, numbers, bigints, lists, text. */
  readonly config: unknown;
  /** Objects of `crds/`: made when they are absent, never changed, never deleted. */
  readonly crds?: readonly string[];
}

/** Helm's words: `pre-install`, `post-upgrade`, `test` and so on. */
export interface Hook {
  readonly name: string;
  readonly kind: string;
  /** `CHART/templates/file.yaml` */
  readonly path: string;
  readonly manifest: string;
  readonly events: readonly string[];
  readonly weight: number;
  readonly deletePolicies: readonly string[];
  readonly outputLogPolicies?: readonly string[];
}

/** A chart as a Helm 3 record holds it; subcharts are not recorded. */
export interface ChartRecord {
  /** Chart.yaml */
  readonly metadata: unknown;
  /** Chart.lock */
  readonly lock?: unknown;
  readonly templates: readonly ChartFile[];
  /** The chart's own default values. */
  readonly values: unknown;
  readonly schema?: Uint8Array | undefined;
  readonly files: readonly ChartFile[];
}

export interface ChartFile {
  /** Relative to the chart, with `/`. */
  readonly name: string;
  readonly data: Uint8Array;
}

export interface DeployRequest {
  readonly cluster: Cluster;
  readonly name: string;
  readonly namespace: string;
  readonly rendered: RenderedRelease;
  /** How many revisions are kept; 0 keeps all, 10 unless told. */
  readonly historyMax?: number;
  /** For waiting and hooks together; 24 hours unless told, also when 0. */
  readonly timeoutMs?: number;
  /** Whether the end of the roll-out is awaited; true unless told. */
  readonly track?: boolean;
  /** Labels put on the record, as `--release-label` does. */
  readonly recordLabels?: Readonly<Record<string, string>>;
  /** How often the state of resources is told; 5000 unless told, 0 for never. */
  readonly statusPeriodMs?: number;
  readonly hookStatusPeriodMs?: number;
  readonly events: EventSink;
  /** Where in the event tree; ["release NAME"] unless told. */
  readonly path?: EventPath;
  readonly signal?: AbortSignal;
}

export interface DeployResult {
  readonly revision: number;
  readonly status: "deployed";
  readonly notes: string;
  readonly firstDeployed: string;
  readonly lastDeployed: string;
  /** What became of each object of the manifest, in the order of application. */
  readonly objects: readonly { readonly object: KubeObject; readonly outcome: ObjectOutcome }[];
}

export type ObjectOutcome = "created" | "changed" | "unchanged" | "deleted" | "kept";

export interface UninstallRequest {
  readonly cluster: Cluster;
  readonly name: string;
  readonly namespace: string;
  /** Deletes the namespace too, with all that is in it. */
  readonly deleteNamespace?: boolean;
  /** Deletes the objects of hooks too; true unless told. */
  readonly deleteHooks?: boolean;
  /** Marks the record uninstalled instead of removing it. */
  readonly keepHistory?: boolean;
  readonly timeoutMs?: number;
  readonly events: EventSink;
  readonly path?: EventPath;
  readonly signal?: AbortSignal;
}

export interface UninstallResult {
  /** False when there was no such release. */
  readonly existed: boolean;
  readonly kept: readonly string[];
}
