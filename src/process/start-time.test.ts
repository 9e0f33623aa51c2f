import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { processStartTime } from "./start-time.ts";

test("a process began at one time, and one that is gone at none", async () => {
  const own = await processStartTime(process.pid);
  assert.match(own ?? "", /^\d+$/);
  assert.equal(await processStartTime(process.pid), own);
  const child = spawn(process.execPath, ["-e", "process.stdin.resume()"], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  const pid = child.pid ?? 0;
  const childs = await processStartTime(pid);
  assert.ok(Number(childs) >= Number(own));
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.stdin.end();
  await ended;
  assert.equal(await processStartTime(pid), undefined);
});
