import { normalize } from "./bytes.ts";
import { lazy } from "./lazy.ts";

const NOT_PLAIN = /[^ !#-[\]-~]/;
const printable = lazy(() => /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u);
/** Go 1.26 knows Unicode 15.0; what Unicode 15.1 to 17.0 added is not printable there. */
const addedLater = lazy(
  () =>
    new RegExp(
      `^[${[
        String.raw`\u{88f}\u{897}\u{c5c}\u{cdc}\u{1acf}-\u{1add}\u{1ae0}-\u{1aeb}\u{1b4e}-\u{1b4f}\u{1b7f}`,
        String.raw`\u{1c89}-\u{1c8a}\u{20c1}\u{2427}-\u{2429}\u{2b96}\u{2ffc}-\u{2fff}\u{31e4}-\u{31e5}\u{31ef}`,
        String.raw`\u{a7cb}-\u{a7cf}\u{a7d2}\u{a7d4}\u{a7da}-\u{a7dc}\u{a7f1}\u{fbc3}-\u{fbd2}\u{fd90}-\u{fd91}`,
        String.raw`\u{fdc8}-\u{fdce}\u{105c0}-\u{105f3}\u{10940}-\u{10959}\u{10d40}-\u{10d65}\u{10d69}-\u{10d85}`,
        String.raw`\u{10d8e}-\u{10d8f}\u{10ec2}-\u{10ec7}\u{10ed0}-\u{10ed8}\u{10efa}-\u{10efc}\u{11380}-\u{11389}`,
        String.raw`\u{1138b}\u{1138e}\u{11390}-\u{113b5}\u{113b7}-\u{113c0}\u{113c2}\u{113c5}\u{113c7}-\u{113ca}`,
        String.raw`\u{113cc}-\u{113d5}\u{113d7}-\u{113d8}\u{113e1}-\u{113e2}\u{116d0}-\u{116e3}\u{11b60}-\u{11b67}`,
        String.raw`\u{11bc0}-\u{11be1}\u{11bf0}-\u{11bf9}\u{11db0}-\u{11ddb}\u{11de0}-\u{11de9}\u{11f5a}`,
        String.raw`\u{13460}-\u{143fa}\u{16100}-\u{16139}\u{16d40}-\u{16d79}\u{16ea0}-\u{16eb8}\u{16ebb}-\u{16ed3}`,
        String.raw`\u{16ff2}-\u{16ff6}\u{187f8}-\u{187ff}\u{18cff}\u{18d09}-\u{18d1e}\u{18d80}-\u{18df2}`,
        String.raw`\u{1cc00}-\u{1ccfc}\u{1cd00}-\u{1ceb3}\u{1ceba}-\u{1ced0}\u{1cee0}-\u{1cef0}\u{1e5d0}-\u{1e5fa}`,
        String.raw`\u{1e5ff}\u{1e6c0}-\u{1e6de}\u{1e6e0}-\u{1e6f5}\u{1e6fe}-\u{1e6ff}\u{1f6d8}\u{1f777}-\u{1f77a}`,
        String.raw`\u{1f8b2}-\u{1f8bb}\u{1f8c0}-\u{1f8c1}\u{1f8d0}-\u{1f8d8}\u{1fa54}-\u{1fa57}\u{1fa89}-\u{1fa8a}`,
        String.raw`\u{1fa8e}-\u{1fa8f}\u{1fabe}\u{1fac6}\u{1fac8}\u{1facd}\u{1fadc}\u{1fadf}\u{1fae9}-\u{1faea}`,
        String.raw`\u{1faef}\u{1fbcb}-\u{1fbef}\u{1fbfa}\u{2b73a}-\u{2b73f}\u{2cea2}-\u{2cead}\u{2ebf0}-\u{2ee5d}`,
        String.raw`\u{323b0}-\u{33479}`,
      ].join("")}]$`,
      "u",
    ),
);
const SHORT_ESCAPES: Readonly<Record<number, string>> = {
  7: "\\a",
  8: "\\b",
  9: "\\t",
  10: "\\n",
  11: "\\v",
  12: "\\f",
  13: "\\r",
};

/** `strconv.IsPrint`. */
export function isPrintable(rune: number): boolean {
  if (rune < 0x7f) return rune >= 0x20;
  if ((rune >= 0xd800 && rune <= 0xdfff) || rune > 0x10ffff) return false;
  const character = String.fromCodePoint(rune);
  return printable().test(character) && !addedLater().test(character);
}

/** `strconv.Quote`, or `QuoteToASCII`. */
export function quote(text: string, toAscii = false): string {
  return NOT_PLAIN.test(text) ? quoteWith(text, 0x22, toAscii) : `"${text}"`;
}

/** `strconv.QuoteRune`, or `QuoteRuneToASCII`. */
export function quoteRune(rune: number, toAscii = false): string {
  return `'${escapeRune(isValidRune(rune) ? rune : 0xfffd, 0x27, toAscii)}'`;
}

/** `strconv.CanBackquote`. */
export function canBackquote(text: string): boolean {
  return text.isWellFormed() && !/[\0-\x08\x0a-\x1f`\x7f\ufeff]/.test(text);
}

function quoteWith(text: string, mark: number, toAscii: boolean): string {
  let out = "";
  for (const character of text) {
    const rune = character.codePointAt(0) ?? 0;
    if (rune >= 0xdc80 && rune <= 0xdcff) out += `\\x${hex(rune - 0xdc00, 2)}`;
    else out += escapeRune(isValidRune(rune) ? rune : 0xfffd, mark, toAscii);
  }
  const around = String.fromCharCode(mark);
  return around + out + around;
}

function escapeRune(rune: number, mark: number, toAscii: boolean): string {
  if (rune === mark || rune === 0x5c) return `\\${String.fromCharCode(rune)}`;
  if ((toAscii ? rune < 0x80 : true) && isPrintable(rune)) return String.fromCodePoint(rune);
  const short = SHORT_ESCAPES[rune];
  if (short !== undefined) return short;
  if (rune < 0x20 || rune === 0x7f) return `\\x${hex(rune, 2)}`;
  return rune < 0x10000 ? `\\u${hex(rune, 4)}` : `\\U${hex(rune, 8)}`;
}

function isValidRune(rune: number): boolean {
  return rune >= 0 && rune <= 0x10ffff && !(rune >= 0xd800 && rune <= 0xdfff);
}

function hex(value: number, width: number): string {
  return value.toString(16).padStart(width, "0");
}

/** What Go's parsers of literals complain about. */
export class SyntaxProblem extends Error {
  constructor() {
    super("invalid syntax");
  }
}

/**
 * `strconv.Unquote`: the text of a Go literal in double quotes, backquotes or, for one character, single quotes.
 *
 * @throws {SyntaxProblem} when it is none.
 */
export function unquote(literal: string): string {
  const mark = literal[0];
  if (literal.length < 2 || mark !== literal.at(-1)) throw new SyntaxProblem();
  const inside = literal.slice(1, -1);
  if (mark === "`") {
    if (inside.includes("`")) throw new SyntaxProblem();
    return inside.replaceAll("\r", "");
  }
  if ((mark !== '"' && mark !== "'") || inside.includes("\n")) throw new SyntaxProblem();
  if (mark === '"' && !inside.includes("\\") && !inside.includes(mark)) return inside;
  if (mark === '"') return unescape(inside, mark);
  const { text, end } = unquoteChar(inside, 0, mark);
  if (end !== inside.length) throw new SyntaxProblem();
  return normalize(text);
}

/**
 * The text of what stands between `mark`s, with any number of escapes.
 *
 * @throws {SyntaxProblem} when one is none, or the mark is among them without a backslash.
 */
export function unescape(inside: string, mark: string): string {
  let text = "";
  for (let at = 0; at < inside.length;) {
    const next = unquoteChar(inside, at, mark);
    text += next.text;
    at = next.end;
  }
  return normalize(text);
}

export interface UnquotedChar {
  /** The character, or the byte that `\x` and octal escapes give. */
  readonly rune: number;
  readonly text: string;
  /** Where the next one begins. */
  readonly end: number;
}

/**
 * `strconv.UnquoteChar`: the first character of what stands between `mark`s.
 *
 * @throws {SyntaxProblem}
 */
export function unquoteChar(text: string, at: number, mark: string): UnquotedChar {
  const character = text[at];
  if (character === undefined || character === mark) throw new SyntaxProblem();
  if (character !== "\\") {
    const rune = text.codePointAt(at) ?? 0;
    const isByte = rune >= 0xdc80 && rune <= 0xdcff;
    const end = at + (rune > 0xffff ? 2 : 1);
    return { rune: isByte ? 0xfffd : rune, text: text.slice(at, end), end };
  }
  const letter = text[at + 1] ?? "";
  const end = at + 2;
  const plain = PLAIN_ESCAPES[letter];
  if (plain !== undefined) return { rune: plain.charCodeAt(0), text: plain, end };
  if (letter === "'" || letter === '"') {
    if (letter !== mark) throw new SyntaxProblem();
    return { rune: letter.charCodeAt(0), text: letter, end };
  }
  const digits = HEX_ESCAPES[letter];
  if (digits !== undefined) {
    const value = digitsAt(text, end, digits, /^[0-9a-fA-F]+$/, 16);
    if (letter === "x") return { rune: value, text: byteText(value), end: end + digits };
    if (!isValidRune(value)) throw new SyntaxProblem();
    return { rune: value, text: String.fromCodePoint(value), end: end + digits };
  }
  const value = digitsAt(text, at + 1, 3, /^[0-7]+$/, 8);
  if (value > 255) throw new SyntaxProblem();
  return { rune: value, text: byteText(value), end: at + 4 };
}

const PLAIN_ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};

