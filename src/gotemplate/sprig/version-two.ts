import { byteLength, byteSlice } from "../bytes.ts";
import { define, type TemplateFunction } from "../function.ts";
import { GoNumber, type Value } from "../value.ts";
import { parseDigits, toFloat, toInt } from "./cast.ts";
import { toIndex } from "./text.ts";

/**
 * The functions of Sprig 2.22 that its version 3 has changed: texts are numbers only in base 10 without a point, named
 * kinds of numbers count, and `trunc` does not count from the end.
 */
export function versionTwoFunctions(): readonly TemplateFunction[] {
  const largest = (first: Value, ...others: Value[]) => others.map(integer).reduce((so, next) => (next > so ? next : so), integer(first));
  return [
    define("int", "func(interface {}) int", integer),
    define("int64", "func(interface {}) int64", integer),
    define("float64", "func(interface {}) float64", float),
    define("add", "func(...interface {}) int64", (...values) => wrapped(values.reduce<bigint>((sum, value) => sum + integer(value), 0n))),
    define("add1", "func(interface {}) int64", (value) => wrapped(integer(value) + 1n)),
    define("sub", "func(interface {}, interface {}) int64", (a, b) => wrapped(integer(a) - integer(b))),
    define("mul", "func(interface {}, ...interface {}) int64", (first, ...others) =>
      others.reduce<bigint>((product, value) => wrapped(product * integer(value)), integer(first)),
    ),
    define("div", "func(interface {}, interface {}) int64", (a, b) => wrapped(integer(a) / divisor(b))),
    define("mod", "func(interface {}, interface {}) int64", (a, b) => integer(a) % divisor(b)),
    define("max", "func(interface {}, ...interface {}) int64", largest),
    define("biggest", "func(interface {}, ...interface {}) int64", largest),
    define("min", "func(interface {}, ...interface {}) int64", (first, ...others) =>
      others.map(integer).reduce((so, next) => (next < so ? next : so), integer(first)),
    ),
    define("floor", "func(interface {}) float64", (value) => Math.floor(float(value))),
    define("ceil", "func(interface {}) float64", (value) => Math.ceil(float(value))),
    define("trunc", "func(int, string) string", truncate),
  ];
}

const MAX_INT64 = 2n ** 63n - 1n;

function integer(value: Value): bigint {
  if (typeof value === "string") {
    const number = parseDigits(value, 10);
    return BigInt(/^[+-]?[0-9]+$/.test(value) ? value.replace("+", "") : 0n) === number ? number : 0n;
  }
  if (!(value instanceof GoNumber) || typeof value.value === "number") return toInt(value);
  return value.value > MAX_INT64 ? MAX_INT64 : value.value;
}

function float(value: Value): number {
  return value instanceof GoNumber ? Number(value.value) : toFloat(value);
}

function wrapped(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}

function divisor(value: Value): bigint {
  const number = integer(value);
  if (number === 0n) throw new Error("runtime error: integer divide by zero");
  return number;
}

function truncate(count: bigint, text: string): string {
  const size = toIndex(count);
  if (byteLength(text) <= size) return text;
  if (size < 0) throw new Error(`runtime error: slice bounds out of range [:${count}]`);
  return byteSlice(text, 0, size);
}
