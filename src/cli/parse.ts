import { SlipwayError } from "#errors";
import type { Command, Dialect, Flag, FlagTable, FlagValues } from "./command.ts";
import { OWN_DIALECT, usageError, WANTED } from "./dialect.ts";
import { parseDuration } from "./duration.ts";

export interface Parsed {
  readonly args: readonly string[];
  readonly commandLine: readonly string[] | undefined;
  readonly flags: FlagValues;
  readonly wantsHelp: boolean;
}

/**
 * Reads flags as Go's pflag does: `--name value`, `--name=value`, `-n value`, `-nvalue`, `-it`, `--wait=false`, flags
 * and arguments in any order, `--` ends the flags.
 *
 * @throws {SlipwayError} USAGE, with exit code 2 (1 under a peer's name, which the caller decides).
 */
export function parseCommandLine(
  command: Command,
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  dialect: Dialect = OWN_DIALECT,
): Parsed {
  const table = command.flags ?? {};
  const line: Line = { command, table, dialect, given: new Map() };
  const args: string[] = [];
  let commandLine: string[] | undefined;
  let wantsHelp = false;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    if (word === "--") {
      const rest = words.slice(at + 1);
      if (command.takesCommand) commandLine = rest;
      else args.push(...rest);
      break;
    }
    if (word === "--help" || word === "-h") {
      wantsHelp = true;
    } else if (word.startsWith("--")) {
      const [name = "", inline] = splitOnce(word.slice(2), "=");
      at += take(line, name, inline, words[at + 1], `--${name}`);
    } else if (word.startsWith("-") && word.length > 1) {
      at += takeShort(line, word, words[at + 1]);
    } else {
      args.push(word);
    }
  }
  return { args, commandLine, flags: flagValues(line, env), wantsHelp };
}

/** The command line while it is read. */
interface Line {
  readonly command: Command;
  readonly table: FlagTable;
  readonly dialect: Dialect;
  readonly given: Map<string, string[]>;
}

function takeShort(line: Line, word: string, next: string | undefined): number {
  const { command, table, given, dialect } = line;
  for (let at = 1; at < word.length; at++) {
    const letter = word[at] ?? "";
    const name = Object.keys(table).find((key) => table[key]?.short === letter);
    if (name === undefined) throw dialect.unknownFlag(`-${word.slice(at)}`, command);
    const rest = word.slice(at + 1);
    if (table[name]?.type === "bool" && !rest.startsWith("=")) {
      given.set(name, [...(given.get(name) ?? []), "true"]);
      continue;
    }
    const inline = rest === "" ? undefined : rest.replace(/^=/, "");
    return take(line, name, inline, next, `-${letter}`);
  }
  return 0;
}

/** Stores one flag; answers how many further words it used. */
function take(
  line: Line,
  name: string,
  inline: string | undefined,
  next: string | undefined,
  shown: string,
): number {
  const { command, table, given, dialect } = line;
  const flag = table[name];
  if (flag === undefined) throw dialect.unknownFlag(shown, command);
  if (flag.isPlanned) throw plannedFlag(shown, command);
  const store = (value: string): void => void given.set(name, [...(given.get(name) ?? []), value]);
  if (inline !== undefined) store(inline);
  else if (flag.type === "bool") store("true");
  else if (flag.alone !== undefined) store(flag.alone);
  else if (next === undefined) throw dialect.valueMissing(shown, flag);
  else store(next);
  return inline === undefined && flag.type !== "bool" && flag.alone === undefined ? 1 : 0;
}

function plannedFlag(shown: string, command: Command): SlipwayError {
  return new SlipwayError(
    "NOT_BUILT_YET",
    `${shown.startsWith("$") ? "Variable" : "Flag"} ${shown} of "${command.name}" is known but not built yet`,
    {
      hint: shown.startsWith("$") ? "Unset it; nothing was done" : "Leave it out; nothing was done",
      exitCode: 2,
    },
  );
}