const HEX_ESCAPES: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

function digitsAt(text: string, at: number, count: number, allowed: RegExp, base: number): number {
  const digits = text.slice(at, at + count);
  if (digits.length < count || !allowed.test(digits)) throw new SyntaxProblem();
  return Number.parseInt(digits, base);
}

function byteText(value: number): string {
  return String.fromCharCode(value < 0x80 ? value : 0xdc00 + value);
}

/** The integer of a Go literal in any base, with `_` between digits; undefined when it is none. Any size. */
export function parseInteger(text: string): bigint | undefined {
  const match =
    /^([+-]?)(?:(0[xX](?:_?[0-9a-fA-F])+)|(0[oO](?:_?[0-7])+)|(0[bB](?:_?[01])+)|(0(?:_?[0-7])*)|([1-9](?:_?[0-9])*))$/.exec(
      text,
    );
  if (match === null) return undefined;
  const [, sign, hexadecimal, octal, binary, oldOctal, decimal] = match;
  const clean = (
    hexadecimal ??
    octal ??
    binary ??
    (oldOctal === undefined ? decimal : `0o0${oldOctal.slice(1)}`) ??
    ""
  ).replaceAll("_", "");
  return sign === "-" ? -BigInt(clean) : BigInt(clean);
}

/** The number of a Go floating-point literal, decimal or hexadecimal; undefined when it is none or too large. */
export function parseFloatLiteral(text: string): number | undefined {
  const hexadecimal = /^([+-]?)0[xX]_?([0-9a-fA-F_]*)(?:\.([0-9a-fA-F_]*))?[pP]([+-]?[0-9_]+)$/.exec(text);
  if (hexadecimal !== null) return hexadecimalFloat(hexadecimal);
  if (
    !/^[+-]?(?:[0-9](?:_?[0-9])*\.?(?:[0-9](?:_?[0-9])*)?|\.[0-9](?:_?[0-9])*)(?:[eE][+-]?[0-9](?:_?[0-9])*)?$/.test(
      text,
    )
  ) {
    return undefined;
  }
  const value = Number(text.replaceAll("_", ""));
  return Number.isFinite(value) ? value : undefined;
}

