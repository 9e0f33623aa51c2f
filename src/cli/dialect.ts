import { nearest, SlipwayError } from "#errors";
import type { Dialect, Flag } from "./command.ts";

/** The error of a command line that cannot be read. */
export function usageError(message: string, hint?: string): SlipwayError {
  return new SlipwayError("USAGE", message, { exitCode: 2, ...(hint === undefined ? {} : { hint }) });
}

/** What a value of a type looks like. */
export const WANTED: Readonly<Record<Flag["type"], string>> = {
  bool: "true or false",
  duration: "a duration such as 90, 300s or 5m",
  int: "a whole number",
  list: "a text",
  text: "a text",
};

/** slipway's own words. */
export const OWN_DIALECT: Dialect = {
  unknownFlag: (shown, command) => {
    const close = nearest(shown.replace(/^-+/, ""), Object.keys(command.flags ?? {}));
    return usageError(
      `Unknown flag ${shown} for "${command.name}"`,
      close === undefined ? "Add --help to see what it takes" : `Did you mean --${close}?`,
    );
  },
  valueMissing: (shown, flag) =>
    usageError(`Flag ${shown} needs a value`, `Write ${shown}=${flag.value ?? "VALUE"}`),
  valueRefused: (name, flag, value) =>
    usageError(
      `Flag --${name} takes ${WANTED[flag.type]}, not "${value}"`,
      flag.type === "bool" ? `Write --${name} or --${name}=false` : undefined,
    ),
  unknownCommand: (word, command, path) => {
    const words = path.join(" ");
    if (word.startsWith("-")) return usageError(`Unknown flag ${word} for "${words}"`, `See ${words} --help`);
    const close = nearest(word, command.commands?.map((child) => child.name) ?? []);
    return usageError(
      `Unknown command "${word}" for "${words}"`,
      close === undefined ? `See ${words} --help` : `Did you mean "${words} ${close}"?`,
    );
  },
  wrongArguments: (command, path, args) => {
    const { min = 0, max = 0 } = command.args ?? {};
    const takes =
      max === 0
        ? "no arguments"
        : min === max
          ? `${min} argument${min === 1 ? "" : "s"}`
          : `${min} to ${max} arguments`;
    return usageError(
      `"${path.join(" ")}" takes ${takes}, and ${args.length} came: ${args.join(" ")}`,
      `See ${path.join(" ")} --help`,
    );
  },
};
