import { createHash } from "node:crypto";

/** Version of what stages mean; part of every signature. */
export const CACHE_VERSION = "1.1";

/** SHA-256 of words, as lowercase hex. The words are parted, so that ("ab", "c") is not ("a", "bc"). */
export function digestOf(...words: readonly string[]): string {
  return createHash("sha256").update(words.join(":::")).digest("hex");
}

/** SHA3-224 of words: 56 hex digits, the form of werf 1.1's signatures. */
export function signatureOf(...words: readonly string[]): string {
  return createHash("sha3-224").update(words.join(":::")).digest("hex");
}

/** One thing that a stage depends on: under which name, by which digest, and what a person can read of it. */
export interface StageInput {
  readonly name: string;
  readonly digest: string;
  readonly words: string;
}

/** An input made of words; the digest covers each of them. */
export function input(name: string, words: readonly string[]): StageInput {
  return { name, digest: digestOf(...words), words: words.join("\n") };
}
