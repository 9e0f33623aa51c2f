import assert from "node:assert/strict";
import { test } from "node:test";
import { bcryptHash } from "./bcrypt.ts";

test("bcryptHash() gives the hashes of the scheme's own test vectors", () => {
  const alphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const vectors = [
    ["", "$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s."],
    ["a", "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe"],
    ["abc", "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"],
  ] as const;
  for (const [password, hash] of vectors) {
    const bits = Array.from(hash.slice(7, 29), (letter) =>
      alphabet.indexOf(letter).toString(2).padStart(6, "0"),
    ).join("");
    const salt = Uint8Array.from({ length: 16 }, (_, at) =>
      Number.parseInt(bits.slice(at * 8, at * 8 + 8), 2),
    );
    assert.equal(bcryptHash(Buffer.from(password), salt, 6), hash);
  }
});

test("bcryptHash() rejects what it would cut", () => {
  assert.throws(() => bcryptHash(new Uint8Array(73), new Uint8Array(16), 4), {
    message: "bcrypt: password length exceeds 72 bytes",
  });
});
