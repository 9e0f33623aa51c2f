/** What a plain scalar means: YAML 1.1 as goyaml.v2 reads it. */
export type Resolved =
  | { readonly type: "null"; readonly value: null }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "int"; readonly value: bigint }
  | { readonly type: "float"; readonly value: number }
  | { readonly type: "timestamp"; readonly value: string }
  | { readonly type: "merge"; readonly value: string }
  | { readonly type: "str"; readonly value: string };

const WORDS = new Map<string, Resolved>();
for (const word of ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"]) {
  WORDS.set(word, { type: "bool", value: true });
}
for (const word of ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"]) {
  WORDS.set(word, { type: "bool", value: false });
}
for (const word of ["", "~", "null", "Null", "NULL"]) WORDS.set(word, { type: "null", value: null });
for (const word of [".nan", ".NaN", ".NAN"]) WORDS.set(word, { type: "float", value: Number.NaN });
for (const word of [".inf", ".Inf", ".INF"]) {
  WORDS.set(word, { type: "float", value: Number.POSITIVE_INFINITY });
  WORDS.set(`+${word}`, { type: "float", value: Number.POSITIVE_INFINITY });
  WORDS.set(`-${word}`, { type: "float", value: Number.NEGATIVE_INFINITY });
}
WORDS.set("<<", { type: "merge", value: "<<" });

/**
 * The meaning of a plain scalar without a tag. A text that is a number has at most the range of Go's uint64 as an
 * integer; beyond that it is a float, and beyond that a string.
 *
 * @see https://yaml.org/type/ with goyaml.v2's additions (0o, 0b) and omissions (base 60)
 */
export function resolveScalar(text: string): Resolved {
  return resolveSpecial(text) ?? { type: "str", value: text };
}

/** As `resolveScalar`, but undefined for a string. */
export function resolveSpecial(text: string): Resolved | undefined {
  const c = text.charCodeAt(0);
  // Only these can begin anything but a string: nothing, sign, digit, `.`, `~`, `<` or one of yYnNtTfFoO.
  if (c >= 0x30 && c <= 0x39) return resolveNumber(text);
  switch (c) {
    case 0x2b:
    case 0x2d:
      return WORDS.get(text) ?? resolveNumber(text);
    case 0x2e:
      return WORDS.get(text) ?? resolvePointFloat(text);
    default:
      return text.length > 5 ? undefined : mayBeWord(c) ? WORDS.get(text) : undefined;
  }
}

function mayBeWord(c: number): boolean {
  if (Number.isNaN(c)) return true;
  switch (c | 0x20) {
    case 0x79: // y
    case 0x6e: // n
    case 0x74: // t
    case 0x66: // f
    case 0x6f: // o
      return true;
    default:
      return c === 0x7e;
  }
}

function resolvePointFloat(text: string): Resolved | undefined {
  if (!/^\.[0-9]+(_[0-9]+)*([eE][-+]?[0-9]+(_[0-9]+)*)?$/.test(text)) return undefined;
  const value = Number(text.replaceAll("_", ""));
  return Number.isFinite(value) ? { type: "float", value } : undefined;
}

const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);
const MAX_UINT64 = 2n ** 64n - 1n;

function resolveNumber(text: string): Resolved | undefined {
  // Most texts are told apart here, before an expression is compiled.
  const end = digitsEnd(text, 0);
  const isDecimal = text[0] !== "0" || end === 1;
  if (end === text.length && end < 16 && isDecimal) return { type: "int", value: BigInt(text) };
  if (text[end] === ".") {
    const fractionEnd = digitsEnd(text, end + 1);
    if (fractionEnd < text.length && !"eE_".includes(text[fractionEnd] as string)) return undefined;
  } else if (end > 0 && isDecimal && end < text.length && !"eE_-xXoObB".includes(text[end] as string))
    return undefined;
  return resolveAnyNumber(text);
}

function digitsEnd(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) >= 0x30 && text.charCodeAt(at) <= 0x39) at++;
  return at;
}

