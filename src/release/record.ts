import { promisify } from "node:util";
import { constants, gunzip, gzip } from "node:zlib";
import { SlipwayError } from "#errors";
import { type Cluster, type KubeObject, isKubeError, plain } from "#kube";
import type { ChartRecord, Hook } from "./request.ts";
import type { ReleaseName } from "./ownership.ts";

/** Helm's words for the state of a revision. */
export type ReleaseState =
  | "unknown"
  | "deployed"
  | "uninstalled"
  | "superseded"
  | "failed"
  | "uninstalling"
  | "pending-install"
  | "pending-upgrade"
  | "pending-rollback";

export interface HookRun {
  readonly startedAt: string;
  readonly completedAt: string;
  readonly phase: "Unknown" | "Running" | "Succeeded" | "Failed";
}

/** One revision of a release, as Helm 3 keeps it. Times are RFC 3339. */
export interface ReleaseRecord extends ReleaseName {
  readonly revision: number;
  readonly status: ReleaseState;
  readonly description: string;
  readonly notes: string;
  readonly firstDeployed: string;
  readonly lastDeployed: string;
  readonly deleted?: string;
  readonly manifest: string;
  readonly hooks: readonly (Hook & { readonly lastRun?: HookRun })[];
  readonly config: unknown;
  /** The chart as it stands in the record, passed through when a revision of another tool is written back. */
  readonly chart: unknown;
  /** Labels of the Secret that are not Helm's own. */
  readonly labels: Readonly<Record<string, string>>;
}

/** What the labels of a record tell without reading it. */
export interface RecordHead {
  readonly revision: number;
  readonly status: ReleaseState;
}

const SECRETS = { apiVersion: "v1", kind: "Secret" } as const;
const SECRET_TYPE = "helm.sh/release.v1";
/** etcd and the API accept no larger Secret. */
const LARGEST_SECRET = 1_048_576;
const OWN_LABELS = new Set(["name", "owner", "status", "version", "createdAt", "modifiedAt"]);

/** The revisions that exist, oldest first; only labels are read. */
export async function recordHeads(
  cluster: Cluster,
  release: ReleaseName,
  signal?: AbortSignal,
): Promise<RecordHead[]> {
  const { items } = await cluster.list(SECRETS, {
    namespace: release.namespace,
    labelSelector: `owner=helm,name=${release.name}`,
    metadataOnly: true,
    ...(signal ? { signal } : {}),
  });
  return items
    .map(({ metadata: { labels = {} } }) => ({
      revision: Number(labels["version"]),
      status: (labels["status"] ?? "unknown") as ReleaseState,
    }))
    .filter((head) => head.revision > 0)
    .sort((a, b) => a.revision - b.revision);
}

/** One revision, or undefined when there is none. */
export async function readRecord(
  cluster: Cluster,
  release: ReleaseName,
  revision: number,
  signal?: AbortSignal,
): Promise<ReleaseRecord | undefined> {
  const secret = await cluster.get(secretId(release, revision), signal ? { signal } : {});
  return secret === undefined ? undefined : decodeSecret(secret);
}

/** Every revision, oldest first. */
export async function readRecords(
  cluster: Cluster,
  release: ReleaseName,
  signal?: AbortSignal,
): Promise<ReleaseRecord[]> {
  const { items } = await cluster.list(SECRETS, {
    namespace: release.namespace,
    labelSelector: `owner=helm,name=${release.name}`,
    ...(signal ? { signal } : {}),
  });
  const records = await Promise.all(items.map(decodeSecret));
  return records.sort((a, b) => a.revision - b.revision);
}

/**
 * Writes a new revision.
 *
 * @throws {SlipwayError} RELEASE_CHANGED when somebody else has just written it; RELEASE_TOO_LARGE
 */
export async function createRecord(
  cluster: Cluster,
  record: ReleaseRecord,
  now: Date,
  signal?: AbortSignal,
): Promise<void> {
  const secret = await encodeSecret(record, { createdAt: unixSeconds(now) });
  try {
    await cluster.create(secret, signal ? { signal } : {});
  } catch (cause) {
    if (!isKubeError(cause, "KUBE_EXISTS")) throw cause;
    throw new SlipwayError(
      "RELEASE_CHANGED",
      `Cannot record revision ${record.revision} of release "${record.name}": it exists`,
      {
        cause,
        hint: "Another tool is deploying this release; wait for it and run the command again",
      },
    );
  }
}

