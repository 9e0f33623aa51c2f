import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { sha256 } from "./sha256.ts";

test("sha256() of texts of every length around the block, and of long ones, is that of node:crypto", () => {
  for (const length of [...Array(200).keys(), 1_000, 16_384, 16_385, 300_000]) {
    const bytes = Uint8Array.from({ length }, (_, at) => (at * 131 + length) % 256);
    assert.equal(sha256(bytes), createHash("sha256").update(bytes).digest("hex"), `${length} bytes`);
  }
});
