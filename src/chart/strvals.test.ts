import assert from "node:assert/strict";
import { test } from "node:test";
import { GoMap } from "#gotemplate";
import { setValues } from "./strvals.ts";

test("setValues() refuses lists that are nested beyond the stack", () => {
  for (const path of [`a${"[0]".repeat(30_000)}`, `a${"[0].b".repeat(30_000)}`]) {
    assert.throws(() => setValues(`${path}=1`, new GoMap()), { message: /nested more than 1000 deep$/ });
  }
  const values = new GoMap();
  setValues(Array.from({ length: 2000 }, (_, at) => `a[${at}]=1`).join(","), values);
  assert.equal((values.get("a") as unknown[]).length, 2000);
});
