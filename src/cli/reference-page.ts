import type { Command } from "./command.ts";
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
  const flags = Object.entries(command.flags ?? {}).filter(([, flag]) => !flag.isHidden);
  if (flags.length > 0) {
    lines.push("| flag | meaning |", "| --- | --- |");
    for (const [name, flag] of flags) {
      const help = flag.isPlanned
        ? `${flag.help} – known, not built yet: using it is an error`
        : flagHelp(flag);
      lines.push(
        `| \`${flagWord(name, flag).trim().replaceAll("|", "\\|")}\` | ${help.replaceAll("|", "\\|")} |`,
      );
    }
    lines.push("");
  }
  return [
    lines.join("\n"),
    ...(command.commands ?? []).filter((child) => !child.isHidden).flatMap((child) => sections(child, path)),
  ];
}
