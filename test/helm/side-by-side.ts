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
  readonly directory: string;
}

export interface Sides {
  readonly helm: Side;
  readonly slipway: Side;
  /** Both run the words, each in its folder; the outcomes must be the same. */
  readonly same: (...words: readonly string[]) => Outcome;
}

/** Two folders of one content, one in which the real helm works and one for slipway. */
export function sideBySide(t: TestContext, files: Readonly<Record<string, string>>): Sides {
  const root = mkdtempSync(join(tmpdir(), "slipway-helm-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const side = (name: string, program: string, first: readonly string[]): Side => {
    const directory = join(root, name, "work");
    mkdirSync(directory, { recursive: true });
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), text);
    }
    const home = join(root, name, "home");
    const env = {
      PATH: process.env["PATH"],
      HOME: home,
      HELM_CACHE_HOME: join(home, "cache"),
      HELM_CONFIG_HOME: join(home, "config"),
      HELM_DATA_HOME: join(home, "data"),
    };
    const spawn = (words: readonly string[]): SpawnSyncReturns<string> =>
      spawnSync(program, [...first, ...words], { cwd: directory, env, encoding: "utf8" });
    const run = (...words: readonly string[]): Outcome => {
      const done = spawn(words);
      const lines = done.stderr.split("\n").filter((line) => line !== "" && !/^[a-z]+\.go:\d+: /.test(line));
      const blind = (text: string): string =>
        text.replaceAll(directory, "DIRECTORY").replaceAll(home, "HOME");
      return { code: done.status, out: blind(done.stdout), firstError: blind(lines[0] ?? "") };
    };
    return { run, errorOf: (...words) => spawn(words).stderr, directory };
  };
  const helm = side("helm", tools.helm, []);
  const slipway = side("slipway", process.execPath, [MAIN, "helm"]);
  const same = (...words: readonly string[]): Outcome => {
    const expected = helm.run(...words);
    assert.deepEqual(slipway.run(...words), expected, `helm ${words.join(" ")}`);
    return expected;
  };
  return { helm, slipway, same };
}
