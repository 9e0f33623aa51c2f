import { SlipwayError } from "#errors";
import type { EventPath } from "#events";
import { type Cluster, type KindId, type KubeObject, type WatchOptions, isKubeError } from "#kube";
import { trackSettings } from "./annotations.ts";
import { logFilter } from "./log-filter.ts";
import type { TrackOptions } from "./options.ts";
import { podState } from "./pod.ts";
import { PodLogs, lastWords, tellingLines } from "./pod-logs.ts";
import { podSelectors } from "./selectors.ts";
import { type Failure, type Target, TrackState, targetName } from "./state.ts";
import { statusReporter } from "./status-table.ts";

const API: Readonly<Record<string, string>> = {
  Deployment: "apps/v1",
  StatefulSet: "apps/v1",
  DaemonSet: "apps/v1",
  Job: "batch/v1",
};
const DAY_MS = 86_400_000;
const LATE_LOOK_MS = 500;

/** Whether objects of this kind are waited for. */
export function isTracked(object: KindId): boolean {
  return API[object.kind] !== undefined && /^(apps|batch)\//.test(object.apiVersion);
}

/**
 * Waits until Deployments, StatefulSets, DaemonSets and Jobs are ready, by watching them, their ReplicaSets, their pods and
 * their events. Pod logs are emitted as `log` under [...path, "deploy/web", "po/POD", "CONTAINER"], states as `table`.
 * Other kinds are passed over. Ends early when a resource has failed more often than its annotations allow.
 *
 * @throws {SlipwayError} TRACKING_FAILED, whose message names resource, pod, container, reason and the container's last log
 * line; TRACKING_TIMEOUT, whose message names what was still missing.
 * @see werf 1.1, "Resource tracking"
 */
export async function track(
  cluster: Cluster,
  objects: readonly KubeObject[],
  options: TrackOptions,
): Promise<void> {
  const path = options.path ?? [];
  const targets = objects.filter(isTracked).flatMap((object) => targetOf(object, options, path));
  const namespaces = Map.groupBy(targets, (target) => target.namespace);
  if (targets.length === 0) return;

  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const since = options.since ?? new Date();
  const settled = Promise.withResolvers<Failure | "ready" | "late">();
  settled.promise.catch(() => undefined);

  const state = new TrackState(targets, options.graceMs ?? 15_000, (target, failures, failure) => {
    const text = `${failures}/${target.settings.allowedFailures} allowed errors occurred for ${targetName(target)}: continue tracking (${faultText(failure)})`;
    options.events({ type: "notice", path: [...path, targetName(target)], level: "warning", text });
  });
  const logs = new Map(
    targets.map((target) => [logKey(target), podLogsOf(cluster, target, options, path, since)]),
  );
  const report = statusReporter(state, options.events, path);

  let isSynced = false;
  const look = (): void => {
    if (!isSynced) return;
    const verdict = state.judge(Date.now());
    if (verdict.state === "ready") settled.resolve("ready");
    else if (verdict.state === "failed") settled.resolve(verdict.failure);
  };
  const feeds = [...namespaces].flatMap(([namespace, members]) => feedsOf(namespace, members, objects));
  const watches = feeds.map(async (feed) => {
    try {
      for await (const change of cluster.watch(feed.kind, { ...feed.scope, signal })) {
        if (change.type === "synced") feed.synced.resolve();
        else if (feed.kind.kind === "Event") tellEvent(state, change.object, since, options, path);
        else {
          state.observe(change.type, change.object);
          for (const target of feed.members)
            for (const pod of state.podsOf(target)) logs.get(logKey(target))?.observe(pod);
        }
        look();
      }
    } catch (error) {
      // Events explain; without the right to read them tracking still works.
      if (feed.kind.kind === "Event" && isKubeError(error, "KUBE_FORBIDDEN")) feed.synced.resolve();
      else if (!signal.aborted) settled.reject(error);
    }
  });
  void Promise.all(feeds.map(({ synced }) => synced.promise)).then(() => {
    isSynced = true;
    look();
  });

  const timeoutMs = options.timeoutMs || DAY_MS;
  const late = setTimeout(() => settled.resolve("late"), Math.min(timeoutMs, 2 ** 31 - 1));
  const looking = setInterval(look, LATE_LOOK_MS);
  const periodMs = options.statusPeriodMs ?? 5000;
  const reporting = periodMs > 0 ? setInterval(report, periodMs) : undefined;
  const onAbort = (): void => settled.reject(options.signal?.reason as Error);
  options.signal?.addEventListener("abort", onAbort, { once: true });
  if (options.signal?.aborted) onAbort();
  try {
    const end = await settled.promise;
    await Promise.all([...logs.values()].map((each) => each.close()));
    report();
    if (end === "late") throw timedOut(state, timeoutMs);
    if (end !== "ready") throw await failed(cluster, end, options, path);
  } finally {
    clearTimeout(late);
    clearInterval(looking);
    clearInterval(reporting);
    options.signal?.removeEventListener("abort", onAbort);
    stop.abort();
    await Promise.all(watches);
    await Promise.all([...logs.values()].map((each) => each.close()));
  }
}

