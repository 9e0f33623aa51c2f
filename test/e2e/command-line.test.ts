import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { run } from "#process";
import type { Command } from "../../src/cli/command.ts";
import { ROOT } from "../../src/cli/commands.ts";
import type { Outcome } from "./project.ts";

const PROGRAM = join(import.meta.dirname, "../../bin/slipway.js");
const ANY_CODE = Array.from({ length: 256 }, (_, code) => code);

let home: string;
before(async () => {
  home = await mkdtemp(join(tmpdir(), "slipway-command-line-"));
});
after(() => rm(home, { recursive: true, force: true }));

for (const { path, command } of commandsBelow(ROOT, [])) {
  test(`slipway ${[...path, "--help"].join(" ")}`, async () => {
    const { code, stdout, stderr } = await slipway(...path, "--help");
    assert.equal(code, 0, stderr);
    assert.equal(stderr, "");
    assert.match(stdout, /^Usage:\n {2}slipway/m);
    if (command.commands === undefined) assert.match(stdout, /^Examples:\n {2}\S/m);
    for (const child of command.commands ?? []) {
      if (child.isHidden !== true) assert.match(stdout, new RegExp(`^ {2}${child.name} `, "m"));
    }
  });
}

test("doctor goes through what builds and containers need of the machine", async () => {
  const { stdout } = await slipway("doctor");
  const found = stdout.split("\n").flatMap((line) => /^(?:ok|MISSING) +(\S+) {2}/.exec(line)?.[1] ?? []);
  for (const name of ["node", "git", "privileges", "network"]) assert.ok(found.includes(name), stdout);
  assert.match(stdout, /network +(containers get one of their own|run works with --network host only: .+)/);
});

test("help COMMAND is COMMAND --help", async () => {
  for (const [short, long] of [
    ["help", "--help"],
    ["help config render", "config render --help"],
    ["helm help lint", "helm lint --help"],
  ] as const) {
    assert.deepEqual(await slipway(...short.split(" ")), await slipway(...long.split(" ")));
  }
});

test("what is not known is said with what was probably meant", async () => {
  const cases: readonly (readonly [line: string, message: RegExp, next: RegExp])[] = [
    ["bild", /Unknown command "bild" for "slipway"/, /Did you mean "slipway build"/],
    ["config rendr", /Unknown command "rendr" for "slipway config"/, /Did you mean "slipway config render"/],
    ["build --stage-storage x", /Unknown flag --stage-storage/, /Did you mean --stages-storage/],
    ["build -Q", /Unknown flag -Q/, /--help/],
    ["--hlp", /Unknown flag --hlp/, /slipway --help/],
    ["build --dir", /Flag --dir needs a value/, /--dir=PATH/],
    ["deploy --timeout soon", /takes a duration/, /./],
    ["version extra", /takes no arguments, and 1 came: extra/, /slipway version --help/],
    ["build --log-format xml", /auto, tree, plain or json, not "xml"/, /./],
    ["completion tcsh", /Shell "tcsh" is not supported/, /bash, zsh, fish, powershell/],
  ];
  for (const [line, message, next] of cases) {
    const { code, stdout, stderr } = await slipway(...line.split(" "));
    assert.equal(code, 2, `${line}: ${stderr}`);
    assert.equal(stdout, "");
    assert.match(stderr, message);
    if (next.source !== ".") assert.match(/^Next: (.*)$/m.exec(stderr)?.[1] ?? "", next, stderr);
  }
});

test("flags and commands that are known but not built are named, wherever they come from", async () => {
  for (const words of [["build", "--introspect-error"], ["deploy", "--secret-values", "x"], ["cleanup"]]) {
    const { code, stderr } = await slipway(...words);
    assert.equal(code, 2, stderr);
    assert.match(stderr, new RegExp(`${words[0]}.* is known but not built yet|${words[1]}.* is known but`));
    assert.match(stderr, /^Next: /m);
  }
  const { code, stderr } = await slipwayWith({ WERF_VIRTUAL_MERGE: "1" }, "build");
  assert.equal(code, 2, stderr);
  assert.match(stderr, /\$WERF_VIRTUAL_MERGE .*known but not built yet/);
});

test("the completion script is one that bash reads, and completes", async () => {
  const { stdout } = await slipway("completion", "--shell", "bash");
  const script = `${stdout}
COMP_WORDS=(slipway build --stages-st) COMP_CWORD=2; _slipway_complete; echo "\${COMPREPLY[*]}"
COMP_WORDS=(slipway config "") COMP_CWORD=2; _slipway_complete; echo "\${COMPREPLY[*]}"
`;
  await run("bash", ["-n"], { input: stdout });
  const completed = await run("bash", [], { input: script });
  assert.equal(completed.stderr, "");
  const [flag, commands] = completed.stdout.toString().trim().split("\n");
  assert.equal(flag, "--stages-storage");
  assert.match(commands ?? "", /^render list\b/);
});

test("an error is a line of JSON too when lines of JSON were asked for", async () => {
  for (const words of [
    ["build", "--stages-storage", ":local", "--log-format", "json"],
    ["build", "--log-format=json", "--nope"],
  ]) {
    const { stderr } = await slipway(...words);
    const lines = stderr
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.equal(lines.at(-1)?.["type"], "error");
    assert.equal(typeof lines.at(-1)?.["message"], "string");
  }
});

/** Every command that help shows, the program itself included. */
function commandsBelow(command: Command, path: readonly string[]): { path: string[]; command: Command }[] {
  const children = (command.commands ?? []).filter(
    (child) => child.isHidden !== true && child.isRaw !== true,
  );
  return [
    { path: [...path], command },
    ...children.flatMap((child) => commandsBelow(child, [...path, child.name])),
  ];
}

function slipway(...words: readonly string[]): Promise<Outcome> {
  return slipwayWith({}, ...words);
}

async function slipwayWith(
  env: Readonly<Record<string, string>>,
  ...words: readonly string[]
): Promise<Outcome> {
  const { code, stdout, stderr } = await run(process.execPath, [PROGRAM, ...words], {
    cwd: home,
    env: { PATH: process.env["PATH"] ?? "", HOME: home, ...env },
    accept: ANY_CODE,
  });
  return { code, stdout: stdout.toString(), stderr };
}
