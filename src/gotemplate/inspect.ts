import { byteLength, compareStrings } from "./bytes.ts";
import { goType, type GoType, type Kind } from "./go-type.ts";
import { PartCount } from "./part-count.ts";
import { GoBytes, GoMap, GoNumber, GoSlice, type GoObject, type MaybeValue, type Value } from "./value.ts";

/** What `%T` prints: `<nil>`, `float64`, `map[string]interface {}`. */
export function typeName(value: MaybeValue): string {
  switch (typeof value) {
    case "string":
      return "string";
    case "number":
      return "float64";
    case "bigint":
      return "int";
    case "boolean":
      return "bool";
    case "undefined":
      return "<nil>";
    default:
  }
  if (value === null) return "<nil>";
  if (Array.isArray(value)) return value instanceof GoSlice ? value.type : "[]interface {}";
  if (value instanceof GoMap || value instanceof GoNumber) return value.type;
  if (value instanceof GoBytes) return "[]uint8";
  return value.goType;
}

/** The type of a value that is not nil. */
export function typeOf(value: NonNullable<Value>): GoType {
  return goType(typeName(value));
}

/** What `reflect.ValueOf(value).Kind()` prints; `invalid` for nil. */
export function kindName(value: MaybeValue): Kind {
  switch (typeof value) {
    case "string":
      return "string";
    case "number":
      return "float64";
    case "bigint":
      return "int";
    case "boolean":
      return "bool";
    case "undefined":
      return "invalid";
    default:
  }
  if (value === null) return "invalid";
  if (Array.isArray(value) || value instanceof GoBytes) return "slice";
  if (value instanceof GoMap) return "map";
  if (value instanceof GoNumber) return value.type === value.kind ? value.kind : kindOfNamed(value);
  return value.goKind ?? (value.goType.startsWith("*") ? "ptr" : "struct");
}

/** A named int (`time.Month`) has to be held as an int64, because a bigint has no name. */
function kindOfNamed(value: GoNumber): Kind {
  const { kind } = goType(value.type);
  return kind === "struct" ? value.kind : kind;
}

/** Whether `if` takes the value for true: neither nil, false, zero nor empty. */
export function truth(value: MaybeValue): boolean {
  switch (typeof value) {
    case "boolean":
      return value;
    case "string":
      return value !== "";
    case "number":
      return value !== 0;
    case "bigint":
      return value !== 0n;
    case "undefined":
      return false;
    default:
  }
  if (value === null) return false;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof GoMap) return value.size > 0;
  if (value instanceof GoNumber) return value.value !== 0n && value.value !== 0;
  if (value instanceof GoBytes) return value.bytes.length > 0;
  return isTrueObject(value);
}

/** The length of a string (in bytes), slice or map; undefined for what has none. */
export function lengthOf(value: MaybeValue): number | undefined {
  if (typeof value === "string") return byteLength(value);
  if (Array.isArray(value)) return value.length;
  if (value instanceof GoMap) return value.size;
  if (value instanceof GoBytes) return value.bytes.length;
  if (isComplex(value)) return undefined;
  return undefined;
}

/** A complex number, which only a constant such as `1i` makes. */
export class GoComplex implements GoObject {
  readonly goType = "complex128";
  readonly goKind = "complex128";
  readonly real: number;
  readonly imaginary: number;

  constructor(real: number, imaginary: number) {
    this.real = real;
    this.imaginary = imaginary;
  }

  field(): undefined {
    return undefined;
  }

  method(): undefined {
    return undefined;
  }

  equals(other: GoObject): boolean {
    return other instanceof GoComplex && other.real === this.real && other.imaginary === this.imaginary;
  }
}

function isComplex(value: MaybeValue): value is GoComplex {
  return value instanceof GoComplex;
}

function isTrueObject(value: GoObject): boolean {
  return isComplex(value) ? value.real !== 0 || value.imaginary !== 0 : true;
}

/**
 * `reflect.DeepEqual`: same types, same contents. A nil slice or map differs from an empty one.
 *
 * @throws {RangeError} for values that are too large or too deep.
 */
export function deepEqual(left: MaybeValue, right: MaybeValue): boolean {
  return left === right || isEqual(left, right, new PartCount());
}

function isEqual(left: MaybeValue, right: MaybeValue, parts: PartCount): boolean {
  if (left === right) return true;
  parts.next();
  if (left === undefined || right === undefined) return (left ?? null) === (right ?? null);
  if (left === null || right === null || typeof left !== "object" || typeof right !== "object") return false;
  if (typeName(left) !== typeName(right)) return false;
  if (Array.isArray(left)) {
    return (
      Array.isArray(right) &&
      left.length === right.length &&
      isNilContainer(left) === isNilContainer(right) &&
      left.every((item, at) => isEqual(item, right[at], parts))
    );
  }
  if (left instanceof GoMap) {
    if (!(right instanceof GoMap) || left.size !== right.size || left.isNil !== right.isNil) return false;
    for (const [key, item] of left)
      if (!right.has(key) || !isEqual(item, right.get(key), parts)) return false;
    return true;
  }
  if (left instanceof GoNumber) return right instanceof GoNumber && left.value === right.value;
  if (left instanceof GoBytes)
    return right instanceof GoBytes && Buffer.compare(left.bytes, right.bytes) === 0;
  return isObject(right) && left.equals?.(right) === true;
}

/** Whether the value is a GoObject and none of the other classes. */
export function isObject(value: MaybeValue): value is GoObject {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof GoMap) &&
    !(value instanceof GoNumber) &&
    !(value instanceof GoBytes)
  );
}

/** Whether it is a nil slice or map. */
export function isNilContainer(value: MaybeValue): boolean {
  return (value instanceof GoMap || value instanceof GoSlice || value instanceof GoBytes) && value.isNil;
}

/** The keys in the order in which Go prints and ranges over a map: by their bytes. */
export function sortedKeys(map: GoMap): string[] {
  const keys = [...map.keys()];
  if (keys.length < 2) return keys;
  return keys.some((key) => BEYOND_SURROGATES.test(key)) ? keys.sort(compareStrings) : keys.sort();
}

/** From here on the order of UTF-16 units is not that of bytes. */
const BEYOND_SURROGATES = /[\ud800-\uffff]/;

/** What one element of a slice or map is declared to be: `interface {}` unless the container says otherwise. */
export function elementType(container: Value): GoType {
  if (container instanceof GoMap || container instanceof GoSlice)
    return goType(container.type).elem ?? ANYTHING;
  if (container instanceof GoBytes) return goType("uint8");
  if (typeof container === "string") return goType("uint8");
  return ANYTHING;
}

const ANYTHING = goType("interface {}");

/** Go's zero value of a type; nil for interfaces and pointers. */
export function zeroOf(type: GoType): Value {
  switch (type.kind) {
    case "string":
      return "";
    case "bool":
      return false;
    case "int":
      return 0n;
    case "float64":
      return 0;
    case "map":
      return GoMap.nil(type.text);
    case "slice":
      return type.text === "[]uint8" ? GoBytes.nil() : GoSlice.nil(type.text);
    case "float32":
      return new GoNumber("float32", 0);
    case "int8":
    case "int16":
    case "int32":
    case "int64":
    case "uint":
    case "uint8":
    case "uint16":
    case "uint32":
    case "uint64":
    case "uintptr":
      return new GoNumber(type.kind, 0n, type.text);
    case "complex64":
    case "complex128":
      return new GoComplex(0, 0);
    default:
      return null;
  }
}