function hexadecimalFloat([, sign, whole = "", fraction = "", power = ""]: readonly (string | undefined)[]):
  | number
  | undefined {
  const wholeDigits = whole.replaceAll("_", "");
  const fractionDigits = fraction.replaceAll("_", "");
  if (wholeDigits + fractionDigits === "") return undefined;
  let mantissa = BigInt(`0x${wholeDigits}${fractionDigits}`);
  let exponent = Number(power.replaceAll("_", "")) - 4 * fractionDigits.length;
  if (mantissa === 0n) return sign === "-" ? -0 : 0;
  const bits = mantissa.toString(2).length;
  const drop = Math.max(bits - 53, -1074 - exponent);
  if (drop > 0) {
    mantissa = roundShift(mantissa, BigInt(drop));
    exponent += drop;
  }
  const value = scale(Number(mantissa), exponent);
  return Number.isFinite(value) ? (sign === "-" ? -value : value) : undefined;
}

/** Shifts right, rounding half to even. */
function roundShift(value: bigint, by: bigint): bigint {
  const kept = value >> by;
  const rest = value & ((1n << by) - 1n);
  const half = 1n << (by - 1n);
  return rest > half || (rest === half && (kept & 1n) === 1n) ? kept + 1n : kept;
}

function scale(mantissa: number, exponent: number): number {
  let value = mantissa;
  let left = exponent;
  while (left > 1000) {
    value *= 2 ** 1000;
    left -= 1000;
  }
  while (left < -1000) {
    value *= 2 ** -1000;
    left += 1000;
  }
  return value * 2 ** left;
}