function targetOf(object: KubeObject, options: TrackOptions, path: EventPath): Target[] {
  const settings = trackSettings(object);
  if ("warning" in settings) {
    options.events({ type: "notice", path, level: "warning", text: settings.warning });
    return [];
  }
  return [
    {
      kind: object.kind,
      namespace: object.metadata.namespace ?? "default",
      name: object.metadata.name,
      settings,
    },
  ];
}

/** One watch, and the targets it tells about. */
interface Feed {
  readonly kind: KindId;
  readonly scope: WatchOptions;
  readonly members: readonly Target[];
  readonly synced: PromiseWithResolvers<void>;
}

function feedsOf(namespace: string, members: readonly Target[], objects: readonly KubeObject[]): Feed[] {
  const feed = (apiVersion: string, kind: string, scope: WatchOptions = {}): Feed => ({
    kind: { apiVersion, kind },
    scope: { namespace, ...scope },
    members,
    synced: Promise.withResolvers<void>(),
  });
  const isMember = (object: KubeObject): boolean =>
    members.some(
      ({ kind, name }) =>
        object.kind === kind &&
        object.metadata.name === name &&
        (object.metadata.namespace ?? "default") === namespace,
    );
  const kinds = Map.groupBy(members, (target) => target.kind);
  const workloads = [...kinds].map(([kind, [first, second]]) =>
    feed(
      API[kind] ?? "",
      kind,
      second === undefined && first !== undefined ? { fieldSelector: `metadata.name=${first.name}` } : {},
    ),
  );
  const selectors = podSelectors(objects.filter(isMember)).map((text) =>
    text === "" ? {} : { labelSelector: text },
  );
  return [
    ...workloads,
    ...(kinds.has("Deployment") ? selectors.map((scope) => feed("apps/v1", "ReplicaSet", scope)) : []),
    ...selectors.map((scope) => feed("v1", "Pod", scope)),
    feed(
      "v1",
      "Event",
      members.some((target) => target.settings.showEvents) ? {} : { fieldSelector: "type=Warning" },
    ),
  ];
}

function podLogsOf(
  cluster: Cluster,
  target: Target,
  options: TrackOptions,
  path: EventPath,
  since: Date,
): PodLogs {
  return new PodLogs(cluster, {
    events: options.events,
    since,
    untilEnd: target.kind === "Job",
    pathOf: (pod, container) => [...path, targetName(target), `po/${pod.metadata.name}`, container],
    filterOf: (container) => logFilter(target.settings, container),
  });
}

function tellEvent(
  state: TrackState,
  event: KubeObject,
  since: Date,
  options: TrackOptions,
  path: EventPath,
): void {
  const seen = String(event["lastTimestamp"] ?? event["eventTime"] ?? event.metadata.creationTimestamp ?? "");
  const isNew = Date.parse(seen) + 1000 >= since.getTime();
  const target = state.observeEvent(event, isNew);
  if (target === undefined || !isNew || !target.settings.showEvents) return;
  const involved = event["involvedObject"] as { kind?: string; name?: string };
  const text = `event: ${involved.kind?.toLowerCase()}/${involved.name} ${String(event["reason"])}: ${String(event["message"])}`;
  options.events({ type: "log", path: [...path, targetName(target), "service messages"], text });
}

async function failed(
  cluster: Cluster,
  failure: Failure,
  options: TrackOptions,
  path: EventPath,
): Promise<SlipwayError> {
  const { target, pod, fault } = failure;
  let words: string[] = [];
  if (pod !== undefined && fault.hasCrashed && fault.container !== undefined) {
    words = await lastWords(cluster, pod, fault.container, options.signal);
    const at = [...path, targetName(target), `po/${pod.metadata.name}`, fault.container];
    options.events({ type: "notice", path: at, level: "warning", text: "Its last lines:" });
    for (const text of words) options.events({ type: "log", path: at, text });
  }
  const said = tellingLines(words);
  const tail = said.length === 0 ? "" : `: ${said.join(" … ")}`;
  return new SlipwayError("TRACKING_FAILED", `${targetName(target)} failed: ${faultText(failure)}${tail}`);
}

function faultText({ pod, fault }: Failure): string {
  const place =
    pod === undefined
      ? ""
      : `po/${pod.metadata.name}${fault.container === undefined ? "" : ` container/${fault.container}`}: `;
  const { reason, message } = fault;
  return `${place}${message === "" ? reason : reason === "Failed" ? message : `${reason}: ${message}`}`;
}

function timedOut(state: TrackState, timeoutMs: number): SlipwayError {
  const waiting = state.targets.flatMap((target) => {
    const now = state.readinessOf(target);
    if (now?.isReady) return [];
    const pods = state.podsOf(target).map((pod) => `po/${pod.metadata.name} is ${podState(pod)}`);
    return [
      `${targetName(target)} (${[now?.waitingFor ?? "not there", ...pods].filter(Boolean).join(", ")})`,
    ];
  });
  return new SlipwayError(
    "TRACKING_TIMEOUT",
    `Timed out after ${timeoutMs / 1000} s waiting for ${waiting.join("; ")}`,
    {
      hint: "Give it more time with --timeout, or look at the pods with kubectl describe",
    },
  );
}

function logKey(target: Target): string {
  return `${target.namespace} ${targetName(target)}`;
}
