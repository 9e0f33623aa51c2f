import { define, type TemplateFunction } from "../function.ts";
import { encodeBase64 } from "./base-n.ts";
import { isBroken } from "./letters.ts";
import { checkLength, type Limits } from "./limits.ts";
import { toIndex } from "./text.ts";

/** So many bytes that nobody can foresee. */
export type RandomBytes = (count: number) => Uint8Array;

const DIGITS = "0123456789";
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const PRINTABLE = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)).join("");

export function randomFunctions(random: RandomBytes, limits: Limits): readonly TemplateFunction[] {
  const textOf = (alphabet: string) => (count: bigint) => {
    const length = toIndex(count);
    checkLength(limits, length);
    const below = dice(random, length);
    const letter = (): string => alphabet[below(alphabet.length)] ?? "";
    return Array.from({ length: Math.max(length, 0) }, letter).join("");
  };
  return [
    define("randAlphaNum", "func(int) string", textOf(LETTERS + DIGITS)),
    define("randAlpha", "func(int) string", textOf(LETTERS)),
    define("randNumeric", "func(int) string", textOf(DIGITS)),
    define("randAscii", "func(int) string", textOf(PRINTABLE)),
    define("randBytes", "func(int) (string, error)", (count) => {
      if (count < 0n) throw new Error("runtime error: makeslice: len out of range");
      checkLength(limits, toIndex(count));
      return encodeBase64(random(toIndex(count)));
    }),
    define("randInt", "func(int, int) int", (least, limit) => {
      const range = BigInt.asIntN(64, limit - least);
      if (range <= 0n) throw new Error("invalid argument to Intn");
      return least + bigBelow(random, range);
    }),
    define("shuffle", "func(string) string", (text) => shuffled(random, text)),
    define("uuidv4", "func() string", () => uuid(random(16))),
  ];
}

/** The most bytes that are asked for at once. */
const HANDFUL = 4096;

/** Gives some numbers from 0 to limit - 1, each as likely as any other. */
function dice(random: RandomBytes, count: number): (limit: number) => number {
  const handful = Math.min(Math.max(count, 1) * 4, HANDFUL);
  let bytes = Buffer.alloc(0);
  let at = 0;
  const draw = (): number => {
    if (at === bytes.length) [bytes, at] = [Buffer.from(random(handful)), 0];
    at += 4;
    return bytes.readUInt32BE(at - 4);
  };
  return (limit) => {
    const fair = 0x1_0000_0000 - (0x1_0000_0000 % limit);
    let value = draw();
    while (value >= fair) value = draw();
    return value % limit;
  };
}

function bigBelow(random: RandomBytes, limit: bigint): bigint {
  const fair = 2n ** 64n - (2n ** 64n % limit);
  for (;;) {
    const value = BigInt(`0x${Buffer.from(random(8)).toString("hex")}`);
    if (value < fair) return value % limit;
  }
}

function shuffled(random: RandomBytes, text: string): string {
  const below = dice(random, text.length);
  const characters = Array.from(text, (character) => (isBroken(character) ? "\ufffd" : character));
  for (let at = characters.length - 1; at > 0; at--) {
    const other = below(at + 1);
    [characters[at], characters[other]] = [characters[other] ?? "", characters[at] ?? ""];
  }
  return characters.join("");
}

function uuid(bytes: Uint8Array): string {
  const marked = Buffer.from(bytes);
  marked[6] = ((marked[6] ?? 0) & 0x0f) | 0x40;
  marked[8] = ((marked[8] ?? 0) & 0x3f) | 0x80;
  return marked.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Random bytes of the system, where it has a file of them: node:crypto takes longer to load than most charts to render. */
export function systemRandom(count: number): Uint8Array {
  return readRandom(count) ?? process.getBuiltinModule("node:crypto").randomBytes(count);
}

function readRandom(count: number): Uint8Array | undefined {
  if (count > HANDFUL) return undefined;
  const fs = process.getBuiltinModule("node:fs");
  try {
    const file = fs.openSync("/dev/urandom", "r");
    try {
      const bytes = Buffer.alloc(count);
      const isWhole = fs.fstatSync(file).isCharacterDevice() && fs.readSync(file, bytes) === count;
      return isWhole ? bytes : undefined;
    } finally {
      fs.closeSync(file);
    }
  } catch {
    return undefined;
  }
}
