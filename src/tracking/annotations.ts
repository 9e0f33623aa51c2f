import type { KubeObject } from "#kube";

export type FailMode =
  | "FailWholeDeployProcessImmediately"
  | "HopeUntilEndOfDeployProcess"
  | "IgnoreAndContinueDeployProcess";

/** How a resource is tracked, read from its `werf.io/…` annotations. */
export interface TrackSettings {
  readonly isBlocking: boolean;
  readonly failMode: FailMode;
  /** Failures that are borne before the resource counts as failed. */
  readonly allowedFailures: number;
  readonly skipLogs: boolean;
  readonly skipLogsFor: ReadonlySet<string>;
  /** Undefined for all. */
  readonly logsOnlyFor: ReadonlySet<string> | undefined;
  /** RE2 source for all containers. */
  readonly logRegex: string | undefined;
  readonly logRegexFor: ReadonlyMap<string, string>;
  readonly showEvents: boolean;
}

const FAIL_MODES: readonly string[] = [
  "FailWholeDeployProcessImmediately",
  "HopeUntilEndOfDeployProcess",
  "IgnoreAndContinueDeployProcess",
];
const TRUE = new Set(["1", "t", "T", "TRUE", "true", "True"]);
const FALSE = new Set(["0", "f", "F", "FALSE", "false", "False"]);
const REGEX_FOR = "werf.io/log-regex-for-";

/**
 * The settings, or the warning to print when an annotation has a value that is not one; such a resource is not tracked.
 *
 * @see werf 1.1, "Resource tracking"
 */
export function trackSettings(object: KubeObject): TrackSettings | { readonly warning: string } {
  const annotations = object.metadata.annotations ?? {};
  const read = (name: string): string | undefined => annotations[`werf.io/${name}`];
  const list = (name: string): ReadonlySet<string> | undefined => {
    const text = read(name);
    return text === undefined ? undefined : new Set(text.split(",").map((item) => item.trim()));
  };
  const wrong = (name: string, choices: string): { warning: string } => ({
    warning: `${object.kind.toLowerCase()}/${object.metadata.name} annotation werf.io/${name} with invalid value ${read(name)}: choose one of ${choices}`,
  });

  const mode = read("track-termination-mode") ?? "WaitUntilResourceReady";
  if (mode !== "WaitUntilResourceReady" && mode !== "NonBlocking") {
    return wrong("track-termination-mode", "WaitUntilResourceReady, NonBlocking");
  }
  const failMode = read("fail-mode") ?? "FailWholeDeployProcessImmediately";
  if (!FAIL_MODES.includes(failMode)) return wrong("fail-mode", FAIL_MODES.join(", "));
  const perReplica = read("failures-allowed-per-replica") ?? (object.kind === "Job" ? "0" : "1");
  if (!/^\d+$/.test(perReplica)) return wrong("failures-allowed-per-replica", "0, 1, 2 and so on");
  for (const name of ["skip-logs", "show-service-messages"]) {
    const value = read(name);
    if (value !== undefined && !TRUE.has(value) && !FALSE.has(value)) return wrong(name, "true, false");
  }
  return {
    isBlocking: mode !== "NonBlocking",
    failMode: failMode as FailMode,
    allowedFailures: Number(perReplica) * replicasOf(object),
    skipLogs: TRUE.has(read("skip-logs") ?? ""),
    skipLogsFor: list("skip-logs-for-containers") ?? new Set(),
    logsOnlyFor: list("show-logs-only-for-containers"),
    logRegex: read("log-regex"),
    logRegexFor: new Map(
      Object.entries(annotations).flatMap(([key, value]) =>
        key.startsWith(REGEX_FOR) ? [[key.slice(REGEX_FOR.length), value] as const] : [],
      ),
    ),
    showEvents: TRUE.has(read("show-service-messages") ?? ""),
  };
}

function replicasOf(object: KubeObject): number {
  if (object.kind === "Job") return 1;
  if (object.kind === "DaemonSet") return 3;
  const replicas = (object["spec"] as { replicas?: unknown } | undefined)?.replicas;
  return typeof replicas === "number" ? Math.max(1, replicas) : 1;
}
