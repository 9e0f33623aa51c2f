import type { EventPath, EventSink } from "#events";

export interface TrackOptions {
  readonly events: EventSink;
  /** Where in the event tree; [] unless told. */
  readonly path?: EventPath;
  readonly signal?: AbortSignal;
  /** 24 hours unless told, also when 0. */
  readonly timeoutMs?: number;
  /** Logs and events from this time on are shown; the start of tracking unless told. */
  readonly since?: Date;
  /** How often status tables are emitted while something changes; 5000 unless told, 0 for the last one only. */
  readonly statusPeriodMs?: number;
  /** How long a pod may lack a node, a volume or a sandbox before that counts as a failure; 15 000 unless told. */
  readonly graceMs?: number;
}
