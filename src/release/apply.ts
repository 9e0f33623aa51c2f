import { setTimeout as sleep } from "node:timers/promises";
import type { EventPath, EventSink } from "#events";
import { type Cluster, type KindId, type KubeObject, idOf, isKubeError, objectName } from "#kube";
import { atMost } from "./at-most.ts";
import { installGroups, uninstallGroups } from "./order.ts";
import type { ReleaseName } from "./ownership.ts";
import { type Operation, objectKey, planObject } from "./plan.ts";
import type { ObjectOutcome } from "./request.ts";
import { hasLists, isMap } from "./three-way.ts";

/** Helm's own name among the managers of fields: Helm 4 takes over what is written under it. */
const FIELD_MANAGER = "helm";
const WRITES_AT_ONCE = 8;
const TRIES = 6;
/** How long a kind may be missing after its definition is established. */
const FOUND_WITHIN_MS = 30_000;

export interface ApplyOptions {
  readonly release: ReleaseName;
  readonly isInstall: boolean;
  /** The objects of earlier manifests by objectKey(), for an object that changes under our hands. */
  readonly earlier: readonly KubeObject[];
  readonly events: EventSink;
  readonly path: EventPath;
  readonly signal: AbortSignal;
}

export interface Applied {
  readonly object: KubeObject;
  readonly outcome: ObjectOutcome;
}

/** Does what the plan says: creations and changes in install order, then deletions in reverse. */
export async function applyPlan(
  cluster: Cluster,
  plan: readonly Operation[],
  options: ApplyOptions,
): Promise<Applied[]> {
  const { events, path } = options;
  const done: Applied[] = [];
  const changes = plan.flatMap((operation) => ("object" in operation ? [operation] : []));
  for (const group of installGroups(changes, ({ object }) => object)) {
    const applied = await atMost(WRITES_AT_ONCE, group, async (operation) => {
      const result = await applyChange(cluster, operation, options);
      if (result.outcome !== "unchanged") {
        events({
          type: "notice",
          path,
          level: "info",
          text: `${objectName(idOf(result.object))} ${result.outcome}`,
        });
      }
      return result;
    });
    done.push(...applied);
    if (
      applied.some(
        ({ object, outcome }) => object.kind === "CustomResourceDefinition" && outcome !== "unchanged",
      )
    ) {
      await Promise.all(applied.map(({ object }) => awaitEstablished(cluster, object, options.signal)));
    }
  }
  const removals = plan.flatMap((operation) => ("object" in operation ? [] : [operation]));
  for (const group of uninstallGroups(removals, ({ live }) => live)) {
    done.push(
      ...(await atMost(WRITES_AT_ONCE, group, (operation) => applyRemoval(cluster, operation, options))),
    );
  }
  return done;
}

type Change = Extract<Operation, { readonly object: KubeObject }>;

/** An object that somebody else has changed in between is looked at again. */
async function applyChange(cluster: Cluster, planned: Change, options: ApplyOptions): Promise<Applied> {
  let operation: Operation = planned;
  for (let attempt = 1; ; attempt++) {
    try {
      return await applyOnce(cluster, operation as Change, options);
    } catch (error) {
      if (attempt >= TRIES || !isKubeError(error, "KUBE_EXISTS", "KUBE_CONFLICT", "KUBE_NOT_FOUND"))
        throw error;
      const id = idOf(planned.object);
      let live = await cluster.get(id, { signal: options.signal });
      if (live?.metadata.deletionTimestamp !== undefined) {
        await cluster.awaitAbsent(id, {
          uid: live.metadata.uid ?? "",
          timeoutMs: 60_000,
          signal: options.signal,
        });
        live = await cluster.get(id, { signal: options.signal });
      }
      operation = planObject({
        release: options.release,
        isInstall: options.isInstall,
        object: planned.object,
        earlier: options.earlier.filter((object) => objectKey(object) === objectKey(planned.object)),
        live,
      });
    }
  }
}

