import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest } from "./index.ts";

test("nearest() finds what a typo meant, and nothing for another word", () => {
  const keys = ["tag", "image", "replicas", "pullPolicy"];
  assert.equal(nearest("tga", keys), "tag");
  assert.equal(nearest("imge", keys), "image");
  assert.equal(nearest("Replica", keys), "replicas");
  assert.equal(nearest("pullpolicy", keys), "pullPolicy");
  assert.equal(nearest("xyz", keys), undefined);
  assert.equal(nearest("", keys), undefined);
});
