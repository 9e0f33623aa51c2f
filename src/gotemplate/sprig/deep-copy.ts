import { isObject, typeName } from "../inspect.ts";
import { PartCount } from "../part-count.ts";
import { GoBytes, GoMap, GoSlice, type GoObject, type Value } from "../value.ts";

/** Deeper values are an error, because the stack is not endless. */
const MAX_DEPTH = 1000;

/** An object whose copy is not itself, because Go's copier does not see its fields. */
export interface Copied extends GoObject {
  deepCopy(): Value;
}

/** A value that shares no map and no list with the given one. @throws {Error} for nil, and for what is too large */
export function deepCopy(value: Value): Value {
  if (value === null) throw new Error("reflect: call of reflect.Value.Type on zero Value");
  return copyOf(value, 0, new PartCount());
}

function copyOf(value: Value, depth: number, parts: PartCount): Value {
  parts.next();
  if (typeof value !== "object" || value === null) return value;
  if (depth > MAX_DEPTH) throw new Error(`the ${typeName(value)} is nested more than ${MAX_DEPTH} deep`);
  if (value instanceof GoMap) {
    const copy = value.isNil ? GoMap.nil(value.type) : new GoMap();
    copy.type = value.type;
    copy.methods = value.methods;
    for (const [key, item] of value) copy.set(key, copyOf(item, depth + 1, parts));
    return copy;
  }
  if (value instanceof GoSlice) {
    const copy = value.isNil
      ? GoSlice.nil(value.type)
      : GoSlice.typed(
          value.type,
          value.map((item) => copyOf(item, depth + 1, parts)),
        );
    copy.methods = value.methods;
    return copy;
  }
  if (Array.isArray(value)) return value.map((item) => copyOf(item, depth + 1, parts));
  if (value instanceof GoBytes) return new GoBytes(value.bytes.slice());
  return isObject(value) && "deepCopy" in value ? (value as Copied).deepCopy() : value;
}
