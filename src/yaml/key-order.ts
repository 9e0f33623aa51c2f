/**
 * The order in which goyaml.v2 prints the keys of a map: letters after everything else, and runs of digits by their
 * value, so that `a9` comes before `a10`.
 */
export function compareKeys(a: string, b: string): number {
  return compare(a, b, false);
}

/** The order of goyaml.v3: as that of v2, but a letter comes before anything else that stands behind a digit. */
export function compareKeysPretty(a: string, b: string): number {
  return compare(a, b, true);
}

function compare(a: string, b: string, afterDigits: boolean): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  let i = 0;
  while (i < length && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  if (i === length) return a.length - b.length;
  // Do not cut a surrogate pair in two.
  if (isLowSurrogate(a.charCodeAt(i)) || isLowSurrogate(b.charCodeAt(i))) i = Math.max(0, i - 1);
  const first = a.codePointAt(i) as number;
  const second = b.codePointAt(i) as number;
  const firstIsLetter = isLetter(first);
  const secondIsLetter = isLetter(second);
  if (firstIsLetter && secondIsLetter) return first - second;
  if (firstIsLetter || secondIsLetter) {
    const letterFirst = afterDigits && i > 0 && isDigit(a.charCodeAt(i - 1));
    return secondIsLetter === letterFirst ? 1 : -1;
  }
  const firstRun = digitRun(a, i);
  const secondRun = digitRun(b, i);
  // A zero counts when digits other than zero stand before it: `10` is more than `1`.
  const lead = (first === 0x30 || second === 0x30) && followsDigits(a, i) ? "1" : "";
  const order = compareNumbers(lead + firstRun, lead + secondRun);
  if (order !== 0) return order;
  return firstRun.length - secondRun.length || first - second;
}

function compareNumbers(a: string, b: string): number {
  if (a.length < 16 && b.length < 16) return Number(a) - Number(b);
  const difference = BigInt(a) - BigInt(b);
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}

function digitRun(text: string, from: number): string {
  let end = from;
  while (end < text.length && isDigit(text.charCodeAt(end))) end++;
  return text.slice(from, end);
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function followsDigits(text: string, at: number): boolean {
  for (let i = at - 1; i >= 0; i--) {
    const c = text.charCodeAt(i);
    if (!isDigit(c)) return false;
    if (c !== 0x30) return true;
  }
  return false;
}

function isLetter(code: number): boolean {
  if (code < 0x80) return (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
  return /^\p{L}$/u.test(String.fromCodePoint(code));
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