function resolveAnyNumber(text: string): Resolved | undefined {
  if (isTimestamp(text)) return { type: "timestamp", value: text };
  const plain = text.includes("_") ? text.replaceAll("_", "") : text;
  const integer = parseInteger(plain);
  if (integer !== undefined) return { type: "int", value: integer };
  if (!/^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/.test(plain)) return undefined;
  const value = Number(plain);
  return Number.isFinite(value) ? { type: "float", value } : undefined;
}

/** An integer as Go's strconv reads it with base 0, within int64 or uint64. */
function parseInteger(text: string): bigint | undefined {
  const match = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[oO]?([0-7]+)|0[bB]([01]+)|(0|[1-9][0-9]*))$/.exec(text);
  if (match === null) return undefined;
  const [, sign, hex, octal, binary, decimal] = match;
  const digits =
    hex !== undefined
      ? `0x${hex}`
      : octal !== undefined
        ? `0o${octal}`
        : binary !== undefined
          ? `0b${binary}`
          : decimal;
  if (digits === undefined || digits.length > 66) return undefined;
  const size = BigInt(digits);
  if (sign === "-") return -size >= MIN_INT64 ? -size : undefined;
  if (size <= MAX_INT64) return size;
  return sign === "" && size <= MAX_UINT64 ? size : undefined;
}

const TIMESTAMP =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt](\d\d?):(\d\d?):(\d\d?)(?:[.,]\d+)?(?:Z|[-+](\d\d):(\d\d)))|(?: (\d\d?):(\d\d?):(\d\d?)(?:[.,]\d+)?))?$/;

/** Whether goyaml takes the text for a date or a time; such a value stays a string, but is quoted when printed. */
export function isTimestamp(text: string): boolean {
  if (text.charCodeAt(4) !== 0x2d) return false;
  const match = TIMESTAMP.exec(text);
  if (match === null) return false;
  const part = (index: number): number => Number(match[index] ?? 0);
  const month = part(2);
  const day = part(3);
  if (month < 1 || month > 12 || day < 1 || day > daysIn(part(1), month)) return false;
  const [hour, minute, second] =
    match[4] === undefined ? [part(9), part(10), part(11)] : [part(4), part(5), part(6)];
  return hour < 24 && minute < 60 && second < 60 && part(7) <= 24 && part(8) < 60;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Minutes and hours written as in YAML 1.1 (`1:30`): read as text, quoted when printed. */
export function isBase60(text: string): boolean {
  return text.includes(":") && /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/.test(text);
}

/** A float as Go's `strconv.FormatFloat(value, 'g', -1, 64)` writes it, with YAML's words for what is not finite. */
export function formatFloat(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? ".nan" : value > 0 ? ".inf" : "-.inf";
  return goFormat(value.toExponential(), value);
}

/** As `formatFloat`, but with the precision of 32 bits, as sigs.k8s.io/yaml turns a float into a key. */
export function formatFloat32(value: number): string {
  const single = Math.fround(value);
  if (!Number.isFinite(single)) return formatFloat(single);
  let digits = 0;
  while (digits < 9 && Math.fround(Number(single.toExponential(digits))) !== single) digits++;
  return goFormat(single.toExponential(digits), single);
}

function goFormat(exponential: string, value: number): string {
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [mantissa = "", power = "0"] = exponential.split("e");
  const exponent = Number(power);
  const sign = mantissa.startsWith("-") ? "-" : "";
  const digits = mantissa.replace("-", "").replace(".", "").replace(/0+$/, "");
  if (exponent < -4 || exponent >= 6) {
    const tail = digits.length > 1 ? `.${digits.slice(1)}` : "";
    const size = String(Math.abs(exponent)).padStart(2, "0");
    return `${sign}${digits[0]}${tail}e${exponent < 0 ? "-" : "+"}${size}`;
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return digits.length > exponent + 1 ? `${sign}${whole}.${digits.slice(exponent + 1)}` : sign + whole;
}
