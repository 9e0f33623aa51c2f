import { INSTALL_ORDER } from "#chart";
import type { KindId } from "#kube";

/**
 * The kinds that begin a row. The kinds of one row do not need each other and are applied side by side; a row waits for the
 * one before it. Reading the rows in turn gives Helm's own order.
 */
const ROW_STARTS: readonly string[] = [
  "NetworkPolicy",
  "ServiceAccount",
  "CustomResourceDefinition",
  "ClusterRole",
  "Service",
  "DaemonSet",
  "IngressClass",
];

const ROW_OF = new Map(
  INSTALL_ORDER.map((kind, at) => {
    const before = INSTALL_ORDER.slice(0, at + 1);
    return [kind, ROW_STARTS.filter((start) => before.includes(start)).length] as const;
  }),
);

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
    const at = INSTALL_ORDER.indexOf(kindOf(item).kind);
    return at < 0 ? INSTALL_ORDER.length : at;
  };
  return [...items].sort((a, b) => {
    const difference = rank(a) - rank(b);
    if (difference !== 0 || rank(a) < INSTALL_ORDER.length) return difference;
    return kindOf(a).kind < kindOf(b).kind ? -1 : kindOf(a).kind > kindOf(b).kind ? 1 : 0;
  });
}
