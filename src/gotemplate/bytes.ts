/**
 * Go strings are bytes; here they are JavaScript strings in which a byte that is no part of valid UTF-8 is the lone
 * surrogate U+DC00 + byte (U+DC80 to U+DCFF). These functions count, cut and convert in bytes.
 */

const NOT_ASCII = /[^\0-\x7f]/;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Whether every character is one byte, so that characters and bytes are the same. */
export function isAscii(text: string): boolean {
  return !NOT_ASCII.test(text);
}

/** Whether the bytes are valid UTF-8. */
export function isValidUtf8(text: string): boolean {
  return !LONE_SURROGATE.test(text);
}

/** The number of bytes: Go's `len`. */
export function byteLength(text: string): number {
  if (!NOT_ASCII.test(text)) return text.length;
  if (!LONE_SURROGATE.test(text)) return Buffer.byteLength(text);
  return toBytes(text).length;
}

/** The bytes of a Go string. */
export function toBytes(text: string): Buffer {
  if (!NOT_ASCII.test(text)) return Buffer.from(text, "latin1");
  if (!LONE_SURROGATE.test(text)) return Buffer.from(text);
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit >= 0xd800 && unit < 0xdc00 && isLowSurrogate(text.charCodeAt(at + 1))) {
      at++;
    } else if (unit >= 0xdc80 && unit <= 0xdcff) {
      parts.push(Buffer.from(text.slice(from, at)), Buffer.of(unit - 0xdc00));
      from = at + 1;
    }
  }
  parts.push(Buffer.from(text.slice(from)));
  return Buffer.concat(parts);
}

/** The Go string of these bytes. */
export function fromBytes(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString();
  return text.includes("\ufffd") ? decodeLossless(buffer) : text;
}

/** `text[from:to]` in bytes. */
export function byteSlice(text: string, from: number, to?: number): string {
  if (!NOT_ASCII.test(text)) return text.slice(from, to);
  return fromBytes(toBytes(text).subarray(from, to));
}

/** The runes of a Go string; an invalid byte counts as U+FFFD, as when Go ranges over a string. */
export function* runes(text: string): Generator<number> {
  for (let at = 0; at < text.length; at++) {
    const rune = text.codePointAt(at) ?? 0;
    if (rune > 0xffff) at++;
    yield rune >= 0xd800 && rune <= 0xdfff ? 0xfffd : rune;
  }
}

/** The number of runes. */
export function runeCount(text: string): number {
  let count = text.length;
  for (let at = 0; at < text.length - 1; at++) {
    const unit = text.charCodeAt(at);
    if (unit >= 0xd800 && unit < 0xdc00 && isLowSurrogate(text.charCodeAt(at + 1))) count--;
  }
  return count;
}

/** A string put together of parts in which split bytes may have become whole characters again. */
export function normalize(text: string): string {
  return LONE_SURROGATE.test(text) ? fromBytes(toBytes(text)) : text;
}

/** Orders two strings by their bytes: negative, zero or positive. */
export function compareStrings(left: string, right: string): number {
  if (left === right) return 0;
  if (!NOT_ASCII.test(left) && !NOT_ASCII.test(right)) return left < right ? -1 : 1;
  return Buffer.compare(toBytes(left), toBytes(right));
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

function decodeLossless(view: Buffer): string {
  let out = "";
  let from = 0;
  for (let at = 0; at < view.length;) {
    const size = sequenceLength(view, at);
    if (size > 0) {
      at += size;
      continue;
    }
    out += view.toString("utf8", from, at) + String.fromCharCode(0xdc00 + (view[at] ?? 0));
    at++;
    from = at;
  }
  return out + view.toString("utf8", from);
}

/** The length of the valid UTF-8 sequence at this place; 0 when there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const size =
    first >= 0xf0 && first <= 0xf4
      ? 4
      : first >= 0xe0 && first < 0xf0
        ? 3
        : first >= 0xc2 && first < 0xe0
          ? 2
          : 0;
  if (size === 0 || at + size > bytes.length) return 0;
  for (let more = 1; more < size; more++) if (((bytes[at + more] ?? 0) & 0xc0) !== 0x80) return 0;
  const second = bytes[at + 1] ?? 0;
  if ((first === 0xe0 && second < 0xa0) || (first === 0xed && second >= 0xa0)) return 0;
  if ((first === 0xf0 && second < 0x90) || (first === 0xf4 && second >= 0x90)) return 0;
  return size;
}
