import { SlipwayError } from "#errors";
import { type EventPath, type EventSink, during } from "#events";
import {
  type Cluster,
  type KubeObject,
  type ObjectId,
  idOf,
  isKubeError,
  objectName,
  readManifest,
} from "#kube";
import { isTracked, track } from "#tracking";
import { withNamespace } from "./live.ts";
import { type ReleaseName, withOwner } from "./ownership.ts";
import type { HookRun } from "./record.ts";
import type { Hook } from "./request.ts";

export interface HookOptions {
  readonly events: EventSink;
  readonly path: EventPath;
  readonly signal: AbortSignal;
  /** When everything must be over, by Date.now(). */
  readonly deadline: number;
  readonly statusPeriodMs?: number | undefined;
  /** Told when a hook has run, for the record. */
  readonly onRun: (hook: Hook, run: HookRun) => void;
}

const DELETE_WITHIN_MS = 60_000;

/** The hooks of an event in the order they run: by weight, then by name. */
export function hooksFor(hooks: readonly Hook[], event: string): Hook[] {
  return hooks
    .filter((hook) => hook.events.includes(event))
    .sort((a, b) => a.weight - b.weight || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/**
 * Runs the hooks of an event one after the other; a Job is waited for, other kinds count as done when they are made.
 *
 * @see werf 1.1, "Deploy process"
 */
export async function runHooks(
  cluster: Cluster,
  release: ReleaseName,
  hooks: readonly Hook[],
  event: string,
  options: HookOptions,
): Promise<void> {
  const due = hooksFor(hooks, event);
  for (const hook of due) {
    await during(options.events, [...options.path, `${event} hook ${hook.name}`], () =>
      runHook(cluster, release, hook, event, options),
    );
  }
  for (const hook of due) {
    if (policiesOf(hook).includes("hook-succeeded")) await deleteHook(cluster, release, hook, options.signal);
  }
}

async function runHook(
  cluster: Cluster,
  release: ReleaseName,
  hook: Hook,
  event: string,
  options: HookOptions,
): Promise<void> {
  const startedAt = new Date().toISOString();
  const finish = (phase: HookRun["phase"]): void =>
    options.onRun(hook, { startedAt, completedAt: new Date().toISOString(), phase });
  try {
    if (policiesOf(hook).includes("before-hook-creation"))
      await deleteHook(cluster, release, hook, options.signal);
    const objects = await objectsOf(cluster, release, hook, options.signal);
    for (const object of objects) await createHook(cluster, withOwner(object, release), options.signal);
    await track(cluster, objects.filter(isTracked), {
      events: options.events,
      path: [...options.path, `${event} hook ${hook.name}`],
      signal: options.signal,
      timeoutMs: Math.max(1, options.deadline - Date.now()),
      since: new Date(startedAt),
      ...(options.statusPeriodMs === undefined ? {} : { statusPeriodMs: options.statusPeriodMs }),
    });
    finish("Succeeded");
  } catch (error) {
    finish("Failed");
    if (policiesOf(hook).includes("hook-failed")) {
      await deleteHook(cluster, release, hook, options.signal).catch(() => undefined);
    }
    throw error;
  }
}

/** Removes the objects of a hook and waits until they are gone. */
export async function deleteHook(
  cluster: Cluster,
  release: ReleaseName,
  hook: Hook,
  signal: AbortSignal,
): Promise<void> {
  for (const object of await objectsOf(cluster, release, hook, signal)) {
    const id: ObjectId = idOf(object);
    if (!(await cluster.delete(id, { propagation: "Background", signal }))) continue;
    if (!(await cluster.awaitAbsent(id, { timeoutMs: DELETE_WITHIN_MS, signal }))) {
      throw new SlipwayError(
        "RELEASE_HOOK_STUCK",
        `Cannot run hook ${objectName(id)}: the old one does not go away`,
        {
          hint: "Look for finalizers of the object with kubectl get -o yaml",
        },
      );
    }
  }
}

async function createHook(cluster: Cluster, object: KubeObject, signal: AbortSignal): Promise<void> {
  try {
    await cluster.create(object, { fieldManager: "helm", signal });
  } catch (cause) {
    if (!isKubeError(cause, "KUBE_EXISTS")) throw cause;
    throw new SlipwayError(
      "RELEASE_HOOK_EXISTS",
      `${objectName(idOf(object))} hook already exists in the cluster, please set appropriate helm.sh/hook-delete-policy`,
      { cause, hint: "before-hook-creation removes the hook of the last run first" },
    );
  }
}

async function objectsOf(
  cluster: Cluster,
  release: ReleaseName,
  hook: Hook,
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const objects = readManifest(hook.manifest).map(({ object }) => object);
  return Promise.all(objects.map((object) => withNamespace(cluster, object, release.namespace, signal)));
}

function policiesOf(hook: Hook): readonly string[] {
  return hook.deletePolicies.length === 0 ? ["before-hook-creation"] : hook.deletePolicies;
}
