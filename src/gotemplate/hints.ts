import { nearest } from "#errors";
import { quote } from "./strconv.ts";
import { isObject, typeName } from "./inspect.ts";
import { GoMap, type MaybeValue } from "./value.ts";

/** Beyond this many the nearest is not looked for. */
const MAX_CANDIDATES = 2000;

/** What to say of a key that is not among these. */
export function missingKeyHint(key: string, keys: readonly string[]): string {
  const close = closest(key, keys);
  const missing = `There is no key ${quote(key)}`;
  return close === undefined ? missing : `${missing}; the nearest is ${quote(close)}`;
}

/** What to say of a name that nothing of this kind has; nothing where none is near. */
export function unknownNameHint(kind: string, name: string, names: readonly string[]): string | undefined {
  const close = closest(name, names);
  return close === undefined ? undefined : `The nearest ${kind} is ${quote(close)}`;
}

/** What to say of a key that the dot lacks; `top` is `$`. */
export function dotHint(dot: MaybeValue, key: string, top: MaybeValue): string | undefined {
  const isTop = top instanceof GoMap && top !== dot && top.has(key);
  if (isTop) return `The dot is another value here; write $.${key}`;
  return dot instanceof GoMap ? missingKeyHint(key, [...dot.keys()]) : undefined;
}

/** What to say of a value that can have no keys; nothing where it is an object with fields. */
export function noMapHint(name: string, value: MaybeValue): string | undefined {
  if (value === undefined || value === null || isObject(value) || value instanceof GoMap) return undefined;
  return `${quote(name)} is a ${WORDS[typeName(value)] ?? typeName(value)} and has no keys`;
}

const WORDS: Readonly<Record<string, string>> = {
  bool: "boolean",
  float64: "number",
  int: "number",
  int64: "number",
  "[]interface {}": "list",
};

function closest(word: string, candidates: readonly string[]): string | undefined {
  return candidates.length > MAX_CANDIDATES ? undefined : nearest(word, candidates);
}
