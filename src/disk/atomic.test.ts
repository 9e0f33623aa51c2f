import assert from "node:assert/strict";
import { watch } from "node:fs/promises";
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
