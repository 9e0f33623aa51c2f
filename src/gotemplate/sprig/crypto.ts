import { fromBytes, toBytes } from "../bytes.ts";
import { define, type TemplateFunction } from "../function.ts";
import { decodeBase64, encodeBase64 } from "./base-n.ts";
import { bcryptHash } from "./bcrypt.ts";
import { derivePassword } from "./derive-password.ts";
import type { RandomBytes } from "./random.ts";
import { sha256 } from "./sha256.ts";

/** Loaded when first used: most charts need no digests. */
const crypto = () => process.getBuiltinModule("node:crypto");

const BLOCK = 16;

export function cryptoFunctions(random: RandomBytes): readonly TemplateFunction[] {
  const bcrypt = (password: string) => bcryptOrMessage(password, random);
  return [
    define("sha1sum", "func(string) string", (text) => hexDigest("sha1", text)),
    define("sha256sum", "func(string) string", (text) => sha256(toBytes(text))),
    define("sha512sum", "func(string) string", (text) => hexDigest("sha512", text)),
    define("adler32sum", "func(string) string", (text) => String(adler32(toBytes(text)))),
    define("bcrypt", "func(string) string", bcrypt),
    define("htpasswd", "func(string, string) string", (user, password) =>
      user.includes(":") ? `invalid username: ${user}` : `${user}:${bcrypt(password)}`,
    ),
    define("derivePassword", "func(uint32, string, string, string, string) string", (counter, ...texts) =>
      derivePassword(Number(counter.value), ...texts),
    ),
    define("encryptAES", "func(string, string) (string, error)", (password, text) =>
      encrypt(password, text, random),
    ),
    define("decryptAES", "func(string, string) (string, error)", decrypt),
  ];
}

function hexDigest(algorithm: string, text: string): string {
  return crypto().createHash(algorithm).update(toBytes(text)).digest("hex");
}

function adler32(bytes: Uint8Array): number {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return b * 65_536 + a;
}

function bcryptOrMessage(password: string, random: RandomBytes): string {
  try {
    return bcryptHash(toBytes(password), random(16));
  } catch (error) {
    return `failed to encrypt string with bcrypt: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** AES-256 in CBC mode; the password itself, cut or filled with zeros to 32 bytes, is the key. */
function encrypt(password: string, text: string, random: RandomBytes): string {
  if (text === "") return "";
  const start = random(BLOCK);
  const cipher = crypto().createCipheriv("aes-256-cbc", keyOf(password), start);
  return encodeBase64(Buffer.concat([start, cipher.update(toBytes(text)), cipher.final()]));
}

/** Go takes the last byte for the length of the padding and does not look at the rest of it. */
function decrypt(password: string, encrypted: string): string {
  if (encrypted === "") return "";
  const bytes = decodeBase64(encrypted);
  if (bytes.length < BLOCK)
    throw outOfRange(`slice bounds out of range [:${BLOCK}] with capacity ${bytes.length}`);
  if (bytes.length % BLOCK !== 0) throw new Error("crypto/cipher: input not full blocks");
  const decipher = crypto().createDecipheriv("aes-256-cbc", keyOf(password), bytes.subarray(0, BLOCK));
  decipher.setAutoPadding(false);
  const plain = Buffer.concat([decipher.update(bytes.subarray(BLOCK)), decipher.final()]);
  if (plain.length === 0) throw outOfRange("index out of range [-1]");
  const length = plain.length - (plain.at(-1) ?? 0);
  if (length < 0) throw outOfRange(`slice bounds out of range [:${length}]`);
  return fromBytes(plain.subarray(0, length));
}

function keyOf(password: string): Buffer {
  return Buffer.concat([toBytes(password), Buffer.alloc(32)]).subarray(0, 32);
}

function outOfRange(problem: string): Error {
  return new Error(`runtime error: ${problem}`);
}
