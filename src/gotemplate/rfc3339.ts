import { formatTime, parseTime } from "./sprig/time-layout.ts";
import { UTC } from "./sprig/zone.ts";

/**
 * A time written as in RFC 3339, as Go's JSON prints it again.
 *
 * @throws {Error} with Go's text, `parsing time "x" as …`.
 */
export function rfc3339(text: string): string {
  return formatTime("2006-01-02T15:04:05.999999999Z07:00", parseTime("2006-01-02T15:04:05Z07:00", text, UTC));
}