/** The verbs of `strconv.FormatFloat`. */
export type FloatVerb = "e" | "E" | "f" | "g" | "G" | "b" | "x" | "X";

/**
 * `strconv.FormatFloat`.
 *
 * @param precision digits after the point (for `g` all digits); -1 gives the fewest that tell the number from others.
 * @param bits 32 when the number is a float32.
 */
export function formatFloat(value: number, verb: FloatVerb, precision: number, bits: 32 | 64): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const size = Math.abs(value);
  if (verb === "b") return sign + binaryFloat(size, bits);
  if (verb === "x" || verb === "X") return sign + hexFloat(size, verb, precision, bits);
  const isShortest = precision < 0;
  const digits = isShortest ? shortestDigits(size, bits) : roundedDigits(size, verb, precision);
  const count = digits.text.length;
  switch (verb) {
    case "e":
    case "E":
      return sign + exponential(digits, isShortest ? Math.max(count - 1, 0) : precision, verb);
    case "f":
      return sign + positional(digits, isShortest ? Math.max(count - digits.point, 0) : precision);
    default:
      return sign + general(digits, isShortest ? count : precision === 0 ? 1 : precision, isShortest, verb);
  }
}

/** 0.DIGITS × 10^point, without zeros at the end; zero has no digits. */
interface Digits {
  readonly text: string;
  readonly point: number;
}

function general(digits: Digits, precision: number, isShortest: boolean, verb: "g" | "G"): string {
  const count = digits.text.length;
  let limit = precision;
  if (limit > count && count >= digits.point) limit = count;
  if (isShortest) limit = 6;
  const exponent = digits.point - 1;
  if (exponent < -4 || exponent >= limit) {
    return exponential(digits, Math.min(precision, count) - 1, verb === "g" ? "e" : "E");
  }
  const shown = precision > digits.point ? count : precision;
  return positional(digits, Math.max(shown - digits.point, 0));
}

