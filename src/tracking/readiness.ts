import type { KubeObject } from "#kube";

/** How far a workload is. `failure` is an end that no waiting changes. */
export interface Readiness {
  readonly isReady: boolean;
  readonly failure?: string;
  /** Cells of its table row, after the name. */
  readonly cells: readonly string[];
  /** What is still missing, for people. */
  readonly waitingFor: string;
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

type Numbers = Readonly<Record<string, number | undefined>>;

/** @see werf 1.1, "Resource tracking" */
export function readiness(object: KubeObject): Readiness {
  switch (object.kind) {
    case "Deployment":
      return deploymentReadiness(object);
    case "StatefulSet":
      return statefulSetReadiness(object);
    case "DaemonSet":
      return daemonSetReadiness(object);
    case "Job":
      return jobReadiness(object);
    default:
      return { isReady: true, cells: [], waitingFor: "" };
  }
}

function deploymentReadiness(object: KubeObject): Readiness {
  const wanted = numbersOf(object, "spec")["replicas"] ?? 1;
  const {
    updatedReplicas: updated = 0,
    replicas = 0,
    availableReplicas: available = 0,
  } = numbersOf(object, "status");
  const progressing = conditionsOf(object).find((condition) => condition.type === "Progressing");
  const isLate =
    isObserved(object) &&
    progressing?.status === "False" &&
    progressing.reason === "ProgressDeadlineExceeded";
  return {
    isReady: isObserved(object) && updated === wanted && replicas === wanted && available === wanted,
    ...(isLate ? { failure: `ProgressDeadlineExceeded: ${progressing?.message ?? ""}` } : {}),
    cells: [`${replicas}/${wanted}`, String(available), String(updated)],
    waitingFor: missing([
      ["up-to-date", updated, wanted],
      ["replicas", replicas, wanted],
      ["available", available, wanted],
    ]),
  };
}

function statefulSetReadiness(object: KubeObject): Readiness {
  const spec = object["spec"] as {
    replicas?: number;
    updateStrategy?: { type?: string; rollingUpdate?: { partition?: number } };
  };
  const status = object["status"] as { updateRevision?: string; currentRevision?: string } | undefined;
  const wanted = spec.replicas ?? 1;
  const {
    updatedReplicas: updated = 0,
    readyReplicas: ready = 0,
    replicas = 0,
  } = numbersOf(object, "status");
  const isSettled = status?.updateRevision === status?.currentRevision;
  const partition = spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  const isUpdated =
    spec.updateStrategy?.type === "OnDelete"
      ? updated >= wanted || (updated === 0 && isSettled)
      : partition > 0
        ? updated >= wanted - partition
        : isSettled;
  return {
    isReady: isObserved(object) && ready >= wanted && isUpdated,
    cells: [`${replicas}/${wanted}`, String(ready), String(updated)],
    waitingFor: missing([
      ["ready", ready, wanted],
      ["up-to-date", isUpdated ? wanted : updated, wanted],
    ]),
  };
}

function daemonSetReadiness(object: KubeObject): Readiness {
  const spec = object["spec"] as { updateStrategy?: { type?: string } };
  const {
    desiredNumberScheduled: wanted = 0,
    updatedNumberScheduled: updated = 0,
    numberAvailable: available = 0,
    currentNumberScheduled: current = 0,
  } = numbersOf(object, "status");
  const isRolling = (spec.updateStrategy?.type ?? "RollingUpdate") === "RollingUpdate";
  return {
    isReady: !isRolling || (isObserved(object) && updated === wanted && available === wanted),
    cells: [`${current}/${wanted}`, String(available), String(updated)],
    waitingFor: missing([
      ["up-to-date", updated, wanted],
      ["available", available, wanted],
    ]),
  };
}

function jobReadiness(object: KubeObject): Readiness {
  const { active = 0, succeeded = 0, failed = 0, terminating = 0 } = numbersOf(object, "status");
  const done = conditionsOf(object).find(
    (condition) => condition.type === "Complete" && condition.status === "True",
  );
  const dead = conditionsOf(object).find(
    (condition) => condition.type === "Failed" && condition.status === "True",
  );
  const isSuspended = (object["spec"] as { suspend?: boolean } | undefined)?.suspend === true;
  return {
    isReady: (done !== undefined && terminating === 0) || isSuspended,
    ...(dead === undefined ? {} : { failure: [dead.reason, dead.message].filter(Boolean).join(": ") }),
    cells: [String(active), `${succeeded}/${failed}`],
    waitingFor: "completion",
  };
}

/** Whether the controller has seen the latest change of the spec. */
export function isObserved(object: KubeObject): boolean {
  const observed = numbersOf(object, "status")["observedGeneration"] ?? 0;
  return observed >= (object.metadata.generation ?? 0);
}

export function conditionsOf(object: KubeObject): readonly Condition[] {
  return (object["status"] as { conditions?: readonly Condition[] } | undefined)?.conditions ?? [];
}

function numbersOf(object: KubeObject, part: "spec" | "status"): Numbers {
  return (object[part] ?? {}) as Numbers;
}

function missing(counts: readonly (readonly [string, number, number])[]): string {
  return counts
    .flatMap(([name, is, wanted]) => (is === wanted ? [] : [`${name} ${is}->${wanted}`]))
    .join(", ");
}
