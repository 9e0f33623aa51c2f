import { fromBytes, isValidUtf8, toBytes } from "../bytes.ts";
import { printValue } from "../format.ts";
import { GoBytes, type MaybeValue } from "../value.ts";

/** Sprig's text of a value: strings and bytes as they are, all others as `%v`. */
export function textOf(value: MaybeValue): string {
  if (typeof value === "string") return value;
  return value instanceof GoBytes ? fromBytes(value.bytes) : printValue(value);
}

/** One character for each byte, for functions that cut or search bytes. */
export function toByteText(text: string): string {
  return toBytes(text).toString("latin1");
}

export function fromByteText(text: string): string {
  return fromBytes(Buffer.from(text, "latin1"));
}

/**
 * Lets a function search texts for each other. Characters will do unless one of the texts has broken ones, because
 * half a character may be found inside a whole one; then each byte becomes a character, and `back` undoes that.
 */
export function comparable<const Texts extends readonly string[]>(
  ...texts: Texts
): readonly [texts: Texts, back: (text: string) => string] {
  if (texts.every(isValidUtf8)) return [texts, (text) => text];
  return [texts.map(toByteText) as unknown as Texts, fromByteText];
}

/** `strings.SplitN` without its answer to 0: at most `limit` parts, the last with the rest; all when it is negative. */
export function splitText(text: string, separator: string, limit = -1): string[] {
  if (separator === "") {
    const characters = Array.from(text);
    if (limit < 0 || characters.length <= limit) return characters;
    return [...characters.slice(0, limit - 1), characters.slice(limit - 1).join("")];
  }
  const [[where, what], back] = comparable(text, separator);
  const parts = where.split(what);
  if (limit >= 0 && parts.length > limit)
    parts.splice(limit - 1, Infinity, parts.slice(limit - 1).join(what));
  return parts.map(back);
}

/** The number that a Go int holds, or one beyond every length that a text or list can have. */
export function toIndex(int: bigint): number {
  return Number(BigInt.asIntN(64, int));
}
