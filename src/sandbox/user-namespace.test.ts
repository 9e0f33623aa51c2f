import assert from "node:assert/strict";
import { test } from "node:test";
import { hasSubordinateIds } from "./user-namespace.ts";

test("hasSubordinateIds() accepts a whole range under the name or the number", () => {
  const user = { name: "dev", uid: 1000 };
  assert.equal(hasSubordinateIds("other:1:65536\ndev:100000:65536\n", user), true);
  assert.equal(hasSubordinateIds("1000:100000:65536\n", user), true);
  assert.equal(hasSubordinateIds("dev:100000:1000\n", user), false);
  assert.equal(hasSubordinateIds("develop:100000:65536\n", user), false);
  assert.equal(hasSubordinateIds("", user), false);
});
