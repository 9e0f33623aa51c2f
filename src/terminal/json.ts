import type { Event } from "#events";

/** One event as one line of JSON: time, type, path, then what the event holds. */
export function jsonLine(event: Event, time: Date): string {
  return JSON.stringify({ time: time.toISOString(), ...event });
}