async function applyOnce(cluster: Cluster, operation: Change, options: ApplyOptions): Promise<Applied> {
  const { signal, events, path } = options;
  switch (operation.verb) {
    case "unchanged":
      return { object: operation.live, outcome: "unchanged" };
    case "create":
      return {
        object: await cluster.create(operation.object, { fieldManager: FIELD_MANAGER, signal }),
        outcome: "created",
      };
    case "patch": {
      const { live, object } = operation;
      const patched = await cluster.patch(idOf(object), patchBody(operation), {
        type: "merge",
        fieldManager: FIELD_MANAGER,
        signal,
      });
      if (operation.isAdopted) {
        const text = `Resource ${object.kind}/${object.metadata.name} has been adopted using 3-way-merge patch into the release`;
        events({ type: "notice", path, level: "info", text });
      }
      const isChanged = patched.metadata.resourceVersion !== live.metadata.resourceVersion;
      return { object: patched, outcome: isChanged ? "changed" : "unchanged" };
    }
    default:
      return operation satisfies never;
  }
}

/** A patch that replaces a list holds only for the version it was made from. */
function patchBody({ patch, live }: Extract<Operation, { verb: "patch" }>): unknown {
  if (!hasLists(patch) || !isMap(patch)) return patch;
  const metadata = isMap(patch["metadata"]) ? patch["metadata"] : {};
  return { ...patch, metadata: { ...metadata, resourceVersion: live.metadata.resourceVersion } };
}

type Removal = Exclude<Operation, { readonly object: KubeObject }>;

async function applyRemoval(cluster: Cluster, operation: Removal, options: ApplyOptions): Promise<Applied> {
  const { events, path, signal } = options;
  const id = idOf(operation.live);
  if (operation.verb === "keep") {
    events({
      type: "notice",
      path,
      level: "info",
      text: `Will not delete ${id.kind}/${id.name}: ${operation.reason}`,
    });
    return { object: operation.live, outcome: "kept" };
  }
  try {
    await cluster.delete(id, { propagation: "Background", uid: operation.live.metadata.uid ?? "", signal });
    events({ type: "notice", path, level: "info", text: `${objectName(id)} deleted` });
    return { object: operation.live, outcome: "deleted" };
  } catch (error) {
    signal.throwIfAborted();
    // What cannot be deleted must not stop the new version from coming up.
    events({ type: "notice", path, level: "warning", text: (error as Error).message });
    return { object: operation.live, outcome: "kept" };
  }
}

/**
 * Waits until a CustomResourceDefinition is established, and then until its kinds are found: the part of the server that
 * lists kinds learns of a definition later than the part that serves its objects.
 */
export async function awaitEstablished(
  cluster: Cluster,
  object: KubeObject,
  signal: AbortSignal,
): Promise<void> {
  if (object.kind !== "CustomResourceDefinition") return;
  const stop = new AbortController();
  const scope = {
    fieldSelector: `metadata.name=${object.metadata.name}`,
    signal: AbortSignal.any([signal, stop.signal]),
  };
  for await (const change of cluster.watch({ apiVersion: object.apiVersion, kind: object.kind }, scope)) {
    if (change.type === "synced") continue;
    // A definition that was just made has `conditions: null`.
    const { conditions } = (change.object["status"] ?? {}) as {
      conditions?: { type: string; status: string }[] | null;
    };
    if (conditions?.some((condition) => condition.type === "Established" && condition.status === "True"))
      break;
  }
  stop.abort();
  for (const kind of servedKinds(object)) await awaitFound(cluster, kind, signal);
}

async function awaitFound(cluster: Cluster, kind: KindId, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + FOUND_WITHIN_MS;
  for (let waitMs = 20; ; waitMs = Math.min(waitMs * 2, 1000)) {
    cluster.forgetKinds();
    try {
      await cluster.discover(kind, { signal });
      return;
    } catch (error) {
      if (!isKubeError(error, "KUBE_NO_KIND") || Date.now() > deadline) throw error;
    }
    await sleep(waitMs, undefined, { signal });
  }
}

function servedKinds(definition: KubeObject): KindId[] {
  const { group, names, versions } = definition["spec"] as {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions?: readonly { readonly name: string; readonly served: boolean }[];
  };
  return (versions ?? [])
    .filter(({ served }) => served)
    .map(({ name }) => ({ apiVersion: `${group}/${name}`, kind: names.kind }));
}
