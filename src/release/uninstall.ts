import { SlipwayError } from "#errors";
import { type EventPath, during } from "#events";
import { type KubeObject, idOf, objectName, readManifest } from "#kube";
import { atMost } from "./at-most.ts";
import { guarded } from "./guard.ts";
import { deleteHook, runHooks } from "./hooks.ts";
import { readLive, withNamespaces } from "./live.ts";
import { uninstallGroups } from "./order.ts";
import { isKept, isOwned } from "./ownership.ts";
import { objectKey } from "./plan.ts";
import { type ReleaseRecord, deleteRecord, readRecords, updateRecord } from "./record.ts";
import type { UninstallRequest, UninstallResult } from "./request.ts";

const TIMEOUT_MS = 300_000;
const DELETES_AT_ONCE = 8;

/**
 * Removes a release: its objects in reverse order, its hooks, its records, and on request its namespace; waits until they
 * are gone. Objects that are kept by policy or belong to somebody else stay and are named in the result.
 *
 * @throws {SlipwayError} RELEASE_DELETE_TIMEOUT when something does not go away; those of kube.
 */
export async function uninstallRelease(request: UninstallRequest): Promise<UninstallResult> {
  const { cluster, namespace, events } = request;
  const path = request.path ?? [`release ${request.name}`];
  const options = request.signal ? { signal: request.signal } : {};
  const namespaceId = { apiVersion: "v1", kind: "Namespace", name: namespace };
  return during(events, path, async (end) => {
    const records = await readRecords(cluster, request, request.signal);
    const result =
      records.length === 0
        ? { existed: false, kept: [] }
        : await guarded(cluster, request, { events, path, ...options }, (signal) =>
            uninstallGuarded(request, path, signal),
          );
    if (
      request.deleteNamespace &&
      (await cluster.delete(namespaceId, { propagation: "Foreground", ...options }))
    ) {
      await awaitGone(request, [{ ...namespaceId, metadata: { name: namespace } }]);
      events({ type: "notice", path, level: "info", text: `${objectName(namespaceId)} deleted` });
    }
    if (!result.existed) end("skipped", "there is no such release");
    return result;
  });
}

async function uninstallGuarded(
  request: UninstallRequest,
  path: EventPath,
  signal: AbortSignal,
): Promise<UninstallResult> {
  const { cluster, events } = request;
  const records = await readRecords(cluster, request, signal);
  const last = records.at(-1);
  if (last === undefined) return { existed: false, kept: [] };
  const leaving: ReleaseRecord = {
    ...last,
    status: "uninstalling",
    description: "Deletion in progress (or silently failed)",
  };
  await updateRecord(cluster, leaving, new Date(), signal);

  const hookOptions = {
    events,
    path,
    signal,
    deadline: Date.now() + (request.timeoutMs ?? TIMEOUT_MS),
    onRun: () => undefined,
  };
  await runHooks(cluster, request, last.hooks, "pre-delete", hookOptions);
  const kept = await deleteObjects(request, path, records, signal);
  await runHooks(cluster, request, last.hooks, "post-delete", hookOptions);
  if (request.deleteHooks ?? true) {
    for (const hook of last.hooks) await deleteHook(cluster, request, hook, signal);
  }
  if (request.keepHistory) {
    const deleted = new Date().toISOString();
    await updateRecord(
      cluster,
      { ...leaving, status: "uninstalled", description: "Uninstallation complete", deleted },
      new Date(),
      signal,
    );
  } else {
    // The last revision goes last: as long as it is there, a second run finds the release.
    for (const record of records) await deleteRecord(cluster, request, record.revision, signal);
  }
  return { existed: true, kept };
}

/** Deletes what any recorded revision may have left and the release still owns. */
async function deleteObjects(
  request: UninstallRequest,
  path: EventPath,
  records: readonly ReleaseRecord[],
  signal: AbortSignal,
): Promise<string[]> {
  const { cluster, namespace, events } = request;
  const named = records.flatMap((record) => readManifest(record.manifest).map(({ object }) => object));
  const objects = await withNamespaces(cluster, named, namespace, signal);
  const keptKeys = new Set(objects.filter(isKept).map(objectKey));
  const live = await readLive(cluster, objects, signal);
  const kept: string[] = [];
  for (const group of uninstallGroups(live, (object) => object)) {
    const leaving = group.filter((object) => {
      const { kind, name } = idOf(object);
      const isStaying = isKept(object) || keptKeys.has(objectKey(object));
      if (!isStaying && isOwned(object, request)) return true;
      const why = isStaying
        ? "helm.sh/resource-policy is keep"
        : "resource does not belong to the helm release";
      events({ type: "notice", path, level: "info", text: `Will not delete ${kind}/${name}: ${why}` });
      kept.push(`${kind}/${name}`);
      return false;
    });
    await atMost(DELETES_AT_ONCE, leaving, async (object) => {
      await cluster.delete(idOf(object), {
        propagation: "Foreground",
        uid: object.metadata.uid ?? "",
        signal,
      });
      events({ type: "notice", path, level: "info", text: `${objectName(idOf(object))} deleted` });
    });
    await awaitGone(request, leaving);
  }
  return kept;
}

async function awaitGone(request: UninstallRequest, objects: readonly KubeObject[]): Promise<void> {
  const timeoutMs = request.timeoutMs || TIMEOUT_MS;
  await atMost(DELETES_AT_ONCE, objects, async (object) => {
    const { uid } = object.metadata;
    const options = {
      timeoutMs,
      ...(uid === undefined ? {} : { uid }),
      ...(request.signal ? { signal: request.signal } : {}),
    };
    if (await request.cluster.awaitAbsent(idOf(object), options)) return;
    throw new SlipwayError(
      "RELEASE_DELETE_TIMEOUT",
      `Cannot delete ${objectName(idOf(object))}: it is still there after ${timeoutMs / 1000} s`,
      {
        hint: "Look for its finalizers and its pods with kubectl describe, then run the command again",
      },
    );
  });
}
