import type { Command, Context } from "./command.ts";
import { nearest } from "#errors";
import { parseCommandLine, usageError } from "./parse.ts";
import { reportError } from "./report-error.ts";

const PEER_NAMES = ["werf", "helm", "multiwerf"];

/**
 * Finds the command, reads its line, runs it, and answers the exit code: 0 done, 1 the project, registry or cluster
 * said no, 2 a command line that cannot be read (1 under a peer's name), 70 a defect of slipway, 130 or 143 for signals.
 */
export async function dispatch(root: Command, words: readonly string[], context: Context): Promise<number> {
  try {
    return await execute(root, words, context);
  } catch (error) {
    const by = context.stoppedBy();
    if (by !== undefined) {
      const text = `Stopped by ${by}; what was finished is kept, and the same command goes on from there`;
      context.err(
        wantsJson(words, context)
          ? `${JSON.stringify({ time: context.now().toISOString(), type: "stopped", text })}\n`
          : `${text}\n`,
      );
      return by === "SIGINT" ? 130 : by === "SIGHUP" ? 129 : 143;
    }
    const isDebug =
      words.includes("--log-debug") || words.includes("--debug") || context.env["WERF_LOG_DEBUG"] === "1";
    const code = reportError(error, {
      write: context.err,
      isDebug,
      asJson: wantsJson(words, context),
      version: context.version,
    });
    return code === 2 && PEER_NAMES.includes(context.calledAs) ? 1 : code;
  }
}

/** Read from the words as they are, since the line itself may be what is wrong. */
function wantsJson(words: readonly string[], context: Context): boolean {
  const asked = words.findLast(
    (word, at) => word.startsWith("--log-format=") || words[at - 1] === "--log-format",
  );
  return (asked ?? context.env["SLIPWAY_LOG_FORMAT"])?.replace("--log-format=", "") === "json";
}

async function execute(root: Command, words: readonly string[], context: Context): Promise<number> {
  if (words[0] === "__supervise-container") {
    const { runSupervisor } = await import("./supervisor.ts");
    return runSupervisor(words[1] ?? "");
  }
  if (context.calledAs === "multiwerf") {
    throw usageError(
      "multiwerf is not built yet",
      "Call werf or slipway directly; this program serves one version",
    );
  }
  const called = PEER_NAMES.includes(context.calledAs) ? context.calledAs : "slipway";
  const line = called === "helm" ? ["helm", ...words] : words;
  const { command, path, rest } = findCommand(root, called, line);
  if (command.isRaw) {
    const raw = await command.load?.();
    if (raw === undefined)
      throw usageError(
        `Command "${command.name}" is known but not built yet`,
        "See slipway --help for what is",
      );
    const flags = parseCommandLine({ ...command, flags: {} }, [], context.env).flags;
    return (await raw({ command, path, args: rest, commandLine: undefined, flags, context })) ?? 0;
  }
  const wantsHelp = rest.includes("--help") || rest.includes("-h");
  if (command.load === undefined) {
    const { helpText } = await import("./help.ts");
    if (rest.length > 0 && !wantsHelp) throw unknownCommand(command, path, rest[0] ?? "");
    context.out(helpText(command, path));
    return 0;
  }
  const parsed = parseCommandLine(command, rest, context.env);
  if (parsed.wantsHelp) {
    const { helpText } = await import("./help.ts");
    context.out(helpText(command, path));
    return 0;
  }
  checkArguments(command, path, parsed.args);
  const handler = await command.load();
  return (
    (await handler({
      command,
      path,
      args: parsed.args,
      commandLine: parsed.commandLine,
      flags: parsed.flags,
      context,
    })) ?? 0
  );
}

function findCommand(
  root: Command,
  called: string,
  words: readonly string[],
): { command: Command; path: readonly string[]; rest: readonly string[] } {
  let command = root;
  const path = [called];
  let at = 0;
  for (; at < words.length && command.commands !== undefined; at++) {
    const word = words[at] ?? "";
    const child = command.commands.find((one) => one.name === word || one.aliases?.includes(word));
    if (child === undefined) break;
    command = child;
    path.push(child.name);
  }
  const rest = words.slice(at);
  if (path.length === 1 && (rest[0] === "--version" || rest[0] === "-v")) {
    const version = root.commands?.find((one) => one.name === "version");
    if (version !== undefined) return { command: version, path, rest: [] };
  }
  return { command, path: called === "helm" ? path.slice(1) : path, rest };
}

function unknownCommand(command: Command, path: readonly string[], word: string): Error {
  if (word.startsWith("-"))
    return usageError(`Unknown flag ${word} for "${path.join(" ")}"`, `See ${path.join(" ")} --help`);
  const close = nearest(word, command.commands?.map((child) => child.name) ?? []);
  return usageError(
    `Unknown command "${word}" for "${path.join(" ")}"`,
    close === undefined ? `See ${path.join(" ")} --help` : `Did you mean "${path.join(" ")} ${close}"?`,
  );
}

function checkArguments(command: Command, path: readonly string[], args: readonly string[]): void {
  const min = command.args?.min ?? 0;
  const max = command.args?.max ?? 0;
  if (args.length >= min && args.length <= max) return;
  const takes =
    max === 0
      ? "no arguments"
      : min === max
        ? `${min} argument${min === 1 ? "" : "s"}`
        : `${min} to ${max} arguments`;
  throw usageError(
    `"${path.join(" ")}" takes ${takes}, and ${args.length} came: ${args.join(" ")}`,
    `See ${path.join(" ")} --help`,
  );
}
