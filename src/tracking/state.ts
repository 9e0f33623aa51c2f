import { type KubeObject, objectName } from "#kube";
import type { TrackSettings } from "./annotations.ts";
import {
  type PodFault,
  containersOf,
  hasProbes,
  isPodReady,
  podFaults,
  restartsOf,
  runOf,
  startOf,
} from "./pod.ts";
import { type Readiness, isObserved, readiness } from "./readiness.ts";

/** One resource that is waited for. */
export interface Target {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly settings: TrackSettings;
}

/** A failure that was counted. */
export interface Failure {
  readonly target: Target;
  readonly pod?: KubeObject;
  readonly fault: Pick<PodFault, "reason" | "message" | "hasCrashed"> & { readonly container?: string };
}

export type Verdict =
  | { readonly state: "waiting" }
  | { readonly state: "ready" }
  | { readonly state: "failed"; readonly failure: Failure };

interface Tracked extends Target {
  live: KubeObject | undefined;
  wasSeen: boolean;
  failures: number;
  last: Failure | undefined;
  fatal: Failure | undefined;
}

interface CountedFault {
  readonly since: number;
  countedAt: number | undefined;
}

/** A fault that lasts this long counts once more, so that one which never changes is not borne for ever. */
const RECOUNT_MS = 10_000;
const SETTLED_MS = 2_000;
const SETTLED_AFTER_CRASH_MS = 10_000;
/** What kubelet says of a pod whose containers cannot even begin. */
const TROUBLES = new Set(["FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox"]);
const HARMLESS_EVENTS = new Set(["RecreatingFailedPod", "FailedDelete"]);

/**
 * What is known of the resources, and the judgement that follows. Takes changes with the time they were seen; does
 * nothing by itself.
 */
export class TrackState {
  readonly #targets: Tracked[];
  readonly #pods = new Map<string, KubeObject>();
  readonly #replicaSets = new Map<string, KubeObject>();
  readonly #faults = new Map<string, CountedFault>();
  readonly #eventCounts = new Map<string, number>();
  readonly #scalingUp = new Set<string>();
  readonly #readySince = new Map<string, { readonly runs: string; readonly since: number }>();
  readonly #troubles = new Map<string, PodFault>();
  readonly #graceMs: number;
  readonly #onBorne: (target: Target, failures: number, failure: Failure) => void;

