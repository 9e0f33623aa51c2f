/**
 * Shows the event stream of a command: a tree with durations on a terminal, plain lines in CI and pipes, JSON lines for
 * machines. Each view is a pure (state, event) → lines; createLog() puts one behind an EventSink.
 */
export { createLog, type Log, type LogOptions } from "./log.ts";
export { table } from "./table.ts";
export { visible } from "./visible.ts";
