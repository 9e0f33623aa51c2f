import { define, type TemplateFunction } from "../function.ts";
import { printValue } from "../format.ts";
import type { Value } from "../value.ts";
import { parseDigits, type Casts } from "./cast.ts";
import * as decimals from "./decimal.ts";
import { checkCount, type Limits } from "./limits.ts";

export function numberFunctions(limits: Limits, { toInt, toFloat }: Casts): readonly TemplateFunction[] {
  const divisor = (value: Value): bigint => {
    const number = toInt(value);
    if (number === 0n) throw new Error("runtime error: integer divide by zero");
    return number;
  };
  const largest = (first: Value, ...others: Value[]): bigint =>
    others.map(toInt).reduce((most, value) => (value > most ? value : most), toInt(first));
  const calculated = (operation: Operation, first: number, others: readonly Value[]): number =>
    decimals.toFloat(
      others.reduce<decimals.Decimal>(
        (so, value) => operation(so, decimals.decimalOf(toFloat(value))),
        decimals.decimalOf(first),
      ),
    );
  const range = (start: bigint, stop: bigint, step: bigint) => counted(limits, start, stop, step);
  return [
    define("int", "func(interface {}) int", toInt),
    define("int64", "func(interface {}) int64", toInt),
    define("float64", "func(interface {}) float64", toFloat),
    define("atoi", "func(string) int", (text) => parseDigits(text, 10)),
    define("toDecimal", "func(interface {}) int64", fromOctal),
    define("add", "func(...interface {}) int64", (...values) =>
      wrapped(values.reduce<bigint>((sum, value) => sum + toInt(value), 0n)),
    ),
    define("add1", "func(interface {}) int64", (value) => wrapped(toInt(value) + 1n)),
    define("sub", "func(interface {}, interface {}) int64", (a, b) => wrapped(toInt(a) - toInt(b))),
    define("mul", "func(interface {}, ...interface {}) int64", (first, ...others) =>
      others.reduce<bigint>((product, value) => wrapped(product * toInt(value)), toInt(first)),
    ),
    define("div", "func(interface {}, interface {}) int64", (a, b) => wrapped(toInt(a) / divisor(b))),
    define("mod", "func(interface {}, interface {}) int64", (a, b) => toInt(a) % divisor(b)),
    define("max", "func(interface {}, ...interface {}) int64", largest),
    define("biggest", "func(interface {}, ...interface {}) int64", largest),
    define("min", "func(interface {}, ...interface {}) int64", (first, ...others) =>
      others.map(toInt).reduce((least, value) => (value < least ? value : least), toInt(first)),
    ),
    define("maxf", "func(interface {}, ...interface {}) float64", (first, ...others) =>
      others.map(toFloat).reduce(max, toFloat(first)),
    ),
    define(
      "minf",
      "func(interface {}, ...interface {}) float64",
      (first, ...others) => -others.map((value) => -toFloat(value)).reduce(max, -toFloat(first)),
    ),
    define("add1f", "func(interface {}) float64", (value) => calculated(decimals.add, toFloat(value), [1n])),
    define("addf", "func(...interface {}) float64", (...values) => calculated(decimals.add, 0, values)),
    define("subf", "func(interface {}, ...interface {}) float64", (first, ...others) =>
      calculated(decimals.subtract, toFloat(first), others),
    ),
    define("mulf", "func(interface {}, ...interface {}) float64", (first, ...others) =>
      calculated(decimals.multiply, toFloat(first), others),
    ),
    define("divf", "func(interface {}, ...interface {}) float64", (first, ...others) =>
      calculated(decimals.divide, toFloat(first), others),
    ),
    define("floor", "func(interface {}) float64", (value) => Math.floor(toFloat(value))),
    define("ceil", "func(interface {}) float64", (value) => Math.ceil(toFloat(value))),
    define("round", "func(interface {}, int, ...float64) float64", (value, places, roundOn = 0.5) =>
      round(toFloat(value), places, roundOn),
    ),
    define("until", "func(int) []int", (count) => range(0n, count, count < 0n ? -1n : 1n)),
    define("untilStep", "func(int, int, int) []int", range),
    define("seq", "func(...int) string", (...bounds) => sequence(bounds, range).join(" ")),
  ];
}

function wrapped(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}

type Operation = (a: decimals.Decimal, b: decimals.Decimal) => decimals.Decimal;

/** `math.Max`: an infinity wins over NaN. */
function max(a: number, b: number): number {
  return a === Infinity || b === Infinity ? Infinity : Math.max(a, b);
}

/** The fraction decides: from `roundOn` on up, else down, so that -1.4 becomes -2. */
function round(value: number, places: bigint, roundOn: number): number {
  const power = powerOfTen(places);
  const digits = power * value;
  return (digits - Math.trunc(digits) >= roundOn ? Math.ceil(digits) : Math.floor(digits)) / power;
}

/** `math.Pow(10, exponent)`, which is not always the float nearest to the power. */
function powerOfTen(exponent: bigint): number {
  let [factor, factorExponent] = [0.625, 4];
  let [mantissa, binary] = [1, 0];
  const size = exponent < 0n ? -exponent : exponent;
  if (size > 400n) return exponent < 0n ? 0 : Infinity;
  for (let left = Number(size); left > 0; left >>= 1) {
    if (left % 2 === 1) {
      mantissa *= factor;
      binary += factorExponent;
    }
    factor *= factor;
    factorExponent *= 2;
    if (factor < 0.5) {
      factor *= 2;
      factorExponent--;
    }
  }
  if (exponent < 0n) [mantissa, binary] = [1 / mantissa, -binary];
  const half = Math.trunc(binary / 2);
  return mantissa * 2 ** half * 2 ** (binary - half);
}

function fromOctal(value: Value): bigint {
  const text = printValue(value);
  const digits = /^[+-]?[0-7]+$/.test(text) ? BigInt(`0o${text.replace(/^[+-]/, "")}`) : 0n;
  const number = text.startsWith("-") ? -digits : digits;
  return wrapped(number) === number ? number : 0n;
}

function counted(limits: Limits, start: bigint, stop: bigint, step: bigint): bigint[] {
  const isUp = stop >= start;
  if (isUp ? step <= 0n : step >= 0n) return [];
  const count = isUp ? (stop - start + step - 1n) / step : (start - stop - step - 1n) / -step;
  checkCount(limits, count);
  return Array.from({ length: Number(count) }, (_, at) => start + BigInt(at) * step);
}

function sequence(
  bounds: readonly bigint[],
  range: (start: bigint, stop: bigint, step: bigint) => bigint[],
): bigint[] {
  const towards = (start: bigint, end: bigint): bigint => (end < start ? -1n : 1n);
  const [first = 0n, second = 0n, third = 0n] = bounds;
  switch (bounds.length) {
    case 1:
      return range(1n, first + towards(1n, first), towards(1n, first));
    case 2:
      return range(first, second + towards(first, second), towards(first, second));
    case 3:
      return third < first && second > 0n ? [] : range(first, third + towards(first, third), second);
    default:
      return [];
  }
}
