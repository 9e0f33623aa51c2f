import { SlipwayError } from "#errors";
import { createLog, type Log } from "#terminal";
import type { Context, FlagValues } from "./command.ts";

/** The log that the flags ask for: a tree on a terminal, plain lines in CI and pipes. */
export function openLog(flags: FlagValues, context: Context): Log {
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
  const isColored =
    color === "on" || (color !== "off" && context.isTerminal && (context.env["NO_COLOR"] ?? "") === "");
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
