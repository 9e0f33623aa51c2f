import assert from "node:assert/strict";
import { test } from "node:test";
import { byteLength, byteSlice, compareStrings, fromBytes, normalize, runeCount, toBytes } from "./bytes.ts";

test("fromBytes() and toBytes() lose no byte", () => {
  const samples = [
    [0xff],
    [0xe2, 0x82],
    [0xe2, 0x82, 0xac, 0xe2],
    [0xed, 0xa0, 0x80],
    [0xf0, 0x9f, 0x98, 0x80],
    [0xc0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
  ];
  for (const bytes of samples) {
    const text = fromBytes(Uint8Array.from(bytes));
    assert.deepEqual([...toBytes(text)], bytes);
    assert.equal(byteLength(text), bytes.length);
  }
  for (let first = 0; first < 256; first++) {
    for (let second = 0; second < 256; second += 5) {
      const text = fromBytes(Uint8Array.of(first, second, 0x41));
      assert.deepEqual([...toBytes(text)], [first, second, 0x41]);
    }
  }
});

test("byteSlice() cuts characters as Go does", () => {
  assert.equal(byteSlice("aé日", 1, 3), "é");
  assert.equal(byteSlice("é", 1), "\udca9");
  assert.equal(normalize("\udcc3" + byteSlice("é", 1)), "é");
});

test("runeCount() counts a bad byte as one", () => {
  assert.equal(runeCount("a😀\udcff"), 3);
});

test("compareStrings() orders by bytes, where UTF-16 would not", () => {
  assert.ok(compareStrings("\uffee", "😀") < 0);
  assert.ok(compareStrings("a", "é") < 0);
  assert.equal(compareStrings("é", "é"), 0);
});
