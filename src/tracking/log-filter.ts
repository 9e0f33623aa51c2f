import { compileRegexp } from "#regexp";
import type { TrackSettings } from "./annotations.ts";

/** Which lines of a container are shown. */
export function logFilter(settings: TrackSettings, container: string): (line: string) => boolean {
  const { skipLogs, skipLogsFor, logsOnlyFor, logRegex, logRegexFor } = settings;
  if (skipLogs || skipLogsFor.has(container) || (logsOnlyFor !== undefined && !logsOnlyFor.has(container)))
    return () => false;
  const source = logRegexFor.get(container) ?? logRegex;
  if (source === undefined) return () => true;
  const pattern = compileRegexp(source);
  return (line) => pattern.test(line);
}
