import { SlipwayError } from "#errors";
import type { EventSink } from "#events";
import { createLog, type Log } from "#terminal";
import type { Context, FlagValues, Invocation } from "./command.ts";

/** Does work with the log that the flags ask for; what the log still holds is written, however the work ends. */
export async function withLog<T>(call: Invocation, work: (events: EventSink) => Promise<T>): Promise<T> {
  const log = openLog(call.flags, call.context);
  try {
    return await work(log.sink);
  } finally {
    log.close();
  }
}

/** As withLog(), and says at the end how long it took when all went well. */
export function withTimedLog<T>(call: Invocation, work: (events: EventSink) => Promise<T>): Promise<T> {
  return withLog(call, async (events) => {
    const started = performance.now();
    const result = await work(events);
    tell(events, `Running time ${((performance.now() - started) / 1000).toFixed(2)} seconds`);
    return result;
  });
}

/** A line of the log that belongs to no piece of work. */
export function tell(events: EventSink, text: string): void {
  events({ type: "notice", path: [], level: "info", text });
}

/** A tree on a terminal, plain lines in CI and pipes. */
function openLog(flags: FlagValues, context: Context): Log {
  const asked = flags.text("log-format") ?? "auto";
  if (!["auto", "tree", "plain", "json"].includes(asked)) {
    throw new SlipwayError("USAGE", `--log-format takes auto, tree, plain or json, not "${asked}"`, {
      exitCode: 2,
      hint: "Write --log-format json for machines, or leave it out",
    });
  }
  const isLive = context.isTerminal && (context.env["CI"] ?? "") === "" && flags.bool("log-pretty");
  const format = asked === "auto" ? (isLive ? "tree" : "plain") : (asked as "tree" | "plain" | "json");
  const color = flags.text("log-color-mode");
  const takesColor =
    context.isTerminal && (context.env["NO_COLOR"] ?? "") === "" && context.env["TERM"] !== "dumb";
  const isColored = color === "on" || (color !== "off" && takesColor);
  const isQuiet = flags.bool("log-quiet") || flags.bool("quiet");
  const isVerbose = flags.bool("log-verbose") || flags.bool("verbose");
  return createLog({
    format,
    isColored,
    level: isQuiet ? "quiet" : isVerbose ? "verbose" : "normal",
    clock: () => performance.now(),
    now: context.now,
    write: context.err,
  });
}
