import assert from "node:assert/strict";
import { test } from "node:test";
import { run } from "./run.ts";
import { processStartTime } from "./start-time.ts";

const env = { PATH: process.env["PATH"] ?? "" };

/** Runs a script that writes the number of a process, stops it then, and answers the number. */
async function stopped(script: string): Promise<number> {
  const controller = new AbortController();
  let pid = 0;
  const ended = run("sh", ["-c", script], {
    env,
    signal: controller.signal,
    onOutput: (_, chunk) => {
      pid = Number(chunk.toString());
      controller.abort(new Error("enough"));
    },
  });
  await assert.rejects(ended, { message: "enough" });
  return pid;
}

test("run() ends a program with all that it has started when its signal comes", async () => {
  for (const script of ["sleep 600 & echo $!; wait", "(sleep 600 & echo $!; exec sleep 600); true"]) {
    assert.equal(await processStartTime(await stopped(script)), undefined, script);
  }
});

test("run() kills what does not listen", async () => {
  const deaf = "trap '' TERM INT; (while :; do sleep 1; done) & echo $!; while :; do sleep 1; done";
  assert.equal(await processStartTime(await stopped(deaf)), undefined);
});

test("run() ends a program that writes without end", async () => {
  await assert.rejects(run("yes", [], { env }), {
    code: "PROGRAM_OUTPUT",
    message: "yes wrote more than 268435456 bytes",
  });
});

test("run() tells a signal from an exit code", async () => {
  const { code, signal } = await run("sh", ["-c", "kill -9 $$"], { env, accept: [137] });
  assert.deepEqual({ code, signal }, { code: 137, signal: "SIGKILL" });
  assert.equal((await run("sh", ["-c", "exit 137"], { env, accept: [137] })).signal, undefined);
});
