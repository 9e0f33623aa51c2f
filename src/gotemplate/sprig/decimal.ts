/**
 * Decimal numbers, value × 10^exponent, so that 0.1 + 0.2 is 0.3. Sprig counts so in `addf`, `subf`, `mulf`, `divf`.
 *
 * @see https://pkg.go.dev/github.com/shopspring/decimal v1.4
 */
export interface Decimal {
  readonly value: bigint;
  readonly exponent: number;
}

/** Digits after the point that a division keeps. */
const DIVISION_DIGITS = 16;

/** The shortest decimal that is this float. @throws {Error} for NaN and the infinities. */
export function decimalOf(float: number): Decimal {
  if (!Number.isFinite(float)) {
    const name = Number.isNaN(float) ? "NaN" : float > 0 ? "+Inf" : "-Inf";
    throw new Error(`Cannot create a Decimal from ${name}`);
  }
  const [mantissa = "0", power = "0"] = float.toExponential().split("e");
  const [whole = "0", fraction = ""] = mantissa.split(".");
  return { value: BigInt(whole + fraction), exponent: Number(power) - fraction.length };
}

export function toFloat(decimal: Decimal): number {
  return Number(`${decimal.value}e${decimal.exponent}`);
}

export function add(a: Decimal, b: Decimal): Decimal {
  const exponent = Math.min(a.exponent, b.exponent);
  return { value: scaled(a, exponent) + scaled(b, exponent), exponent };
}

export function subtract(a: Decimal, b: Decimal): Decimal {
  return add(a, { value: -b.value, exponent: b.exponent });
}

export function multiply(a: Decimal, b: Decimal): Decimal {
  return { value: a.value * b.value, exponent: a.exponent + b.exponent };
}

/** Rounds half away from zero. @throws {Error} for a division by 0. */
export function divide(a: Decimal, b: Decimal): Decimal {
  if (b.value === 0n) throw new Error("decimal division by 0");
  const shift = a.exponent - b.exponent + DIVISION_DIGITS;
  const dividend = shift > 0 ? a.value * 10n ** BigInt(shift) : a.value;
  const divisor = shift < 0 ? b.value * 10n ** BigInt(-shift) : b.value;
  const rest = dividend % divisor;
  const isUp = 2n * absolute(rest) >= absolute(divisor);
  const step = dividend < 0n === divisor < 0n ? 1n : -1n;
  return { value: dividend / divisor + (isUp ? step : 0n), exponent: -DIVISION_DIGITS };
}

function scaled(decimal: Decimal, exponent: number): bigint {
  return decimal.value * 10n ** BigInt(decimal.exponent - exponent);
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}