  /** @param onBorne told of every failure that is counted and not fatal. */
  constructor(
    targets: readonly Target[],
    graceMs: number,
    onBorne: (target: Target, failures: number, failure: Failure) => void,
  ) {
    this.#targets = targets.map((target) => ({
      ...target,
      live: undefined,
      wasSeen: false,
      failures: 0,
      last: undefined,
      fatal: undefined,
    }));
    this.#graceMs = graceMs;
    this.#onBorne = onBorne;
  }

  observe(type: "added" | "modified" | "deleted", object: KubeObject): void {
    const uid = object.metadata.uid ?? "";
    if (object.kind === "Pod") {
      if (type === "deleted") this.#pods.delete(uid);
      else this.#pods.set(uid, object);
    } else if (object.kind === "ReplicaSet") {
      if (type === "deleted") this.#replicaSets.delete(uid);
      else this.#replicaSets.set(uid, object);
    } else {
      const target = this.#targets.find((each) => isOf(each, object));
      if (target === undefined) return;
      target.live = type === "deleted" ? undefined : object;
      target.wasSeen = true;
    }
  }

  /** An event of the API; `isNew` when it happened since tracking began. Returns the target it is about. */
  observeEvent(event: KubeObject, isNew: boolean): Target | undefined {
    const involved = event["involvedObject"] as
      | { kind?: string; name?: string; namespace?: string; uid?: string }
      | undefined;
    const target = this.#targets.find((each) => this.#isAbout(each, involved));
    const reason = String(event["reason"] ?? "");
    if (reason === "TriggeredScaleUp" && involved?.uid !== undefined) this.#scalingUp.add(involved.uid);
    if (isNew && TROUBLES.has(reason) && involved?.uid !== undefined) {
      this.#troubles.set(involved.uid, troubleOf(reason, String(event["message"] ?? "")));
    }
    const uid = event.metadata.uid ?? "";
    const count = Number(event["count"] ?? (event["series"] as { count?: number } | undefined)?.count ?? 1);
    const counted = this.#eventCounts.get(uid) ?? (isNew ? 0 : count);
    this.#eventCounts.set(uid, count);
    if (
      target === undefined ||
      involved?.kind === "Pod" ||
      !reason.includes("Failed") ||
      HARMLESS_EVENTS.has(reason)
    )
      return target;
    for (let at = counted; at < count; at++) {
      this.#count(target, {
        target,
        fault: { reason, message: String(event["message"] ?? ""), hasCrashed: false },
      });
    }
    return target;
  }

  /** Counts what has gone wrong by now. */
  judge(now: number): Verdict {
    for (const target of this.#targets) this.#countFaults(target, now);
    const open = this.#targets.filter((target) => !this.#isDone(target, now));
    const failed = open.find((target) => this.#isFailed(target, open));
    if (failed !== undefined)
      return { state: "failed", failure: failed.fatal ?? failed.last ?? lost(failed) };
    return open.some((target) => target.settings.isBlocking) ? { state: "waiting" } : { state: "ready" };
  }

  /** The pods of a target that the present chart made, by name. */
  podsOf(target: Target): KubeObject[] {
    const live = this.#targets.find(
      (each) => each.kind === target.kind && each.name === target.name && each.namespace === target.namespace,
    )?.live;
    if (live === undefined) return [];
    const owner = target.kind === "Deployment" ? this.#newestReplicaSet(live) : live;
    return [...this.#pods.values()]
      .filter((pod) => owner !== undefined && isOwnedBy(pod, owner) && isCurrent(pod, live))
      .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  }

  get targets(): readonly Target[] {
    return this.#targets;
  }

  readinessOf(target: Target): Readiness | undefined {
    const live = (target as Tracked).live;
    return live === undefined ? undefined : readiness(live);
  }

  #isDone(target: Tracked, now: number): boolean {
    const { live } = target;
    if (live === undefined || !readiness(live).isReady) return false;
    if (target.kind === "Job") return true;
    const pods = this.podsOf(target);
    const wanted =
      target.kind === "Deployment" ? ((live["spec"] as { replicas?: number } | undefined)?.replicas ?? 1) : 0;
    // Every pod is looked at, so that one which only seems to be ready is not left out.
    return pods.map((pod) => this.#isSettled(pod, now)).every(Boolean) && pods.length >= wanted;
  }

  /**
   * Whether a ready pod is to be believed. A container without a readiness probe is ready for Kubernetes as soon as it runs,
   * also one that is about to crash, so it has to last a moment; and longer when it has crashed before.
   */
  #isSettled(pod: KubeObject, now: number): boolean {
    const uid = pod.metadata.uid ?? "";
    const runs = containersOf(pod).map(runOf).join(" ");
    if (!isPodReady(pod)) {
      this.#readySince.delete(uid);
      return false;
    }
    const known = this.#readySince.get(uid);
    // Start times are cut to whole seconds.
    const since = known?.runs === runs ? known.since : Math.min(now, startOf(pod) + 1000);
    this.#readySince.set(uid, { runs, since });
    const neededMs = restartsOf(pod) > 0 ? SETTLED_AFTER_CRASH_MS : hasProbes(pod) ? 0 : SETTLED_MS;
    return now - since >= neededMs;
  }

  #isFailed(target: Tracked, open: readonly Tracked[]): boolean {
    const { failMode, allowedFailures } = target.settings;
    if (failMode === "IgnoreAndContinueDeployProcess") return false;
    const final = target.live === undefined ? undefined : readiness(target.live).failure;
    if (final !== undefined) {
      const cause = target.last?.fault;
      const message = cause === undefined ? final : `${final}; ${cause.reason}: ${cause.message}`;
      target.fatal ??= {
        ...target.last,
        target,
        fault: { ...cause, reason: "Failed", message, hasCrashed: cause?.hasCrashed ?? false },
      };
    } else if (target.live === undefined && target.wasSeen) {
      target.fatal ??= lost(target);
    }
    if (target.fatal === undefined && target.failures <= allowedFailures) return false;
    return failMode === "FailWholeDeployProcessImmediately" || open.every((other) => this.#isHopeless(other));
  }

  #isHopeless(target: Tracked): boolean {
    return (
      target.fatal !== undefined ||
      target.failures > target.settings.allowedFailures ||
      !target.settings.isBlocking
    );
  }

  #countFaults(target: Tracked, now: number): void {
    for (const pod of this.podsOf(target)) {
      const uid = pod.metadata.uid ?? "";
      const trouble = containersOf(pod).some((container) => runOf(container) !== undefined)
        ? undefined
        : this.#troubles.get(uid);
      const faults = isPodReady(pod) ? [] : [...podFaults(pod), ...(trouble === undefined ? [] : [trouble])];
      const present = new Set(faults.map((fault) => `${uid} ${fault.key}`));
      for (const key of this.#faults.keys())
        if (key.startsWith(uid) && !present.has(key)) this.#faults.delete(key);
      for (const fault of faults) this.#countFault(target, pod, fault, now);
    }
  }

  #countFault(target: Tracked, pod: KubeObject, fault: PodFault, now: number): void {
    const uid = pod.metadata.uid ?? "";
    if (fault.reason === "Unschedulable" && this.#scalingUp.has(uid)) return;
    const key = `${uid} ${fault.key}`;
    const known = this.#faults.get(key) ?? { since: now, countedAt: undefined };
    this.#faults.set(key, known);
    const isDue =
      known.countedAt === undefined
        ? !fault.mayPass || now - known.since >= this.#graceMs
        : !fault.hasCrashed && now - known.countedAt >= RECOUNT_MS;
    if (!isDue) return;
    known.countedAt = now;
    const failure: Failure = { target, pod, fault };
    if (fault.isFinal) target.fatal ??= failure;
    this.#count(target, failure);
  }

  #count(target: Tracked, failure: Failure): void {
    target.failures++;
    target.last = failure;
    if (target.fatal === undefined && target.failures <= target.settings.allowedFailures) {
      this.#onBorne(target, target.failures, failure);
    }
  }

  #newestReplicaSet(deployment: KubeObject): KubeObject | undefined {
    const owned = [...this.#replicaSets.values()].filter((set) => isOwnedBy(set, deployment));
    if (!isObserved(deployment)) return undefined;
    return owned.sort((a, b) => revisionOf(b) - revisionOf(a))[0];
  }

  #isAbout(
    target: Tracked,
    involved: { kind?: string; name?: string; namespace?: string; uid?: string } | undefined,
  ): boolean {
    if (involved === undefined || target.live === undefined) return false;
    if (involved.kind === target.kind)
      return involved.name === target.name && involved.namespace === target.namespace;
    if (involved.kind === "ReplicaSet" && target.kind === "Deployment") {
      return this.#newestReplicaSet(target.live)?.metadata.uid === involved.uid;
    }
    return involved.kind === "Pod" && this.podsOf(target).some((pod) => pod.metadata.uid === involved.uid);
  }
}

