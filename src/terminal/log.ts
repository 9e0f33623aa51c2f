import type { Event, EventSink } from "#events";
import { jsonLine } from "./json.ts";
import { Tree } from "./tree.ts";

export interface LogOptions {
  readonly format: "tree" | "plain" | "json";
  readonly level: "quiet" | "normal" | "verbose";
  readonly isColored: boolean;
  /** Milliseconds, from any start. */
  readonly clock: () => number;
  readonly now: () => Date;
  readonly write: (text: string) => void;
}

export interface Log {
  readonly sink: EventSink;
  /** Writes what is still held back. */
  close(): void;
}

/** A listener that writes what happens. In `quiet` only warnings and failures are written. */
export function createLog(options: LogOptions): Log {
  const write = (lines: readonly string[]): void => {
    if (lines.length > 0) options.write(`${lines.join("\n")}\n`);
  };
  if (options.format === "json") {
    return { sink: (event) => write([jsonLine(event, options.now())]), close: () => undefined };
  }
  const tree = new Tree({ isTree: options.format === "tree", isColored: options.isColored });
  const isShown = (event: Event): boolean =>
    options.level !== "quiet" ||
    event.type === "failed" ||
    (event.type === "notice" && event.level === "warning");
  return {
    sink: (event) => {
      if (isShown(event)) write(tree.lines(event, options.clock()));
    },
    close: () => write(tree.rest()),
  };
}
