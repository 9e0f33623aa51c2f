import assert from "node:assert/strict";
import { readdir, utimes, watch, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { writeAtomically } from "./atomic.ts";
import { scratchDirectory } from "./scratch.ts";

test("the file that a killed write leaves is hidden, so that no chart takes it for a part of its own", async () => {
  await using scratch = await scratchDirectory("/tmp", "slipway-atomic");
  const stop = new AbortController();
  const events = watch(scratch.path, { signal: stop.signal })[Symbol.asyncIterator]();
  const first = events.next();
  await writeAtomically(join(scratch.path, "web-1.0.0.tgz"), "archive");
  const { value } = await first;
  assert.match(value?.filename ?? "", /^\.web-1\.0\.0\.tgz\.tmp-/);
  stop.abort();
});

test("what killed writers of a file have left is removed when nobody can be writing it still", async () => {
  await using scratch = await scratchDirectory("/tmp", "slipway-atomic");
  const old = new Date(Date.now() - 2 * 3_600_000);
  for (const [name, isOld] of [
    [".a.tmp-1-00000000", true],
    [".a.tmp-1-11111111", false],
    [".b.tmp-1-00000000", true],
  ] as const) {
    await writeFile(join(scratch.path, name), "half");
    if (isOld) await utimes(join(scratch.path, name), old, old);
  }
  await writeAtomically(join(scratch.path, "a"), "whole");
  assert.deepEqual((await readdir(scratch.path)).sort(), [".a.tmp-1-11111111", ".b.tmp-1-00000000", "a"]);
});
