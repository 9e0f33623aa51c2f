import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { readCases, runCase } from "./vectors.ts";

test("templates render as real Helm renders them, error texts included", async () => {
  const cases = await readCases(join(import.meta.dirname, "gotpl-vectors.json"));
  assert.ok(cases.length > 1900);
  const failures = cases.map(runCase).filter((outcome) => !outcome.passed);
  assert.deepEqual(failures, []);
});
