/**
 * bcrypt, the slow hash of passwords: Blowfish whose tables are mixed with salt and password 2^cost times.
 *
 * @see Provos and Mazières, "A Future-Adaptable Password Scheme"
 */
const ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const MAX_PASSWORD = 72;
const ROUNDS = 16;
const P_WORDS = ROUNDS + 2;
const S_WORDS = 4 * 256;

/**
 * `$2a$10$…`: the hash of a password with the given 16 bytes of salt.
 *
 * @throws {Error} when the password has more than 72 bytes.
 */
export function bcryptHash(password: Uint8Array, salt: Uint8Array, cost = 10): string {
  if (password.length > MAX_PASSWORD) throw new Error("bcrypt: password length exceeds 72 bytes");
  const key = cyclicWords(Uint8Array.of(...password, 0), P_WORDS);
  const saltWords = cyclicWords(salt, 4);
  const state = initialState();
  mix(state, key, saltWords);
  const saltKey = cyclicWords(salt, P_WORDS);
  const none = new Uint32Array(4);
  for (let round = 2 ** cost; round > 0; round--) {
    mix(state, key, none);
    mix(state, saltKey, none);
  }
  const text = cyclicWords(Buffer.from("OrpheanBeholderScryDoubt"), 6);
  for (let at = 0; at < 6; at += 2) for (let times = 64; times > 0; times--) encrypt(state, text, at);
  const hash = Buffer.alloc(24);
  text.forEach((word, at) => hash.writeUInt32BE(word, at * 4));
  return `$2a$${String(cost).padStart(2, "0")}$${encode(salt)}${encode(hash.subarray(0, 23))}`;
}

/** The P array and the four S boxes, one after the other. */
interface Blowfish {
  readonly p: Uint32Array;
  readonly s: Uint32Array;
}

let piWords: Uint32Array | undefined;

/** Blowfish begins with the binary digits of pi after the point. */
function initialState(): Blowfish {
  piWords ??= fractionOfPi(P_WORDS + S_WORDS);
  return { p: piWords.slice(0, P_WORDS), s: piWords.slice(P_WORDS) };
}

/** By Machin's formula: pi = 16 arctan(1/5) - 4 arctan(1/239). */
function fractionOfPi(words: number): Uint32Array {
  const bits = BigInt(words * 32);
  const guard = 64n;
  const one = 1n << (bits + guard);
  const arctan = (inverse: bigint): bigint => {
    let power = one / inverse;
    let sum = power;
    for (let odd = 3n, sign = -1n; power !== 0n; odd += 2n, sign = -sign) {
      power /= inverse * inverse;
      sum += sign * (power / odd);
    }
    return sum;
  };
  const pi = (16n * arctan(5n) - 4n * arctan(239n)) >> guard;
  const hex = (pi & ((1n << bits) - 1n)).toString(16).padStart(words * 8, "0");
  return Uint32Array.from({ length: words }, (_, at) => Number.parseInt(hex.slice(at * 8, at * 8 + 8), 16));
}

function cyclicWords(bytes: Uint8Array, count: number): Uint32Array {
  const words = new Uint32Array(count);
  for (let at = 0; at < count * 4; at++) {
    const word = at >> 2;
    words[word] = ((words[word] ?? 0) << 8) | (bytes[at % bytes.length] ?? 0);
  }
  return words;
}

function mix(state: Blowfish, key: Uint32Array, salt: Uint32Array): void {
  const { p, s } = state;
  for (let at = 0; at < P_WORDS; at++) p[at] = (p[at] ?? 0) ^ (key[at] ?? 0);
  const block = new Uint32Array(2);
  let from = 0;
  for (const table of [p, s]) {
    for (let at = 0; at < table.length; at += 2) {
      block[0] = (block[0] ?? 0) ^ (salt[from] ?? 0);
      block[1] = (block[1] ?? 0) ^ (salt[from + 1] ?? 0);
      from = (from + 2) % 4;
      encrypt(state, block, 0);
      table[at] = block[0];
      table[at + 1] = block[1];
    }
  }
}

function encrypt({ p, s }: Blowfish, block: Uint32Array, at: number): void {
  let left = (block[at] as number) ^ (p[0] as number);
  let right = block[at + 1] as number;
  for (let round = 1; round <= ROUNDS; round += 2) {
    right ^= feistel(s, left) ^ (p[round] as number);
    left ^= feistel(s, right) ^ (p[round + 1] as number);
  }
  block[at] = right ^ (p[ROUNDS + 1] as number);
  block[at + 1] = left;
}

// The tables always have the words that are asked for; `?? 0` in the innermost loop would double the time.
function feistel(s: Uint32Array, x: number): number {
  const sum = (s[x >>> 24] as number) + (s[0x100 | ((x >>> 16) & 0xff)] as number);
  return (sum ^ (s[0x200 | ((x >>> 8) & 0xff)] as number)) + (s[0x300 | (x & 0xff)] as number);
}

/** Base64 with an alphabet of its own and without padding. */
function encode(bytes: Uint8Array): string {
  let out = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    const count = Math.min(bytes.length - at, 3) + 1;
    for (let digit = 0; digit < count; digit++) out += ALPHABET[(group >> (18 - 6 * digit)) & 63];
  }
  return out;
}
