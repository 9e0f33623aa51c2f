import type { KubeVersion } from "./capabilities.ts";

interface Deprecation {
  readonly from: string;
  readonly gone: string;
  readonly use?: string;
}

const WORKLOADS = ["Deployment", "DaemonSet", "ReplicaSet", "StatefulSet"];

/**
 * API versions that Kubernetes gave up, with the version that warned first.
 *
 * @see https://kubernetes.io/docs/reference/using-api/deprecation-guide/
 */
const DEPRECATIONS: ReadonlyMap<string, Deprecation> = new Map<string, Deprecation>([
  ...WORKLOADS.map(
    (kind) => [`extensions/v1beta1 ${kind}`, { from: "1.8", gone: "1.16", use: "apps/v1" }] as const,
  ),
  ...WORKLOADS.map(
    (kind) => [`apps/v1beta1 ${kind}`, { from: "1.8", gone: "1.16", use: "apps/v1" }] as const,
  ),
  ...WORKLOADS.map(
    (kind) => [`apps/v1beta2 ${kind}`, { from: "1.9", gone: "1.16", use: "apps/v1" }] as const,
  ),
  ["extensions/v1beta1 NetworkPolicy", { from: "1.9", gone: "1.16", use: "networking.k8s.io/v1" }],
  ["extensions/v1beta1 Ingress", { from: "1.14", gone: "1.22", use: "networking.k8s.io/v1" }],
  ["networking.k8s.io/v1beta1 Ingress", { from: "1.19", gone: "1.22", use: "networking.k8s.io/v1" }],
  ["networking.k8s.io/v1beta1 IngressClass", { from: "1.19", gone: "1.22", use: "networking.k8s.io/v1" }],
  ["batch/v1beta1 CronJob", { from: "1.21", gone: "1.25", use: "batch/v1" }],
  ["policy/v1beta1 PodDisruptionBudget", { from: "1.21", gone: "1.25", use: "policy/v1" }],
  ["policy/v1beta1 PodSecurityPolicy", { from: "1.21", gone: "1.25" }],
  ["autoscaling/v2beta1 HorizontalPodAutoscaler", { from: "1.22", gone: "1.25", use: "autoscaling/v2" }],
  ["autoscaling/v2beta2 HorizontalPodAutoscaler", { from: "1.23", gone: "1.26", use: "autoscaling/v2" }],
  ["discovery.k8s.io/v1beta1 EndpointSlice", { from: "1.21", gone: "1.25", use: "discovery.k8s.io/v1" }],
]);

/** The warning for an object of a deprecated API, or undefined. */
export function deprecationOf(apiVersion: string, kind: string, kube: KubeVersion): string | undefined {
  const found = DEPRECATIONS.get(`${apiVersion} ${kind}`);
  if (found === undefined) return undefined;
  const [major = 0, minor = 0] = found.from.split(".").map(Number);
  const [ownMajor, ownMinor] = [Number.parseInt(kube.major, 10), Number.parseInt(kube.minor, 10)];
  if (ownMajor < major || (ownMajor === major && ownMinor < minor)) return undefined;
  const use = found.use === undefined ? "" : `; use ${found.use} ${kind}`;
  return `${apiVersion} ${kind} is deprecated in v${found.from}+, unavailable in v${found.gone}+${use}`;
}
