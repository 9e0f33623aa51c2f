import assert from "node:assert/strict";
import { test } from "node:test";
import { packetsOf } from "./packets.ts";

const cut = (...bytes: readonly number[]): readonly (readonly [tag: number, length: number])[] =>
  [...packetsOf(Uint8Array.from(bytes))].map(({ tag, bytes: { length } }) => [tag, length]);

const filled = (length: number): number[] => Array.from({ length }, () => 0);

test("packetsOf() reads every form of length", () => {
  assert.deepEqual(cut(0x98, 2, 0, 0, 0xb0, 1, 0), [
    [6, 4],
    [12, 3],
  ]);
  assert.deepEqual(cut(0x99, 1, 0, ...filled(256)), [[6, 259]]);
  assert.deepEqual(cut(0x9a, 0, 0, 0, 1, 0), [[6, 6]]);
  assert.deepEqual(cut(0x9b, 0, 0), [[6, 3]]);
  assert.deepEqual(cut(0xc6, 1, 0), [[6, 3]]);
  assert.deepEqual(cut(0xc6, 192, 8, ...filled(200)), [[6, 203]]);
  assert.deepEqual(cut(0xc6, 255, 0, 0, 0, 1, 0), [[6, 7]]);
});

test("packetsOf() refuses what is cut off and what is no packet", () => {
  for (const bytes of [[0x98], [0x98, 2, 0], [0x99, 1], [0xc6], [0xc6, 192], [0xc6, 255, 0, 0], [0xc6, 5]]) {
    assert.throws(() => cut(...bytes), /^SlipwayError: unexpected EOF$/);
  }
  assert.throws(() => cut(0x2d, 0x2d), /tag byte does not have MSB set/);
  assert.throws(() => cut(0xc6, 230), /unsupported feature/);
});
