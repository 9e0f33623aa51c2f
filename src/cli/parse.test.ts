import assert from "node:assert/strict";
import { test } from "node:test";
import type { Command } from "./command.ts";
import { parseCommandLine } from "./parse.ts";

const COMMAND: Command = {
  name: "try",
  summary: "",
  takesCommand: true,
  flags: {
    set: { type: "list", help: "", env: ["WERF_SET_*"] },
    wait: { type: "bool", short: "w", default: "true", help: "", env: ["WERF_WAIT"] },
    it: { type: "bool", short: "i", help: "" },
    timeout: { type: "duration", short: "t", help: "" },
    dir: { type: "text", help: "", env: ["WERF_DIR"], default: "." },
    later: { type: "bool", help: "", isPlanned: true, env: ["WERF_LATER"] },
    secrets: { type: "list", help: "", isPlanned: true, env: ["WERF_SECRETS_*"] },
  },
};

const parse = (words: string[], env: Record<string, string> = {}) => parseCommandLine(COMMAND, words, env);

test("flags are read as pflag reads them", () => {
  const { flags, args, commandLine } = parse([
    "a",
    "--set",
    "x=1",
    "--set=y=2",
    "--wait=false",
    "-it5m",
    "b",
    "--",
    "cmd",
    "--set",
  ]);
  assert.deepEqual(flags.list("set"), ["x=1", "y=2"]);
  assert.equal(flags.bool("wait"), false);
  assert.equal(flags.bool("it"), true);
  assert.equal(flags.duration("timeout"), 300_000);
  assert.deepEqual(args, ["a", "b"]);
  assert.deepEqual(commandLine, ["cmd", "--set"]);
});

test("the command line wins over the environment, and that over the default", () => {
  assert.equal(parse([]).flags.text("dir"), ".");
  assert.equal(parse([], { WERF_DIR: "/e" }).flags.text("dir"), "/e");
  assert.equal(parse(["--dir", "/l"], { WERF_DIR: "/e" }).flags.text("dir"), "/l");
  assert.equal(parse([], { WERF_WAIT: "no" }).flags.bool("wait"), false);
  assert.equal(parse([], { WERF_WAIT: "whatever" }).flags.bool("wait"), true);
});

test("list variables come first, sorted by name, without their neighbours", () => {
  const env = { WERF_SET_2: "b=2", WERF_SET_1: "a=1", WERF_SET_STRING_1: "s=1" };
  assert.deepEqual(parse(["--set", "c=3"], env).flags.list("set"), ["a=1", "b=2", "c=3"]);
});

for (const [words, message] of [
  [["--sett", "x"], 'Unknown flag --sett for "try"'],
  [["-x"], 'Unknown flag -x for "try"'],
  [["--set"], "Flag --set needs a value"],
  [["--later"], 'Flag --later of "try" is known but not built yet'],
] as const) {
  test(`${words.join(" ")}: ${message}`, () => {
    assert.throws(() => parse([...words]), { message, exitCode: 2 });
  });
}

test("a variable of a flag that is not built is named, never ignored", () => {
  assert.throws(() => parse([], { WERF_LATER: "1" }), {
    message: 'Variable $WERF_LATER of "try" is known but not built yet',
    hint: "Unset it; nothing was done",
  });
  assert.throws(() => parse([], { WERF_SECRETS_1: "a.yaml" }), /\$WERF_SECRETS_1/);
  assert.doesNotThrow(() => parse([], { WERF_LATER: "0" }));
});

test("a value that does not fit names its source", () => {
  assert.throws(() => parse(["--timeout", "soon"]).flags.duration("timeout"), /--timeout takes a duration/);
  assert.throws(() => parse(["--wait=maybe"]).flags.bool("wait"), /--wait takes true or false/);
});
