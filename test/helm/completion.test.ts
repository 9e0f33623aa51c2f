import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { requireEnvironment } from "../env/index.ts";
import { sideBySide } from "./side-by-side.ts";

test("helm completion bash completes commands and flags, and every shell of Helm's has a script", async (t) => {
  await requireEnvironment(["helm"], t);
  const { helm, slipway, same } = sideBySide(t, {});
  const script = slipway.run("completion", "bash", "--no-descriptions").out;
  const complete = (...words: readonly string[]): string[] => {
    const line = words.map((word) => `'${word}'`).join(" ");
    const asking = `${script}\nCOMP_WORDS=(helm ${line}); COMP_CWORD=${words.length}; _helm_complete; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const done = spawnSync("bash", ["-c", asking], { encoding: "utf8" });
    assert.equal(done.stderr, "");
    return done.stdout.trim().split("\n");
  };
  assert.deepEqual(complete("depend"), ["dependency"]);
  assert.deepEqual(complete("--kubeconfig=x", "repo", "re"), ["remove"]);
  assert.deepEqual(complete("template", "--post"), ["--post-renderer", "--post-renderer-args"]);
  assert.deepEqual(complete("lint", "--kubec"), ["--kubeconfig"]);
  for (const shell of ["bash", "zsh", "fish", "powershell"]) {
    const made = slipway.run("completion", shell);
    assert.equal(made.code, 0);
    assert.match(made.out, /template.*--post-renderer/s);
    same("completion", shell, "more");
  }
  for (const words of [["completion"], ["completion", "nonsense"], ["repo", "nonsense"], ["show"]]) {
    assert.equal(slipway.run(...words).code, helm.run(...words).code, words.join(" "));
  }
});
