import type { Command, Context, Dialect, FlagTable } from "./command.ts";
import { OWN_DIALECT, usageError } from "./dialect.ts";
import { parseCommandLine } from "./parse.ts";
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
    const isPeers = PEER_NAMES.includes(context.calledAs) || words[0] === "helm";
    return code === 2 && isPeers ? 1 : code;
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
  const line = asHelpFlag(called === "helm" ? ["helm", ...words] : words);
  const { command, path, rest, dialect } = findCommand(root, called, line);
  if (command.isRaw) {
    const raw = await command.load?.();
    if (raw === undefined)
      throw usageError(
        `Command "${command.name}" is known but not built yet`,
        `See ${path.slice(0, -1).join(" ")} --help for what is`,
      );
    const flags = parseCommandLine({ ...command, flags: {} }, [], context.env).flags;
    return (await raw({ command, path, args: rest, commandLine: undefined, flags, context })) ?? 0;
  }
  const wantsHelp = rest.includes("--help") || rest.includes("-h");
  if (command.load === undefined) {
    const { helpText } = await import("./help.ts");
    const [word] = rest;
    if (word !== undefined && !wantsHelp) {
      const refusal =
        word.startsWith("-") && dialect !== OWN_DIALECT
          ? dialect.unknownFlag(word, command)
          : dialect.unknownCommand(word, command, path);
      if (refusal !== undefined) throw refusal;
    }
    context.out(helpText(command, path));
    return 0;
  }
  const parsed = parseCommandLine(command, rest, context.env, dialect);
  if (parsed.wantsHelp) {
    const { helpText } = await import("./help.ts");
    context.out(helpText(command, path));
    return 0;
  }
  const { min = 0, max = 0 } = command.args ?? {};
  if (parsed.args.length < min || parsed.args.length > max) {
    throw dialect.wrongArguments(command, path, parsed.args);
  }
  const handler = await command.load();
  const { args, commandLine, flags } = parsed;
  try {
    return (await handler({ command, path, args, commandLine, flags, context })) ?? 0;
  } catch (error) {
    throw dialect.machineRefused?.(error) ?? error;
  }
}

/** `help deploy` is `deploy --help`, and `helm help lint` is `helm lint --help`. */
function asHelpFlag(words: readonly string[]): readonly string[] {
  const at = words[0] === "helm" ? 1 : 0;
  return words[at] === "help" ? [...words.slice(0, at), ...words.slice(at + 1), "--help"] : words;
}

interface Called {
  readonly command: Command;
  readonly path: readonly string[];
  /** The words that are not names of commands. */
  readonly rest: readonly string[];
  readonly dialect: Dialect;
}

function findCommand(root: Command, called: string, words: readonly string[]): Called {
  let command = root;
  let dialect = OWN_DIALECT;
  let shared: FlagTable = {};
  const path = [called];
  const early: string[] = [];
  let at = 0;
  while (at < words.length && command.commands !== undefined) {
    const word = words[at] ?? "";
    const child = command.commands.find((one) => one.name === word || one.aliases?.includes(word));
    if (child === undefined) {
      const count = wordsOfFlag(word, shared);
      if (count === 0) break;
      early.push(...words.slice(at, at + count));
      at += count;
      continue;
    }
    at++;
    command = child;
    path.push(child.name);
    dialect = child.dialect ?? dialect;
    shared = { ...shared, ...child.sharedFlags };
  }
  const flags = { ...shared, ...command.flags };
  const rest = [...early, ...words.slice(at)];
  if (path.length === 1 && (rest[0] === "--version" || rest[0] === "-v")) {
    const version = root.commands?.find((one) => one.name === "version");
    if (version !== undefined) return { command: version, path, rest: [], dialect };
  }
  const known = { ...command, flags, sharedFlags: shared };
  return { command: known, path: called === "helm" ? path.slice(1) : path, rest, dialect };
}

/** How many words a flag before the name of a command takes; 0 for what is no such flag. */
function wordsOfFlag(word: string, table: FlagTable): number {
  const [name = "", value] = word.replace(/^--?/, "").split("=", 2);
  const flag = word.startsWith("--")
    ? table[name]
    : Object.values(table).find(({ short }) => word.startsWith("-") && short === name.charAt(0));
  if (flag === undefined) return 0;
  const isWhole = flag.type === "bool" || value !== undefined || (!word.startsWith("--") && name.length > 1);
  return isWhole ? 1 : 2;
}
