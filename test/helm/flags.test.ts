import assert from "node:assert/strict";
import { test } from "node:test";
import type { Command, FlagTable } from "../../src/cli/command.ts";
import { helm as table } from "../../src/cli/helm/commands.ts";
import { requireEnvironment } from "../env/index.ts";
import { sideBySide } from "./side-by-side.ts";

const COMMANDS = [
  ...["template", "lint", "create", "package", "pull", "push", "verify", "env", "version"],
  ...["all", "chart", "values", "readme", "crds"].map((part) => `show ${part}`),
  ...["build", "list", "update"].map((verb) => `dependency ${verb}`),
  ...["add", "index", "list", "remove", "update"].map((verb) => `repo ${verb}`),
  ...["hub", "repo"].map((place) => `search ${place}`),
  ...["bash", "fish", "powershell", "zsh"].map((shell) => `completion ${shell}`),
];

test("every flag that a chart command of Helm has is known, under its letter too", async (t) => {
  await requireEnvironment(["helm"], t);
  const { helm } = sideBySide(t, {});
  for (const name of COMMANDS) {
    const words = name.split(" ");
    const known = flagsOf(table, words);
    const help = helm.run(...words, "--help").out;
    const shown = [...help.matchAll(/^ {2,}(?:-(\w), )?--([a-z0-9-]+)/gm)].filter((one) => one[2] !== "help");
    assert.ok(shown.length > 10, `helm ${name} --help`);
    const expected = shown.map(([, letter, flag]) => [flag, letter]);
    assert.deepEqual(
      shown.map(([, letter, flag = ""]) => [
        flag in known ? flag : `unknown: ${flag}`,
        letter === undefined ? undefined : known[flag]?.short,
      ]),
      expected,
      name,
    );
  }
});

function flagsOf(command: Command, words: readonly string[]): FlagTable {
  const [word, ...rest] = words;
  if (word === undefined) return command.flags ?? {};
  const child = command.commands?.find((one) => one.name === word);
  assert.ok(child, `there is no ${word} below ${command.name}`);
  return { ...command.sharedFlags, ...flagsOf(child, rest) };
}
