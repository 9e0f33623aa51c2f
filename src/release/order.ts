import type { KindId } from "#kube";

/**
 * Kinds in the order of installation. The kinds of one row do not need each other and are applied side by side; a row waits
 * for the one before it. Reading the rows in turn gives Helm's own order.
 *
 * @see Helm 3.22, pkg/releaseutil/kind_sorter.go, InstallOrder
 */
const ROWS: readonly (readonly string[])[] = [
  ["PriorityClass", "Namespace"],
  ["NetworkPolicy", "ResourceQuota", "LimitRange", "PodSecurityPolicy", "PodDisruptionBudget"],
  [
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
  ],
  ["CustomResourceDefinition"],
  [
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
  ],
  ["Service"],
  [
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
  ],
  ["IngressClass", "Ingress", "APIService"],
];

const KINDS = ROWS.flat();
const ROW_OF = new Map(ROWS.flatMap((kinds, row) => kinds.map((kind) => [kind, row] as const)));

/** Groups to apply one after the other; the members of a group side by side. Kinds not known to Helm come last, by name. */
export function installGroups<T>(items: readonly T[], kindOf: (item: T) => KindId): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of inInstallOrder(items, kindOf)) {
    const { kind } = kindOf(item);
    const key = String(ROW_OF.get(kind) ?? kind);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups.values()];
}

/** The reverse of installGroups(). */
export function uninstallGroups<T>(items: readonly T[], kindOf: (item: T) => KindId): T[][] {
  return installGroups(items, kindOf).reverse();
}

/** Sorted by kind as Helm does; within a kind the order stays. */
export function inInstallOrder<T>(items: readonly T[], kindOf: (item: T) => KindId): T[] {
  const rank = (item: T): number => {
    const at = KINDS.indexOf(kindOf(item).kind);
    return at < 0 ? KINDS.length : at;
  };
  return [...items].sort((a, b) => {
    const difference = rank(a) - rank(b);
    if (difference !== 0 || rank(a) < KINDS.length) return difference;
    return kindOf(a).kind < kindOf(b).kind ? -1 : kindOf(a).kind > kindOf(b).kind ? 1 : 0;
  });
}
