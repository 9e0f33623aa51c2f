import assert from "node:assert/strict";
import { test } from "node:test";
import { pathBytes, pathText } from "./path-text.ts";

test("pathText() and pathBytes() bring every byte string back", () => {
  const names = [
    Buffer.from("plain/ünïcode 🐜"),
    Buffer.from("\uFFFD real replacement character"),
    Buffer.of(0xff, 0x61, 0xc3, 0x28, 0xe2, 0x82, 0xed, 0xa0, 0x80, 0xc0, 0x80),
    Buffer.of(0xf0, 0x9f, 0x90),
  ];
  for (const name of names) assert.deepEqual(pathBytes(pathText(name)), name);
  for (let round = 0; round < 300; round++) {
    const bytes = Buffer.from(Array.from({ length: round % 17 }, () => Math.floor(Math.random() * 256)));
    assert.deepEqual(pathBytes(pathText(bytes)), bytes);
  }
});

test("pathText() escapes an invalid byte as U+DC00 + byte", () => {
  assert.equal(pathText(Buffer.of(0x61, 0xff)), "a\udcff");
});
