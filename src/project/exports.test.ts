import assert from "node:assert/strict";
import { test } from "node:test";
import { separateExports } from "./exports.ts";
import type { Export } from "./project.ts";

function one(to: string, rules: Partial<Export> = {}): Export {
  return { add: "/", to, includePaths: [], excludePaths: [], owner: undefined, group: undefined, ...rules };
}

test("separateExports() leaves apart what is apart", () => {
  assert.deepEqual(separateExports([one("/a"), one("/b", { excludePaths: ["x"] })]), [[], ["x"]]);
});

test("separateExports() excludes a nested target from the outer export", () => {
  assert.deepEqual(separateExports([one("/app"), one("/app/b")]), [["b"], []]);
  assert.deepEqual(separateExports([one("/app/b"), one("/app")]), [[], ["b"]]);
  assert.deepEqual(separateExports([one("/"), one("/app/b")]), [["app/b"], []]);
});

test("separateExports() goes by includePaths where there are any", () => {
  assert.deepEqual(
    separateExports([one("/app", { includePaths: ["a"] }), one("/app", { includePaths: ["b"] })]),
    [["b"], ["a"]],
  );
  assert.deepEqual(separateExports([one("/app"), one("/app", { includePaths: ["b"] })]), [["b"], []]);
});

test("separateExports() adds nothing below a path that is excluded already", () => {
  assert.deepEqual(separateExports([one("/app", { excludePaths: ["b"] }), one("/app/b/c")]), [["b"], []]);
});

test("separateExports() finds exports that fill the same path", () => {
  assert.deepEqual(separateExports([one("/app"), one("/app")]), { first: 0, second: 1 });
  assert.deepEqual(separateExports([one("/"), one("/")]), { first: 0, second: 1 });
  assert.deepEqual(separateExports([one("/app", { includePaths: ["x"] }), one("/app/x")]), {
    first: 0,
    second: 1,
  });
});
