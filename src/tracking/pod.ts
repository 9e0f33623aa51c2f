import type { KubeObject } from "#kube";
import { conditionsOf } from "./readiness.ts";

export interface ContainerStatus {
  readonly name: string;
  readonly ready?: boolean;
  readonly restartCount?: number;
  readonly containerID?: string;
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
}

interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly running?: { readonly startedAt?: string };
  readonly terminated?: {
    readonly reason?: string;
    readonly exitCode?: number;
    readonly containerID?: string;
    readonly message?: string;
  };
}

/** Something wrong with a pod. As long as `key` stays the same it is the same occurrence. */
export interface PodFault {
  readonly key: string;
  /** Absent when the pod itself is at fault. */
  readonly container?: string;
  readonly reason: string;
  readonly message: string;
  /** The container ran and ended badly, so its log says why. */
  readonly hasCrashed: boolean;
  /** Nothing cures it but another chart. */
  readonly isFinal: boolean;
  /** It may pass by itself, so it counts only when it has lasted a while. */
  readonly mayPass?: boolean;
}

const WAITING_FAULTS = new Set([
  "ImagePullBackOff",
  "ErrImagePull",
  "CrashLoopBackOff",
  "CreateContainerConfigError",
  "CreateContainerError",
  "RunContainerError",
  "InvalidImageName",
  "ErrImageNeverPull",
]);
const FINAL_FAULTS = new Set(["InvalidImageName", "ErrImageNeverPull"]);

/** @see werf 1.1, "Resource tracking" */
export function podFaults(pod: KubeObject): PodFault[] {
  const status = (pod["status"] ?? {}) as { phase?: string; reason?: string; message?: string };
  const inContainers = containersOf(pod).flatMap((container) => containerFault(container));
  if (status.phase === "Failed") {
    const crashed = containersOf(pod).find((container) => (container.state?.terminated?.exitCode ?? 0) !== 0);
    return [
      {
        key: "pod failed",
        ...(crashed === undefined ? {} : { container: crashed.name }),
        reason: status.reason ?? "Failed",
        message: status.message ?? exitText(crashed?.state?.terminated),
        hasCrashed: crashed !== undefined,
        isFinal: false,
      },
    ];
  }
  const scheduled = conditionsOf(pod).find((condition) => condition.type === "PodScheduled");
  if (scheduled?.status === "False" && scheduled.reason === "Unschedulable") {
    inContainers.push({
      key: "unschedulable",
      reason: "Unschedulable",
      message: scheduled.message ?? "no node takes the pod",
      hasCrashed: false,
      isFinal: false,
      mayPass: true,
    });
  }
  return inContainers;
}

function containerFault(container: ContainerStatus): PodFault[] {
  const waiting = container.state?.waiting;
  if (waiting?.reason === undefined || !WAITING_FAULTS.has(waiting.reason)) return [];
  const hasCrashed = waiting.reason === "CrashLoopBackOff";
  return [
    {
      key: `${container.name} ${waiting.reason} ${container.restartCount ?? 0}`,
      container: container.name,
      reason: waiting.reason,
      message: hasCrashed ? exitText(container.lastState?.terminated) : (waiting.message ?? ""),
      hasCrashed,
      isFinal: FINAL_FAULTS.has(waiting.reason),
    },
  ];
}

/** Init containers first. */
export function containersOf(pod: KubeObject): readonly ContainerStatus[] {
  const status = (pod["status"] ?? {}) as {
    initContainerStatuses?: readonly ContainerStatus[];
    containerStatuses?: readonly ContainerStatus[];
  };
  return [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
}

export function isPodReady(pod: KubeObject): boolean {
  return conditionsOf(pod).some((condition) => condition.type === "Ready" && condition.status === "True");
}

/** Which run of a container the log API would show now; undefined before its first. */
export function runOf(container: ContainerStatus): string | undefined {
  const { state, lastState } = container;
  const id =
    state?.waiting === undefined
      ? container.containerID
      : (lastState?.terminated?.containerID ?? container.containerID);
  return id === undefined || id === "" ? undefined : id;
}

/** How often the pod's containers were started again. */
export function restartsOf(pod: KubeObject): number {
  return containersOf(pod).reduce((sum, container) => sum + (container.restartCount ?? 0), 0);
}

/** When the last of its running containers started, in milliseconds. */
export function startOf(pod: KubeObject): number {
  const starts = containersOf(pod).map((container) => Date.parse(container.state?.running?.startedAt ?? ""));
  return Math.max(-Infinity, ...starts.filter((start) => !Number.isNaN(start)));
}

/** Whether all its containers say themselves when they are ready. */
export function hasProbes(pod: KubeObject): boolean {
  const { containers = [] } = (pod["spec"] ?? {}) as { containers?: readonly { readinessProbe?: unknown }[] };
  return containers.length > 0 && containers.every((container) => container.readinessProbe !== undefined);
}

/** Cells of a pod's table row, after the name: ready, restarts, status. */
export function podCells(pod: KubeObject): string[] {
  const main =
    ((pod["status"] ?? {}) as { containerStatuses?: readonly ContainerStatus[] }).containerStatuses ?? [];
  const total =
    ((pod["spec"] ?? {}) as { containers?: readonly unknown[] }).containers?.length ?? main.length;
  return [
    `${main.filter((container) => container.ready).length}/${total}`,
    String(restartsOf(pod)),
    podState(pod),
  ];
}

/** The word that kubectl shows for a pod's state. */
export function podState(pod: KubeObject): string {
  if (pod.metadata.deletionTimestamp !== undefined) return "Terminating";
  const waiting = containersOf(pod).find((container) => container.state?.waiting?.reason !== undefined);
  const phase = ((pod["status"] ?? {}) as { phase?: string }).phase ?? "Pending";
  return waiting?.state?.waiting?.reason ?? phase;
}

function exitText(ended: ContainerState["terminated"]): string {
  if (ended === undefined) return "";
  const reason = ended.reason === undefined || ended.reason === "Error" ? "" : `${ended.reason}, `;
  return `${reason}exit code ${ended.exitCode ?? "unknown"}`;
}
