import type { Command, Flag } from "./command.ts";
import { LOG } from "./flag-groups.ts";

/** The `--help` text of a command. */
export function helpText(command: Command, path: readonly string[]): string {
  const parts = [command.description ?? `${command.summary}.`];
  const usage = [path.join(" "), command.commands ? "COMMAND" : "", command.usage ?? "", flagsWord(command)];
  parts.push(`Usage:\n  ${usage.filter((word) => word !== "").join(" ")}`);
  if (command.aliases?.length) parts.push(`Aliases:\n  ${[command.name, ...command.aliases].join(", ")}`);
  const shown = command.commands?.filter((child) => !child.isHidden) ?? [];
  if (shown.length > 0)
    parts.push(`Commands:\n${columns(shown.map((child) => [child.name, child.summary]))}`);
  const called = path[0] ?? "slipway";
  if (command.examples?.length) {
    parts.push(
      `Examples:\n${command.examples.map((line) => `  ${line.replace(/^slipway\b/, called)}`).join("\n")}`,
    );
  }
  const flags = Object.entries(command.flags ?? {}).filter(([, flag]) => !flag.isHidden && !flag.isPlanned);
  const isGlobal = (name: string): boolean => name in LOG || name in (command.sharedFlags ?? {});
  parts.push(
    ...flagList(
      "Flags",
      flags.filter(([name]) => !isGlobal(name)),
    ),
    ...flagList(
      "Global flags",
      flags.filter(([name]) => isGlobal(name)),
    ),
  );
  if (shown.length > 0) parts.push(`Use "${path.join(" ")} COMMAND --help" for more about a command.`);
  return `${parts.join("\n\n")}\n`;
}

function flagList(title: string, flags: readonly (readonly [string, Flag])[]): string[] {
  if (flags.length === 0) return [];
  return [`${title}:\n${columns(flags.map(([name, flag]) => [flagWord(name, flag), flagHelp(flag)]))}`];
}

function flagsWord(command: Command): string {
  return Object.keys(command.flags ?? {}).length > 0 ? "[flags]" : "";
}

/** `-s, --stages-storage ADDRESS` */
export function flagWord(name: string, flag: Flag): string {
  const value = flag.type === "bool" ? "" : ` ${flag.value ?? flag.type.toUpperCase()}`;
  return `${flag.short === undefined ? "    " : `-${flag.short}, `}--${name}${value}`;
}

/** Help, default and variables of a flag in one line. */
export function flagHelp(flag: Flag): string {
  const notes = [
    flag.default === undefined || (flag.type === "bool" && flag.default === "false")
      ? ""
      : `default ${flag.default}`,
    flag.env === undefined ? "" : flag.env.map((name) => `$${name}`).join(", "),
  ].filter((note) => note !== "");
  return notes.length === 0 ? flag.help : `${flag.help} (${notes.join("; ")})`;
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.min(36, Math.max(...rows.map(([left]) => left.length)));
  return rows
    .map(([left, right]) =>
      left.length > width
        ? `  ${left}\n  ${" ".repeat(width)}  ${right}`
        : `  ${left.padEnd(width)}  ${right}`,
    )
    .join("\n");
}
