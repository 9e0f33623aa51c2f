import { isObject, truth, typeName } from "../inspect.ts";
import { PartCount } from "../part-count.ts";
import { GoBytes, GoMap, type Value } from "../value.ts";

/** Deeper maps are an error, because the stack is not endless. */
const MAX_DEPTH = 1000;

/**
 * Merges `source` into `target` as mergo 1.0.1 does; maps that only the source has become shared.
 *
 * Without `overwrite` a value of the target gives way only where it is empty (nil, false, 0, "", an empty list or
 * map). With it the source's value wins, even when it is empty, except that a map is merged into a map, so that an
 * empty one changes nothing.
 *
 * @throws {Error} when a map would be merged into a pointer, or maps are too deep or too large.
 */
export function mergeMaps(target: GoMap, source: GoMap, overwrite: boolean): void {
  mergeBelow(target, source, overwrite, 0, new PartCount());
}

function mergeBelow(target: GoMap, source: GoMap, overwrite: boolean, depth: number, parts: PartCount): void {
  if (depth > MAX_DEPTH) throw new RangeError(`maps are nested more than ${MAX_DEPTH} deep`);
  for (const [key, value] of source) {
    parts.next();
    if (value === null) {
      if (overwrite) target.set(key, null);
      continue;
    }
    const current = target.get(key);
    if (value instanceof GoMap && current instanceof GoMap && !current.isNil) {
      mergeBelow(current, value, overwrite, depth + 1, parts);
      if (current.size > 0) continue;
    } else if (!overwrite && value instanceof GoMap) {
      checkTarget(current);
    }
    if (overwrite || isEmpty(current)) target.set(key, value);
  }
}

function checkTarget(current: Value | undefined): void {
  if (isObject(current) && typeName(current).startsWith("*"))
    throw new Error("src and dst must be of same type");
}

function isEmpty(value: Value | undefined): boolean {
  if (value instanceof GoBytes) return value.bytes.length === 0;
  return !truth(value);
}
