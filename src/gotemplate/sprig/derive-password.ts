import { toBytes } from "../bytes.ts";

/**
 * The Master Password algorithm: a site's password is a pattern, filled in by what scrypt and HMAC make of the master
 * password, the user, the site and a counter.
 */
const SEED = "com.lyndir.masterpassword";

const PATTERNS: Readonly<Record<string, readonly string[]>> = {
  maximum: ["anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"],
  long: (
    "CvcvnoCvcvCvcv CvcvCvcvnoCvcv CvcvCvcvCvcvno CvccnoCvcvCvcv CvccCvcvnoCvcv CvccCvcvCvcvno CvcvnoCvccCvcv " +
    "CvcvCvccnoCvcv CvcvCvccCvcvno CvcvnoCvcvCvcc CvcvCvcvnoCvcc CvcvCvcvCvccno CvccnoCvccCvcv CvccCvccnoCvcv " +
    "CvccCvccCvcvno CvcvnoCvccCvcc CvcvCvccnoCvcc CvcvCvccCvccno CvccnoCvcvCvcc CvccCvcvnoCvcc CvccCvcvCvccno"
  ).split(" "),
  medium: ["CvcnoCvc", "CvcCvcno"],
  short: ["Cvcn"],
  basic: ["aaanaaan", "aannaaan", "aaannaaa"],
  pin: ["nnnn"],
};

const VOWELS = "AEIOU";
const CONSONANTS = "BCDFGHJKLMNPQRSTVWXYZ";
const LETTERS = VOWELS + VOWELS.toLowerCase() + CONSONANTS + CONSONANTS.toLowerCase();
const DIGITS = "0123456789";

/** What each letter of a pattern stands for. */
const CHARACTERS: Readonly<Record<string, string>> = {
  V: VOWELS,
  C: CONSONANTS,
  v: VOWELS.toLowerCase(),
  c: CONSONANTS.toLowerCase(),
  A: VOWELS + CONSONANTS,
  a: LETTERS,
  n: DIGITS,
  o: "@&%?,=[]_:-+*$#!'^~;()/.",
  x: `${LETTERS}${DIGITS}!@#$%^&*()`,
};

/** @returns the password, or what is wrong with the type. */
export function derivePassword(
  counter: number,
  type: string,
  password: string,
  user: string,
  site: string,
): string {
  const patterns = Object.hasOwn(PATTERNS, type) ? PATTERNS[type] : undefined;
  if (patterns === undefined) return `cannot find password template ${type}`;
  const crypto = process.getBuiltinModule("node:crypto");
  const options = { N: 32_768, r: 8, p: 2, maxmem: 128 * 1024 * 1024 };
  const key = crypto.scryptSync(toBytes(password), salted(user), 64, options);
  const [first = 0, ...seed] = crypto
    .createHmac("sha256", key)
    .update(salted(site))
    .update(uint32(counter))
    .digest();
  const pattern = patterns[first % patterns.length] ?? "";
  return Array.from(pattern, (letter, at) => {
    const characters = CHARACTERS[letter] ?? "";
    return characters[(seed[at] ?? 0) % characters.length];
  }).join("");
}

function salted(name: string): Buffer {
  const bytes = toBytes(name);
  return Buffer.concat([Buffer.from(SEED), uint32(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
