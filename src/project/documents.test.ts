import assert from "node:assert/strict";
import { test } from "node:test";
import { splitDocuments } from "./documents.ts";

test("splitDocuments() cuts at exact separators and keeps line offsets", () => {
  assert.deepEqual(splitDocuments("a: 1\n---\n\n# x\n--- # note\nb: 2\nc: 3\n---\t\nd: 4"), [
    { text: "a: 1\n", lineOffset: 0 },
    { text: "b: 2\nc: 3\n", lineOffset: 5 },
    { text: "d: 4", lineOffset: 8 },
  ]);
});

test("splitDocuments() takes lines that only look like separators as content", () => {
  const text = "a: |\n  ---\n----\n--- text\n";
  assert.deepEqual(splitDocuments(text), [{ text, lineOffset: 0 }]);
});

test("splitDocuments() drops documents of blanks and comments", () => {
  assert.deepEqual(splitDocuments("---\n\n---\n # only this\n---\n"), []);
});
