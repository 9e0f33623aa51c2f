import { SlipwayError } from "#errors";
import { visible } from "#terminal";
import type { Context, Invocation } from "../command.ts";

/** Checks the number of arguments with Helm's words, which differ from slipway's own. */
export function needArguments(call: Invocation, count: number, usage: string, isMinimum = false): void {
  if (isMinimum ? call.args.length >= count : call.args.length === count) return;
  throw argumentsFault(call.path, { min: count, max: isMinimum ? Infinity : count }, usage);
}

/** What Helm says of a number of arguments that is not between these limits. */
export function argumentsFault(
  path: readonly string[],
  { min, max }: { readonly min: number; readonly max: number },
  usage: string,
): SlipwayError {
  const words = `helm ${path.slice(path.indexOf("helm") + 1).join(" ")}`;
  const noun = (count: number): string => `${count} ${count === 1 ? "argument" : "arguments"}`;
  const wanted =
    max === 0
      ? "accepts no arguments"
      : min === max
        ? `requires ${noun(min)}`
        : min === 0
          ? `accepts at most ${noun(max)}`
          : `requires at least ${noun(min)}`;
  return new SlipwayError("HELM_USAGE", `"${words}" ${wanted}\n\nUsage:  ${words} ${usage.trim()}`);
}

/** A fault in Helm's words. */
export function fault(message: string, cause?: unknown): SlipwayError {
  return new SlipwayError("HELM_COMMAND", message, cause === undefined ? {} : { cause });
}

/** Says what Helm warns of, on the standard error. */
export function warner(context: Context): (text: string) => void {
  return (text) => context.err(`${visible(text)}\n`);
}
