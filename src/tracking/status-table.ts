import type { EventPath, EventSink } from "#events";
import { podCells } from "./pod.ts";
import { type Target, type TrackState, targetName } from "./state.ts";

const TABLES: readonly (readonly [kind: string, columns: readonly string[]])[] = [
  ["Deployment", ["DEPLOYMENT", "REPLICAS", "AVAILABLE", "UP-TO-DATE"]],
  ["DaemonSet", ["DAEMONSET", "REPLICAS", "AVAILABLE", "UP-TO-DATE"]],
  ["StatefulSet", ["STATEFULSET", "REPLICAS", "READY", "UP-TO-DATE"]],
  ["Job", ["JOB", "ACTIVE", "SUCCEEDED/FAILED"]],
];

/**
 * Tells the state of all resources, one table for each kind and one for the pods of each resource, but only tables that changed.
 *
 * @see werf 1.1, "Resource tracking"
 */
export function statusReporter(state: TrackState, events: EventSink, path: EventPath): () => void {
  const shown = new Map<string, string>();
  const tell = (at: EventPath, columns: readonly string[], rows: readonly (readonly string[])[]): void => {
    const text = JSON.stringify(rows);
    if (rows.length === 0 || shown.get(at.join("\0")) === text) return;
    shown.set(at.join("\0"), text);
    events({ type: "table", path: at, columns, rows });
  };
  return () => {
    for (const [kind, columns] of TABLES) {
      const targets = state.targets.filter((target) => target.kind === kind);
      tell(
        [...path, "status", kind],
        columns,
        targets.map((target) => rowOf(state, target, columns.length)),
      );
    }
    for (const target of state.targets) {
      const rows = state
        .podsOf(target)
        .map((pod) => [pod.metadata.name.replace(target.name, ""), ...podCells(pod)]);
      tell([...path, "status", targetName(target)], ["POD", "READY", "RESTARTS", "STATUS"], rows);
    }
  };
}

function rowOf(state: TrackState, target: Target, width: number): string[] {
  const cells = state.readinessOf(target)?.cells ?? Array<string>(width - 1).fill("-");
  return [target.name, ...cells];
}