function flagValues(line: Line, env: Readonly<Record<string, string>>): FlagValues {
  const { command, table, given, dialect } = line;
  const flagOf = (name: string): Flag => {
    const flag = table[name];
    if (flag === undefined) throw new TypeError(`the command does not declare --${name}`);
    return flag;
  };
  const refused = (name: string, found: Found): SlipwayError =>
    found.isFromLine
      ? dialect.valueRefused(name, flagOf(name), found.value)
      : usageError(`${found.source} takes ${WANTED[flagOf(name).type]}, not "${found.value}"`);
  const last = (name: string): Found | undefined => {
    const flag = flagOf(name);
    const fromLine = given.get(name)?.at(-1);
    if (fromLine !== undefined) return { value: fromLine, source: `--${name}`, isFromLine: true };
    const variable = variablesOf(flag, env)[0];
    if (variable !== undefined) {
      if (flag.isPlanned && !(flag.type === "bool" && !isTrue(env[variable] ?? ""))) {
        throw plannedFlag(`$${variable}`, command);
      }
      return { value: env[variable] ?? "", source: `$${variable}`, isFromLine: false };
    }
    return flag.default === undefined
      ? undefined
      : { value: flag.default, source: "the default", isFromLine: false };
  };
  const values: FlagValues = {
    text: (name) => last(name)?.value,
    list: (name) => [
      ...variablesOf(flagOf(name), env).map((variable) => env[variable] ?? ""),
      ...(given.get(name) ?? []),
    ],
    bool: (name) => {
      const found = last(name);
      if (found === undefined) return false;
      if (found.source.startsWith("$")) {
        return flagOf(name).default === "true" ? !isFalse(found.value) : isTrue(found.value);
      }
      if (!isTrue(found.value) && !isFalse(found.value)) throw refused(name, found);
      return isTrue(found.value);
    },
    int: (name) => {
      const found = last(name);
      if (found === undefined) return undefined;
      if (!/^[+-]?\d+$/.test(found.value)) throw refused(name, found);
      return Number(found.value);
    },
    duration: (name) => {
      const found = last(name);
      if (found === undefined) return undefined;
      const parsed = parseDuration(found.value);
      if (parsed === undefined) throw refused(name, found);
      return parsed;
    },
    isGiven: (name) => given.has(name) || variablesOf(flagOf(name), env).length > 0,
    has: (name) => table[name] !== undefined,
  };
  for (const name of Object.keys(table)) if (table[name]?.isPlanned) last(name);
  for (const name of given.keys()) {
    const { type } = flagOf(name);
    if (type === "bool" || type === "int" || type === "duration") values[type](name);
  }
  return values;
}

interface Found {
  readonly value: string;
  /** Where it was found, for messages. */
  readonly source: string;
  readonly isFromLine: boolean;
}

/** The variables that are set for a flag; for a list, all those of a prefix, in the order of their names. */
function variablesOf(flag: Flag, env: Readonly<Record<string, string>>): readonly string[] {
  return (flag.env ?? []).flatMap((name) => {
    if (!name.endsWith("*")) return (env[name] ?? "") === "" ? [] : [name];
    const prefix = name.slice(0, -1);
    const others = prefix === "WERF_SET_" ? ["WERF_SET_STRING_", "WERF_SET_FILE_"] : [];
    return Object.keys(env)
      .filter((key) => key.startsWith(prefix) && !others.some((other) => key.startsWith(other)))
      .toSorted();
  });
}

function isTrue(text: string): boolean {
  return ["1", "t", "true", "yes"].includes(text.toLowerCase());
}

function isFalse(text: string): boolean {
  return ["0", "f", "false", "no"].includes(text.toLowerCase());
}

function splitOnce(text: string, by: string): [string, string | undefined] {
  const at = text.indexOf(by);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + by.length)];
}
