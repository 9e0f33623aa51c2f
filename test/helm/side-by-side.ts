import assert from "node:assert/strict";
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { tools } from "../env/index.ts";

const MAIN = join(import.meta.dirname, "../../src/cli/main.ts");

export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  /** The first line of the standard error: what follows it may say more than Helm does. */
  readonly firstError: string;
}

export interface Side {
  readonly run: (...words: readonly string[]) => Outcome;
  /** All that a run of the words writes to the standard error. */
  readonly errorOf: (...words: readonly string[]) => string;
  /** The same, with this text on the standard input. */
  readonly pipe: (input: string, ...words: readonly string[]) => Outcome;
  /** Where it works. */
  readonly directory: string;
  /** What HOME is; `bin` there is on its PATH. */
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
}

/** What Helm logs with the place in its source, and slipway without it: features.test.ts compares those. */
const LOGGED = /^(?:[a-z]+\.go:\d+: |\[INFO\] |warning: )/;

/** How slipway is called as helm. */
export const slipwayHelm: readonly string[] = [process.execPath, MAIN, "helm"];

export interface Sides {
  readonly helm: Side;
  readonly slipway: Side;
  /** Both run the words, each in its folder; the outcomes must be the same. */
  readonly same: (...words: readonly string[]) => Outcome;
  /** The same, with this text on the standard input. */
  readonly pipe: (input: string, ...words: readonly string[]) => Outcome;
}

/** Two folders of one content, one in which the real helm works and one for slipway. */
export function sideBySide(t: TestContext, files: Readonly<Record<string, string | Buffer>>): Sides {
  const root = mkdtempSync(join(tmpdir(), "slipway-helm-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const side = (name: string, [program = "", ...first]: readonly string[]): Side => {
    const directory = join(root, name, "work");
    mkdirSync(directory, { recursive: true });
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), text);
    }
    const home = join(root, name, "home");
    const env = {
      PATH: `${join(home, "bin")}:${process.env["PATH"]}`,
      HOME: home,
      HELM_CACHE_HOME: join(home, "cache"),
      HELM_CONFIG_HOME: join(home, "config"),
      HELM_DATA_HOME: join(home, "data"),
    };
    const spawn = (input: string, words: readonly string[]): SpawnSyncReturns<string> =>
      spawnSync(program, [...first, ...words], { cwd: directory, env, encoding: "utf8", input });
    const pipe = (input: string, ...words: readonly string[]): Outcome => {
      const done = spawn(input, words);
      const lines = done.stderr.split("\n").filter((line) => line !== "" && !LOGGED.test(line));
      const blind = (text: string): string =>
        text.replaceAll(directory, "DIRECTORY").replaceAll(home, "HOME");
      return { code: done.status, out: blind(done.stdout), firstError: blind(lines[0] ?? "") };
    };
    const errorOf = (...words: readonly string[]): string => spawn("", words).stderr;
    return { run: (...words) => pipe("", ...words), pipe, errorOf, directory, home, env };
  };
  const helm = side("helm", [tools.helm]);
  const slipway = side("slipway", slipwayHelm);
  const pipe = (input: string, ...words: readonly string[]): Outcome => {
    const expected = helm.pipe(input, ...words);
    assert.deepEqual(slipway.pipe(input, ...words), expected, `helm ${words.join(" ")}`);
    return expected;
  };
  return { helm, slipway, pipe, same: (...words) => pipe("", ...words) };
}
