import { define, type TemplateFunction } from "../function.ts";
import { GoNumber, type NumberTraits, type Value } from "../value.ts";

/** Go's durations: a count of nanoseconds in 64 bits. */

export const SECOND = 1_000_000_000n;
const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: SECOND,
  m: 60n * SECOND,
  h: 3600n * SECOND,
};
const LIMIT = 2n ** 63n;

/** A `time.Duration`. */
export function goDuration(nanoseconds: bigint): GoNumber {
  return new GoNumber("int64", BigInt.asIntN(64, nanoseconds), "time.Duration", TRAITS);
}

const TRAITS: NumberTraits = {
  print: (number) => printDuration(nanosecondsOf(number)),
  method: (number, name) => METHODS[name]?.(nanosecondsOf(number)),
};

/** The nanoseconds of a value that the engine has found to be a `time.Duration`. */
export function nanosecondsOf(duration: Value): bigint {
  return duration instanceof GoNumber ? BigInt(duration.value) : 0n;
}

const METHODS: Readonly<Record<string, (value: bigint) => TemplateFunction>> = {
  String: (value) => define("String", "func() string", () => printDuration(value)),
  Hours: (value) => define("Hours", "func() float64", () => inUnits(value, UNITS["h"] ?? 1n)),
  Minutes: (value) => define("Minutes", "func() float64", () => inUnits(value, UNITS["m"] ?? 1n)),
  Seconds: (value) => define("Seconds", "func() float64", () => inUnits(value, SECOND)),
  Milliseconds: (value) => define("Milliseconds", "func() int64", () => value / 1_000_000n),
  Microseconds: (value) => define("Microseconds", "func() int64", () => value / 1000n),
  Nanoseconds: (value) => define("Nanoseconds", "func() int64", () => value),
  Abs: (value) =>
    define("Abs", "func() time.Duration", () =>
      goDuration(value < 0n ? (value === -LIMIT ? LIMIT - 1n : -value) : value),
    ),
  Round: (value) =>
    define("Round", "func(time.Duration) time.Duration", (to) =>
      goDuration(roundDuration(value, nanosecondsOf(to))),
    ),
  Truncate: (value) =>
    define("Truncate", "func(time.Duration) time.Duration", (to) => {
      const step = nanosecondsOf(to);
      return goDuration(step <= 0n ? value : value - (value % step));
    }),
};

function inUnits(value: bigint, unit: bigint): number {
  return Number(value / unit) + Number(value % unit) / Number(unit);
}

/** `1h30m0.5s`, `1.5ms`, `0s`. */
export function printDuration(nanoseconds: bigint): string {
  const sign = nanoseconds < 0n ? "-" : "";
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (size === 0n) return "0s";
  if (size < 1000n) return `${sign}${size}ns`;
  if (size < 1_000_000n) return `${sign}${withFraction(size, 3)}µs`;
  if (size < SECOND) return `${sign}${withFraction(size, 6)}ms`;
  const seconds = `${withFraction(size % (60n * SECOND), 9)}s`;
  const minutes = size / (60n * SECOND);
  if (minutes === 0n) return sign + seconds;
  const hours = minutes / 60n;
  return `${sign}${hours === 0n ? "" : `${hours}h`}${minutes % 60n}m${seconds}`;
}

function withFraction(value: bigint, digits: number): string {
  const scale = 10n ** BigInt(digits);
  const fraction = String(value % scale)
    .padStart(digits, "0")
    .replace(/0+$/, "");
  return fraction === "" ? String(value / scale) : `${value / scale}.${fraction}`;
}

/** To the nearest multiple of `step`, halves away from zero. */
export function roundDuration(nanoseconds: bigint, step: bigint): bigint {
  if (step <= 0n) return nanoseconds;
  const rest = nanoseconds % step;
  const size = rest < 0n ? -rest : rest;
  const down = nanoseconds - rest;
  if (size * 2n < step) return down;
  const up = nanoseconds < 0n ? down - step : down + step;
  return up >= LIMIT ? LIMIT - 1n : up < -LIMIT ? -LIMIT : up;
}

/**
 * Reads `1h15m30.5s`, `-1.5h`, `300ms`.
 *
 * @throws {Error} with Go's text: `time: invalid duration "1"`.
 */
export function parseDuration(text: string): bigint {
  const invalid = (problem = "invalid duration") => new Error(`time: ${problem} ${quoteForTime(text)}`);
  let rest = text.replace(/^[+-]/, "");
  if (rest === "0") return 0n;
  if (rest === "") throw invalid();
  let total = 0n;
  while (rest !== "") {
    const [number = "", whole = "", fraction = ""] = /^([0-9]*)(?:\.([0-9]*))?/.exec(rest) ?? [];
    if (whole + fraction === "" || BigInt(whole || "0") > LIMIT) throw invalid();
    rest = rest.slice(number.length);
    const name = /^[^.0-9]*/.exec(rest)?.[0] ?? "";
    if (name === "") throw invalid("missing unit in duration");
    const unit = UNITS[name];
    if (unit === undefined) throw invalid(`unknown unit ${quoteForTime(name)} in duration`);
    rest = rest.slice(name.length);
    total += BigInt(whole || "0") * unit + fractionOf(fraction, unit);
    if (total > LIMIT) throw invalid();
  }
  if (text.startsWith("-")) return -total;
  if (total === LIMIT) throw invalid();
  return total;
}

/** In floating point, as Go counts it. */
function fractionOf(digits: string, unit: bigint): bigint {
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    if (value > (LIMIT - 1n) / 10n || value * 10n + BigInt(digit) > LIMIT) break;
    value = value * 10n + BigInt(digit);
    scale *= 10;
  }
  return value === 0n ? 0n : BigInt(Math.trunc(Number(value) * (Number(unit) / scale)));
}

/** How package time quotes: every byte that is not printable ASCII as `\x`. */
export function quoteForTime(text: string): string {
  const escaped = text.replace(/["\\]|[^ -\x7f]/gu, (character) => {
    if (character === '"' || character === "\\") return `\\${character}`;
    const code = character.charCodeAt(0);
    const bytes =
      code >= 0xdc80 && code <= 0xdcff && character.length === 1
        ? [code - 0xdc00]
        : [...Buffer.from(character)];
    return bytes.map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
  });
  return `"${escaped}"`;
}
