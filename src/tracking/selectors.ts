import type { KubeObject } from "#kube";

/**
 * The fewest label selectors that find the pods of all workloads: those that share a label key are asked for together, as
 * `app in (db,web)`.
 */
export function podSelectors(workloads: readonly KubeObject[]): string[] {
  let left = workloads.map(matchLabels);
  const selectors: string[] = [];
  while (left.length > 0) {
    const counts = new Map<string, number>();
    for (const key of left.flatMap(Object.keys)) counts.set(key, (counts.get(key) ?? 0) + 1);
    const [best] = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
    // A workload without labels to ask for needs all pods of the namespace.
    if (best === undefined) return [""];
    const values = [
      ...new Set(left.flatMap((labels) => (labels[best[0]] === undefined ? [] : [labels[best[0]]]))),
    ].sort();
    selectors.push(values.length === 1 ? `${best[0]}=${values[0]}` : `${best[0]} in (${values.join(",")})`);
    left = left.filter((labels) => labels[best[0]] === undefined);
    if (left.some((labels) => Object.keys(labels).length === 0)) return [""];
  }
  return selectors;
}

function matchLabels(workload: KubeObject): Record<string, string> {
  const spec = workload["spec"] as { selector?: { matchLabels?: Record<string, string> } } | undefined;
  const labels = spec?.selector?.matchLabels ?? {};
  return workload.kind === "Job" && Object.keys(labels).length === 0
    ? { "job-name": workload.metadata.name }
    : { ...labels };
}