/** Writes a revision over the one that is there. */
export async function updateRecord(
  cluster: Cluster,
  record: ReleaseRecord,
  now: Date,
  signal?: AbortSignal,
): Promise<void> {
  await cluster.replace(
    await encodeSecret(record, { modifiedAt: unixSeconds(now) }),
    signal ? { signal } : {},
  );
}

export async function deleteRecord(
  cluster: Cluster,
  release: ReleaseName,
  revision: number,
  signal?: AbortSignal,
): Promise<void> {
  await cluster.delete(secretId(release, revision), signal ? { signal } : {});
}

function secretId(
  release: ReleaseName,
  revision: number,
): { apiVersion: string; kind: string; name: string; namespace: string } {
  return {
    ...SECRETS,
    name: `sh.helm.release.v1.${release.name}.v${revision}`,
    namespace: release.namespace,
  };
}

/**
 * The Secret of a revision:
 *
 *     data.release = base64( base64( gzip( JSON ) ) )
 *                    └ of every Secret  └ Helm's own
 *
 * @see Helm 3.22, pkg/storage/driver/secrets.go and util.go
 */
export async function encodeSecret(
  record: ReleaseRecord,
  times: Readonly<Record<string, string>>,
): Promise<KubeObject> {
  const packed = await promisify(gzip)(JSON.stringify(jsonOf(record)), {
    level: constants.Z_BEST_COMPRESSION,
  });
  const release = Buffer.from(packed.toString("base64"));
  if (release.length > LARGEST_SECRET) throw tooLarge(record, release.length);
  const { apiVersion, kind, name, namespace } = secretId(record, record.revision);
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      namespace,
      labels: {
        ...record.labels,
        name: record.name,
        owner: "helm",
        status: record.status,
        version: String(record.revision),
        ...times,
      },
    },
    type: SECRET_TYPE,
    data: { release: release.toString("base64") },
  };
}

/** @throws {SlipwayError} RELEASE_UNREADABLE */
export async function decodeSecret(secret: KubeObject): Promise<ReleaseRecord> {
  try {
    const data = (secret["data"] as { release?: string } | undefined)?.release ?? "";
    const packed = Buffer.from(Buffer.from(data, "base64").toString(), "base64");
    const text =
      packed[0] === 0x1f && packed[1] === 0x8b && packed[2] === 8 ? await promisify(gunzip)(packed) : packed;
    return recordOf(JSON.parse(text.toString()) as HelmRelease, secret.metadata.labels ?? {});
  } catch (cause) {
    throw new SlipwayError(
      "RELEASE_UNREADABLE",
      `Cannot read the release record ${secret.metadata.name}: ${(cause as Error).message}`,
      {
        cause,
        hint: `Look at it with kubectl, and delete it if it is damaged: kubectl -n ${secret.metadata.namespace} delete secret ${secret.metadata.name}`,
      },
    );
  }
}

/** Helm's JSON of a release; absent and empty fields as its Go structures print them. */
interface HelmRelease {
  readonly name: string;
  readonly info: {
    readonly first_deployed: string;
    readonly last_deployed: string;
    readonly deleted: string;
    readonly description?: string;
    readonly status?: ReleaseState;
    readonly notes?: string;
  };
  readonly chart: unknown;
  readonly config?: unknown;
  readonly manifest?: string;
  readonly hooks?: readonly HelmHook[] | null;
  readonly version: number;
  readonly namespace: string;
}

interface HelmHook {
  readonly name: string;
  readonly kind: string;
  readonly path: string;
  readonly manifest: string;
  readonly events?: readonly string[];
  readonly last_run: {
    readonly started_at: string;
    readonly completed_at: string;
    readonly phase: HookRun["phase"] | "";
  };
  readonly weight?: number;
  readonly delete_policies?: readonly string[];
  readonly output_log_policies?: readonly string[];
}

