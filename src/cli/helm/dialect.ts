import type { Command, Dialect, Flag } from "../command.ts";
import { nearest } from "#errors";
import { argumentsFault, fault } from "./arguments.ts";
import { machineFault } from "./machine-fault.ts";

/** How Helm refuses a command line, with the words of the library that reads its flags. */
export const HELM_DIALECT: Dialect = {
  unknownFlag: (shown) =>
    fault(
      shown.startsWith("--")
        ? `unknown flag: ${shown}`
        : `unknown shorthand flag: '${shown.charAt(1)}' in ${shown}`,
    ),
  valueMissing: (shown) =>
    fault(
      shown.startsWith("--")
        ? `flag needs an argument: ${shown}`
        : `flag needs an argument: '${shown.slice(1)}' in ${shown}`,
    ),
  valueRefused: (name, flag, value) => {
    const shown = flag.short === undefined ? `--${name}` : `-${flag.short}, --${name}`;
    return fault(`invalid argument "${value}" for "${shown}" flag: ${reason(flag, value)}`);
  },
  unknownCommand: (word, command, path) =>
    command.name === "helm"
      ? fault(
          `unknown command "${word}" for "helm"\n${suggestion(word, command)}Run '${path.join(" ")} --help' for usage.`,
        )
      : undefined,
  machineRefused: (error) => machineFault(error),
  wrongArguments: (command, path) => argumentsFault(path, limits(command), `${command.usage ?? ""} [flags]`),
};

/** The commands that a word begins, or else the one that it may have meant. */
function suggestion(word: string, command: Command): string {
  const names = (command.commands ?? []).filter((child) => !child.isHidden).map(({ name }) => name);
  const begun = names.filter((name) => name.startsWith(word));
  const close = nearest(word, names);
  const meant = begun.length > 0 ? begun : close === undefined ? [] : [close];
  return meant.length === 0 ? "" : `\nDid you mean this?\n${meant.map((name) => `\t${name}\n`).join("")}\n`;
}

function limits(command: Command): { readonly min: number; readonly max: number } {
  return { min: command.args?.min ?? 0, max: command.args?.max ?? 0 };
}

function reason(flag: Flag, value: string): string {
  switch (flag.type) {
    case "bool":
      return `strconv.ParseBool: parsing "${value}": invalid syntax`;
    case "duration":
      return `time: invalid duration "${value}"`;
    default:
      return `strconv.ParseInt: parsing "${value}": invalid syntax`;
  }
}
