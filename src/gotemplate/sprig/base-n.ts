import { toByteText } from "./text.ts";

/** Base64 and base32 with padding, as Go's encoding packages: newlines are passed over, errors tell the byte. */

const ALPHABET_64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const ALPHABET_32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

/** @throws {Error} `illegal base64 data at input byte 4` */
export function decodeBase64(text: string): Uint8Array {
  const bad = badBase64(toByteText(text));
  if (bad !== undefined) throw new Error(`illegal base64 data at input byte ${bad}`);
  return Buffer.from(text, "base64");
}

/** Where the text stops being base64; undefined when it is. */
function badBase64(text: string): number | undefined {
  if (text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  let inQuantum = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (isNewline(character)) continue;
    if (ALPHABET_64.includes(character)) {
      inQuantum = (inQuantum + 1) % 4;
      continue;
    }
    if (character !== "=" || inQuantum < 2) return at;
    let next = skipNewlines(text, at + 1);
    if (inQuantum === 2) {
      if (next === text.length) return next;
      if (text[next] !== "=") return next - 1;
      next = skipNewlines(text, next + 1);
    }
    return next < text.length ? next : undefined;
  }
  return inQuantum === 0 ? undefined : text.length - inQuantum;
}

function isNewline(character: string): boolean {
  return character === "\n" || character === "\r";
}

function skipNewlines(text: string, from: number): number {
  let at = from;
  while (isNewline(text.charAt(at))) at++;
  return at;
}

export function encodeBase32(bytes: Uint8Array): string {
  let out = "";
  let bits = 0;
  let count = 0;
  for (const byte of bytes) {
    bits = (bits << 8) | byte;
    for (count += 8; count >= 5; count -= 5) out += ALPHABET_32[(bits >> (count - 5)) & 31];
    bits &= (1 << count) - 1;
  }
  if (count > 0) out += ALPHABET_32[(bits << (5 - count)) & 31];
  return out.padEnd(Math.ceil(out.length / 8) * 8, "=");
}

/** @throws {Error} `illegal base32 data at input byte 4` */
export function decodeBase32(text: string): Uint8Array {
  const clean = toByteText(text).replace(/[\r\n]/g, "");
  const bytes: number[] = [];
  let bits = 0;
  let count = 0;
  for (const value of base32Digits(clean)) {
    bits = (bits << 5) | value;
    count += 5;
    if (count < 8) continue;
    count -= 8;
    bytes.push((bits >> count) & 0xff);
    bits &= (1 << count) - 1;
  }
  return Uint8Array.from(bytes);
}

function base32Digits(text: string): number[] {
  const digits: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const inQuantum = digits.length % 8;
    if (text[at] === "=" && inQuantum >= 2 && text.length - at <= 8) {
      checkPadding(text, at, inQuantum);
      return digits;
    }
    const value = ALPHABET_32.indexOf(text.charAt(at));
    if (value < 0) throw illegalBase32(at);
    digits.push(value);
  }
  if (digits.length % 8 !== 0) throw illegalBase32(text.length - (digits.length % 8));
  return digits;
}

function checkPadding(text: string, at: number, inQuantum: number): void {
  const needed = 7 - inQuantum;
  const left = text.length - at - 1;
  if (left < needed) throw illegalBase32(text.length);
  for (let more = 0; more < needed; more++) if (text[at + 1 + more] !== "=") throw illegalBase32(at + more);
  if (inQuantum === 3 || inQuantum === 6) throw illegalBase32(at);
}

function illegalBase32(at: number): Error {
  return new Error(`illegal base32 data at input byte ${at}`);
}
