import assert from "node:assert/strict";
import { test } from "node:test";
import { redact } from "./redact.ts";

test("redact() takes passwords and authorization headers out, and no other words", () => {
  assert.equal(redact("GET https://me:word@example.com/"), "GET https://me:***@example.com/");
  assert.equal(redact("authorization: Basic bWU6d29yZA=="), "authorization: Basic ***");
  assert.equal(redact("basic credential not found"), "basic credential not found");
});