/** `deploy/web`, and the namespace only where it is told apart by it. */
export function targetName(target: Target): string {
  return objectName(target);
}

function troubleOf(reason: string, message: string): PodFault {
  return { key: reason, reason, message, hasCrashed: false, isFinal: false, mayPass: true };
}

function isOf(target: Target, object: KubeObject): boolean {
  const { name, namespace = "" } = object.metadata;
  return target.kind === object.kind && target.name === name && target.namespace === namespace;
}

function isOwnedBy(object: KubeObject, owner: KubeObject): boolean {
  return object.metadata.ownerReferences?.some((reference) => reference.uid === owner.metadata.uid) ?? false;
}

/** Whether a pod is of the present template, for controllers that say so on the pod. */
function isCurrent(pod: KubeObject, owner: KubeObject): boolean {
  const labels = pod.metadata.labels ?? {};
  if (owner.kind === "StatefulSet") {
    const revision = (owner["status"] as { updateRevision?: string } | undefined)?.updateRevision;
    return revision === undefined || labels["controller-revision-hash"] === revision;
  }
  if (owner.kind === "DaemonSet") {
    const generation = owner.metadata.annotations?.["deprecated.daemonset.template.generation"];
    const own = labels["pod-template-generation"];
    return generation === undefined || own === undefined || own === generation;
  }
  return true;
}

function revisionOf(replicaSet: KubeObject): number {
  return Number(replicaSet.metadata.annotations?.["deployment.kubernetes.io/revision"] ?? 0);
}

function lost(target: Target): Failure {
  return {
    target,
    fault: { reason: "Deleted", message: "it was deleted while it was waited for", hasCrashed: false },
  };
}
