import { setTimeout as sleep } from "node:timers/promises";
import type { ObjectList, WatchEvent } from "./cluster.ts";
import { KubeError, errorOfAnswer, isKubeError } from "./kube-error.ts";
import { linesOf } from "./lines.ts";
import type { KubeObject } from "./object.ts";

/** The two calls a watch is made of. */
export interface WatchSource {
  list(): Promise<ObjectList>;
  /** The changes after a version, one JSON text per line. */
  changes(resourceVersion: string): Promise<AsyncIterable<Buffer>>;
}

interface Change {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: KubeObject;
}

/**
 * Lists, then follows changes; after a cut it goes on from the last version seen, and after an expired version it lists anew
 * and tells the difference. Nothing is told twice, nothing is left out.
 *
 * @param patienceMs how long nothing may work before it gives up with the last error.
 */
export async function* follow(
  source: WatchSource,
  patienceMs: number,
  signal?: AbortSignal,
): AsyncGenerator<WatchEvent> {
  const known = new Map<string, KubeObject>();
  let version: string | undefined;
  let isSynced = false;
  let workedAt = Date.now();
  let failures = 0;

  for (;;) {
    signal?.throwIfAborted();
    try {
      if (version === undefined) {
        const list = await source.list();
        yield* differences(known, list.items);
        version = list.resourceVersion;
        if (!isSynced) yield { type: "synced" };
        isSynced = true;
      }
      const stream = await source.changes(version);
      for await (const line of linesOf(stream)) {
        const change = parseChange(line);
        if (change === undefined) break;
        workedAt = Date.now();
        failures = 0;
        if (change.type === "ERROR")
          throw errorOfAnswer(
            "watch",
            Number(change.object["code"] ?? 500),
            line.slice(line.indexOf('"object":') + 9, -1),
          );
        version = change.object.metadata.resourceVersion ?? version;
        if (change.type !== "BOOKMARK") yield eventOf(known, change);
      }
      workedAt = Date.now();
    } catch (error) {
      signal?.throwIfAborted();
      if (isKubeError(error, "KUBE_GONE")) version = undefined;
      else if (!isPassing(error) || Date.now() - workedAt > patienceMs) throw error;
    }
    failures++;
    await sleep(Math.min(5000, 50 * 2 ** failures), undefined, signal ? { signal } : {});
  }
}

/** What a new list says that was not known, as events. */
function* differences(known: Map<string, KubeObject>, items: readonly KubeObject[]): Generator<WatchEvent> {
  const before = new Map(known);
  known.clear();
  for (const object of items) {
    const key = keyOf(object);
    const old = before.get(key);
    before.delete(key);
    known.set(key, object);
    if (old === undefined) yield { type: "added", object };
    else if (old.metadata.resourceVersion !== object.metadata.resourceVersion)
      yield { type: "modified", object };
  }
  for (const object of before.values()) yield { type: "deleted", object };
}

function eventOf(known: Map<string, KubeObject>, change: Change): WatchEvent {
  const key = keyOf(change.object);
  if (change.type === "DELETED") {
    known.delete(key);
    return { type: "deleted", object: change.object };
  }
  const isKnown = known.has(key);
  known.set(key, change.object);
  return { type: isKnown ? "modified" : "added", object: change.object };
}

function keyOf(object: KubeObject): string {
  return object.metadata.uid ?? `${object.metadata.namespace}/${object.metadata.name}`;
}

/** Undefined for a line that a cut connection left unfinished. */
function parseChange(line: string): Change | undefined {
  try {
    return JSON.parse(line) as Change;
  } catch {
    return undefined;
  }
}

function isPassing(error: unknown): boolean {
  return !(error instanceof KubeError) || isKubeError(error, "KUBE_UNREACHABLE", "KUBE_SERVER", "KUBE_BUSY");
}
