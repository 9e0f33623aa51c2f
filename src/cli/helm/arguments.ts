import { SlipwayError } from "#errors";
import { visible } from "#terminal";
import type { Context, Invocation } from "../command.ts";

/** Checks the number of arguments with Helm's words, which differ from slipway's own. */
export function needArguments(call: Invocation, count: number, usage: string, isMinimum = false): void {
  if (isMinimum ? call.args.length >= count : call.args.length === count) return;
  const words = `helm ${call.path.slice(call.path.indexOf("helm") + 1).join(" ")}`;
  const noun = count === 1 ? "argument" : "arguments";
  const wanted =
    count === 0 ? "accepts no arguments" : `requires ${isMinimum ? "at least " : ""}${count} ${noun}`;
  throw new SlipwayError("HELM_USAGE", `"${words}" ${wanted}\n\nUsage:  ${words} ${usage}`);
}

/** A fault in Helm's words. */
export function fault(message: string, cause?: unknown): SlipwayError {
  return new SlipwayError("HELM_COMMAND", message, cause === undefined ? {} : { cause });
}

/** Says what Helm warns of, on the standard error. */
export function warner(context: Context): (text: string) => void {
  return (text) => context.err(`${visible(text)}\n`);
}
