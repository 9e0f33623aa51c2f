const SUFFIX: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/**
 * Whether two values are the same amount, as 1000m and "1" are.
 *
 * @see k8s.io/apimachinery/pkg/api/resource, Quantity
 */
export function isSameQuantity(a: unknown, b: unknown): boolean {
  const left = amountOf(a);
  const right = amountOf(b);
  return left !== undefined && right !== undefined && Math.abs(left - right) <= Math.abs(left) * 1e-12;
}

function amountOf(value: unknown): number | undefined {
  const match = /^([+-]?[0-9.]+)(?:[eE]([+-]?\d+)|(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei))?$/.exec(
    String(value),
  );
  if (match === null) return undefined;
  const [, digits = "", exponent, suffix = ""] = match;
  const amount = Number(digits) * (exponent === undefined ? (SUFFIX[suffix] ?? NaN) : 10 ** Number(exponent));
  return Number.isNaN(amount) ? undefined : amount;
}
