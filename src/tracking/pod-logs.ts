import { setTimeout as sleep } from "node:timers/promises";
import type { EventPath, EventSink } from "#events";
import { type Cluster, type KubeObject } from "#kube";
import { type ContainerStatus, containersOf, isPodReady, runOf } from "./pod.ts";

/** At most this many lines of a container are shown in a second; the rest is counted. */
const LINES_PER_SECOND = 500;
/** How long the last lines of a container that is no longer of interest may take to arrive. */
const DRAIN_MS = 400;

export interface PodLogsOptions {
  readonly events: EventSink;
  readonly since: Date;
  /** Whether logs go on when the pod is ready. */
  readonly untilEnd: boolean;
  readonly pathOf: (pod: KubeObject, container: string) => EventPath;
  readonly filterOf: (container: string) => (line: string) => boolean;
}

/** Streams the logs of containers as events, each run of a container once, until its pod is ready. */
export class PodLogs {
  readonly #cluster: Cluster;
  readonly #options: PodLogsOptions;
  readonly #streams = new Map<string, { readonly stop: AbortController; readonly ended: Promise<void> }>();
  readonly #lastTime = new Map<string, string>();

  constructor(cluster: Cluster, options: PodLogsOptions) {
    this.#cluster = cluster;
    this.#options = options;
  }

  /** Starts what is new in a pod and ends what is no longer wanted. */
  observe(pod: KubeObject): void {
    const isReady = isPodReady(pod) && !this.#options.untilEnd;
    for (const container of containersOf(pod)) {
      const run = runOf(container);
      if (run === undefined) continue;
      const key = `${pod.metadata.uid} ${container.name} ${run}`;
      const stream = this.#streams.get(key);
      if (stream === undefined && !(isReady && startedBefore(container, this.#options.since)))
        this.#start(key, pod, container.name);
      if (isReady) this.#streams.get(key)?.stop.abort();
    }
  }

  /** Lets the last lines arrive and ends all streams. */
  async close(): Promise<void> {
    for (const { stop } of this.#streams.values()) stop.abort();
    await Promise.all([...this.#streams.values()].map(({ ended }) => ended));
  }

  #start(key: string, pod: KubeObject, container: string): void {
    const stop = new AbortController();
    const ended = this.#follow(pod, container, stop.signal).catch(() => undefined);
    this.#streams.set(key, { stop, ended });
  }

  async #follow(pod: KubeObject, container: string, stop: AbortSignal): Promise<void> {
    const { events, pathOf, filterOf, since } = this.#options;
    const cut = new AbortController();
    stop.addEventListener(
      "abort",
      () => void sleep(DRAIN_MS, undefined, { ref: true }).then(() => cut.abort()),
      { once: true },
    );
    const path = pathOf(pod, container);
    const isShown = filterOf(container);
    const place = `${pod.metadata.uid} ${container}`;
    const budget = lineBudget((skipped) =>
      events({ type: "notice", path, level: "warning", text: `${skipped} lines were left out` }),
    );
    const lines = this.#cluster.logs(
      { namespace: pod.metadata.namespace ?? "", name: pod.metadata.name },
      {
        container,
        follow: true,
        since: this.#lastTime.get(place) ?? since.toISOString(),
        signal: cut.signal,
      },
    );
    for await (const { time, text } of lines) {
      const last = this.#lastTime.get(place);
      if (last !== undefined && time <= last) continue;
      this.#lastTime.set(place, time);
      if (isShown(text) && budget.take()) events({ type: "log", path, text });
    }
    budget.settle();
  }
}

function startedBefore(container: ContainerStatus, since: Date): boolean {
  const started = Date.parse(container.state?.running?.startedAt ?? "");
  // Kubernetes gives whole seconds.
  return started + 1000 < since.getTime();
}

function lineBudget(onSkipped: (count: number) => void): { take(): boolean; settle(): void } {
  let second = 0;
  let used = 0;
  let skipped = 0;
  const settle = (): void => {
    if (skipped > 0) onSkipped(skipped);
    skipped = 0;
  };
  return {
    take() {
      const now = Math.floor(performance.now() / 1000);
      if (now !== second) {
        settle();
        second = now;
        used = 0;
      }
      if (used++ < LINES_PER_SECOND) return true;
      skipped++;
      return false;
    },
    settle,
  };
}

/** The last lines a container wrote before it ended. */
export async function lastWords(
  cluster: Cluster,
  pod: KubeObject,
  container: string,
  signal?: AbortSignal,
): Promise<string[]> {
  const id = { namespace: pod.metadata.namespace ?? "", name: pod.metadata.name };
  for (const previous of [false, true]) {
    const lines: string[] = [];
    try {
      for await (const line of cluster.logs(id, {
        container,
        previous,
        tailLines: 20,
        ...(signal ? { signal } : {}),
      })) {
        if (line.text.trim() !== "") lines.push(line.text);
      }
    } catch {
      signal?.throwIfAborted();
    }
    if (lines.length > 0) return lines;
  }
  return [];
}

const TELLING = /(?:error|exception|panic|fatal|cannot|not found|denied|refused)\b/i;

/** The line of a log that most likely names the cause, and the last one where that is another. */
export function tellingLines(lines: readonly string[]): string[] {
  const last = lines.at(-1);
  if (last === undefined) return [];
  const telling =
    lines.findLast((line) => /^[\w.]*(?:Error|Exception)\b/.test(line.trim())) ??
    lines.findLast((line) => TELLING.test(line));
  return telling === undefined || telling === last ? [last.trim()] : [telling.trim(), last.trim()];
}
