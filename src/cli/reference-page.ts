import type { Command, FlagTable } from "./command.ts";
import { ROOT } from "./commands.ts";
import { flagHelp, flagWord } from "./help.ts";

/** docs/cli.md: every command with its flags and examples. */
export function commandPage(): string {
  const head = "# Commands\n\nMade from the command table by `npm run docs`.\n";
  const shown = (ROOT.commands ?? []).filter((command) => !command.isHidden);
  return [head, ...shown.flatMap((command) => sections(command, ["slipway"]))].join("\n");
}

function sections(command: Command, parents: readonly string[]): string[] {
  const path = [...parents, command.name];
  const lines = [`## ${path.join(" ")}`, "", `${command.description ?? `${command.summary}.`}`, ""];
  if (command.load !== undefined) {
    lines.push(
      "```",
      [...path, command.usage ?? ""].join(" ").trim(),
      ...(command.examples ?? []).map((example) => `# ${example}`),
      "```",
      "",
    );
  }
  if (command.sharedFlags !== undefined) lines.push("Every command below has these flags too.", "");
  lines.push(...flagRows({ ...command.sharedFlags, ...command.flags }));
  return [
    lines.join("\n"),
    ...(command.commands ?? []).filter((child) => !child.isHidden).flatMap((child) => sections(child, path)),
  ];
}

function flagRows(table: FlagTable): string[] {
  const flags = Object.entries(table).filter(([, flag]) => !flag.isHidden);
  if (flags.length === 0) return [];
  const rows = flags.map(([name, flag]) => {
    const help = flag.isPlanned
      ? `${flag.help} – known, not built yet: using it is an error`
      : flagHelp(flag);
    const word = flagWord(name, flag).trim();
    return `| \`${word.replaceAll("|", "\\|")}\` | ${help.replaceAll("|", "\\|")} |`;
  });
  return ["| flag | meaning |", "| --- | --- |", ...rows, ""];
}