function exponential(digits: Digits, precision: number, letter: "e" | "E"): string {
  const mantissa = digits.text === "" ? "0" : digits.text.charAt(0);
  const fraction = precision > 0 ? `.${digits.text.slice(1, precision + 1).padEnd(precision, "0")}` : "";
  const exponent = digits.text === "" ? 0 : digits.point - 1;
  return `${mantissa}${fraction}${letter}${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

function positional(digits: Digits, precision: number): string {
  const { text, point } = digits;
  const whole = point > 0 ? text.slice(0, point).padEnd(point, "0") : "0";
  if (precision <= 0) return whole;
  const fraction = point >= 0 ? text.slice(point) : "0".repeat(Math.min(-point, precision)) + text;
  return `${whole}.${fraction.slice(0, precision).padEnd(precision, "0")}`;
}

function shortestDigits(value: number, bits: 32 | 64): Digits {
  if (value === 0) return { text: "", point: 0 };
  const text = bits === 64 ? value.toExponential() : shortestSingle(value);
  const [mantissa = "", exponent = "0"] = text.split("e");
  return { text: mantissa.replace(".", "").replace(/0+$/, ""), point: Number(exponent) + 1 };
}

function shortestSingle(value: number): string {
  for (let digits = 0; digits < 8; digits++) {
    const text = formatFloat(value, "e", digits, 64);
    if (Math.fround(Number(text)) === value) return text;
  }
  return formatFloat(value, "e", 8, 64);
}

function roundedDigits(value: number, verb: FloatVerb, precision: number): Digits {
  if (value === 0) return { text: "", point: 0 };
  const exact = exactDigits(value);
  const keep =
    verb === "f"
      ? exact.point + precision
      : verb === "e" || verb === "E"
        ? precision + 1
        : Math.max(precision, 1);
  if (keep >= exact.text.length) return exact;
  if (keep < 0) return { text: "", point: 0 };
  const kept = exact.text.slice(0, keep);
  const rest = exact.text.slice(keep);
  const isTie = rest === "5";
  const up = isTie ? keep > 0 && Number(kept.at(-1)) % 2 === 1 : rest.charAt(0) >= "5";
  if (!up) return trimmed(kept, exact.point);
  const grown = String(BigInt(kept || "0") + 1n).padStart(kept.length, "0");
  return trimmed(grown, exact.point + (grown.length - kept.length));
}

function trimmed(digits: string, point: number): Digits {
  const text = digits.replace(/0+$/, "");
  return text === "" ? { text: "", point: 0 } : { text, point };
}

/** Every decimal digit of a double: it is a fraction with a power of two below, so there is an end. */
function exactDigits(value: number): Digits {
  const { mantissa, exponent } = parts(value);
  const digits =
    exponent >= 0 ? String(mantissa << BigInt(exponent)) : String(mantissa * 5n ** BigInt(-exponent));
  return trimmed(digits, digits.length + Math.min(exponent, 0));
}

const view = new DataView(new ArrayBuffer(8));

/** value = mantissa × 2^exponent. */
function parts(value: number): { mantissa: bigint; exponent: number } {
  view.setFloat64(0, value);
  const raw = view.getBigUint64(0);
  const biased = Number((raw >> 52n) & 0x7ffn);
  const fraction = raw & ((1n << 52n) - 1n);
  return biased === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | (1n << 52n), exponent: biased - 1075 };
}

/** As parts(), of a float32. */
function singleParts(value: number): { mantissa: bigint; exponent: number } {
  view.setFloat32(0, value);
  const raw = view.getUint32(0);
  const biased = (raw >>> 23) & 0xff;
  const fraction = BigInt(raw & 0x7fffff);
  return biased === 0
    ? { mantissa: fraction, exponent: -149 }
    : { mantissa: fraction | (1n << 23n), exponent: biased - 150 };
}

function binaryFloat(value: number, bits: 32 | 64): string {
  const { mantissa, exponent } = bits === 64 ? parts(value) : singleParts(value);
  return `${mantissa}p${exponent >= 0 ? "+" : ""}${exponent}`;
}

function hexFloat(value: number, verb: "x" | "X", precision: number, bits: 32 | 64): string {
  let { mantissa, exponent } = bits === 64 ? parts(value) : singleParts(value);
  if (mantissa === 0n) exponent = -60;
  else {
    const shift = 61 - mantissa.toString(2).length;
    mantissa <<= BigInt(shift);
    exponent -= shift;
  }
  if (precision >= 0 && precision < 15) {
    const drop = BigInt(60 - 4 * precision);
    mantissa = roundShift(mantissa, drop) << drop;
    if (mantissa >> 61n !== 0n) {
      mantissa >>= 1n;
      exponent++;
    }
  }
  const all = (mantissa & ((1n << 60n) - 1n)).toString(16).padStart(15, "0");
  const fraction = precision < 0 ? all.replace(/0+$/, "") : all.slice(0, precision).padEnd(precision, "0");
  const power = exponent + 60;
  const sign = power < 0 ? "-" : "+";
  const text = `0x${mantissa >> 60n}${fraction === "" ? "" : `.${fraction}`}p${sign}${String(Math.abs(power)).padStart(2, "0")}`;
  return verb === "X" ? text.toUpperCase() : text;
}
