import { parseFloatLiteral, parseInteger } from "../strconv.ts";
import { GoNumber, type Value } from "../value.ts";

const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;

/** How values are made numbers. Sprig 2 and 3 differ. */
export interface Casts {
  toInt(value: Value): bigint;
  toFloat(value: Value): number;
}

/** Sprig's `int` and `int64`: what is no number is 0. Texts may be in any of Go's bases, with zeros after a point. */
export function toInt(value: Value): bigint {
  switch (typeof value) {
    case "bigint":
      return value;
    case "number":
      return truncated(value);
    case "boolean":
      return value ? 1n : 0n;
    case "string":
      return inRange(parseInteger(value.replace(/\.0+$/, ""))) ?? 0n;
    default:
      return value instanceof GoNumber && isPlain(value) ? integerOf(value) : 0n;
  }
}

/** Sprig's `float64`: what is no number is 0. */
export function toFloat(value: Value): number {
  switch (typeof value) {
    case "bigint":
      return Number(value);
    case "number":
      return value;
    case "boolean":
      return value ? 1 : 0;
    case "string":
      return parseFloat64(value) ?? 0;
    default:
      return value instanceof GoNumber && isPlain(value) ? Number(value.value) : 0;
  }
}

export const CASTS: Casts = { toInt, toFloat };

/** As Sprig 2.22 has it: texts are numbers in base 10 without a point only, and named kinds of numbers count. */
export const CASTS_OF_VERSION_TWO: Casts = {
  toInt(value) {
    if (typeof value === "string")
      return /^[+-]?[0-9]+$/.test(value) ? (inRange(parseDecimal(value)) ?? 0n) : 0n;
    if (!(value instanceof GoNumber) || typeof value.value === "number") return toInt(value);
    return value.value > MAX ? MAX : value.value;
  },
  toFloat: (value) => (value instanceof GoNumber ? Number(value.value) : toFloat(value)),
};

/** `strconv.ParseInt` in base 10 or 8 whose error is ignored: a number too large ends at the largest. */
export function parseDigits(text: string, base: 8 | 10): bigint {
  if (!(base === 8 ? /^[+-]?[0-7]+$/ : /^[+-]?[0-9]+$/).test(text)) return 0n;
  const value = base === 8 ? signed(text, BigInt(`0o${text.replace(/^[+-]/, "")}`)) : parseDecimal(text);
  return value > MAX ? MAX : value < MIN ? MIN : value;
}

function parseDecimal(text: string): bigint {
  return signed(text, BigInt(text.replace(/^[+-]/, "")));
}

function signed(text: string, size: bigint): bigint {
  return text.startsWith("-") ? -size : size;
}

/** `int64(float)` on amd64: what does not fit becomes the least number. */
function truncated(value: number): bigint {
  return Number.isNaN(value) || value >= 2 ** 63 || value < -(2 ** 63) ? MIN : BigInt(Math.trunc(value));
}

function inRange(value: bigint | undefined): bigint | undefined {
  return value !== undefined && value >= MIN && value <= MAX ? value : undefined;
}

/** Named kinds are not recognized by spf13/cast, but for the two of package time that are ints. */
function isPlain(number: GoNumber): boolean {
  if (number.type === "time.Month" || number.type === "time.Weekday") return true;
  return number.type === number.kind && number.kind !== "uintptr";
}

function integerOf(number: GoNumber): bigint {
  return typeof number.value === "number" ? truncated(number.value) : BigInt.asIntN(64, number.value);
}

function parseFloat64(text: string): number | undefined {
  const match = /^([+-]?)(?:(nan)|inf|infinity)$/i.exec(text);
  if (match === null) return parseFloatLiteral(text);
  if (match[2] !== undefined) return match[1] === "" ? Number.NaN : undefined;
  return match[1] === "-" ? -Infinity : Infinity;
}