function jsonOf(record: ReleaseRecord): HelmRelease {
  return {
    name: record.name,
    info: {
      first_deployed: record.firstDeployed,
      last_deployed: record.lastDeployed,
      deleted: record.deleted ?? "",
      description: record.description,
      status: record.status,
      ...(record.notes === "" ? {} : { notes: record.notes }),
    },
    chart: record.chart,
    config: plain(record.config) ?? {},
    manifest: record.manifest,
    ...(record.hooks.length === 0 ? {} : { hooks: record.hooks.map(hookJson) }),
    version: record.revision,
    namespace: record.namespace,
  };
}

function hookJson(hook: ReleaseRecord["hooks"][number]): HelmHook {
  return {
    name: hook.name,
    kind: hook.kind,
    path: hook.path,
    manifest: hook.manifest,
    events: hook.events,
    last_run: {
      started_at: hook.lastRun?.startedAt ?? "",
      completed_at: hook.lastRun?.completedAt ?? "",
      phase: hook.lastRun?.phase ?? "",
    },
    ...(hook.weight === 0 ? {} : { weight: hook.weight }),
    ...(hook.deletePolicies.length === 0 ? {} : { delete_policies: hook.deletePolicies }),
    ...(hook.outputLogPolicies?.length ? { output_log_policies: hook.outputLogPolicies } : {}),
  };
}

function recordOf(json: HelmRelease, labels: Readonly<Record<string, string>>): ReleaseRecord {
  const { info } = json;
  return {
    name: json.name,
    namespace: json.namespace,
    revision: json.version,
    status: info.status ?? "unknown",
    description: info.description ?? "",
    notes: info.notes ?? "",
    firstDeployed: info.first_deployed,
    lastDeployed: info.last_deployed,
    ...(info.deleted === "" ? {} : { deleted: info.deleted }),
    manifest: json.manifest ?? "",
    hooks: (json.hooks ?? []).map(hookOf),
    config: json.config ?? {},
    chart: json.chart,
    labels: Object.fromEntries(Object.entries(labels).filter(([key]) => !OWN_LABELS.has(key))),
  };
}

function hookOf(hook: HelmHook): ReleaseRecord["hooks"][number] {
  const { started_at: startedAt, completed_at: completedAt, phase } = hook.last_run;
  return {
    name: hook.name,
    kind: hook.kind,
    path: hook.path,
    manifest: hook.manifest,
    events: hook.events ?? [],
    weight: hook.weight ?? 0,
    deletePolicies: hook.delete_policies ?? [],
    ...(hook.output_log_policies ? { outputLogPolicies: hook.output_log_policies } : {}),
    ...(startedAt === "" || phase === "" ? {} : { lastRun: { startedAt, completedAt, phase } }),
  };
}

/** The JSON of a chart in a record: file contents are base64. */
export function chartJson(chart: ChartRecord): unknown {
  const files = (list: ChartRecord["files"]): unknown[] =>
    list.map(({ name, data }) => ({ name, data: Buffer.from(data).toString("base64") }));
  return {
    metadata: plain(chart.metadata),
    lock: plain(chart.lock) ?? null,
    templates: files(chart.templates),
    values: plain(chart.values) ?? {},
    schema: chart.schema === undefined ? null : Buffer.from(chart.schema).toString("base64"),
    files: files(chart.files),
  };
}

function tooLarge(record: ReleaseRecord, size: number): SlipwayError {
  const chart = record.chart as
    | { readonly templates?: readonly Named[]; readonly files?: readonly Named[] }
    | undefined;
  const largest = [...(chart?.templates ?? []), ...(chart?.files ?? [])]
    .sort((a, b) => b.data.length - a.data.length)
    .slice(0, 5)
    .map((file) => `${file.name} (${Math.round((file.data.length * 0.75) / 1024)} KiB)`);
  return new SlipwayError(
    "RELEASE_TOO_LARGE",
    `Cannot record release "${record.name}": the record has ${size} bytes and a Secret holds ${LARGEST_SECRET}`,
    { hint: `Keep large files out of the chart with .helmignore; the largest are ${largest.join(", ")}` },
  );
}

interface Named {
  readonly name: string;
  readonly data: string;
}

function unixSeconds(time: Date): string {
  return String(Math.floor(time.getTime() / 1000));
}
