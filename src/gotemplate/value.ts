/**
 * Go's values as the template engine sees them. Types are visible to templates (`eq`, `printf "%T"`, `kindOf`), so
 * every Go kind that a template can meet has its own form here:
 *
 *   nil → null            bool → boolean         string → string (see below)
 *   float64 → number      int → bigint           any other number → GoNumber
 *   []interface {} → array                        []string and other typed slices → GoSlice
 *   map[string]interface {} and named maps → GoMap
 *   structs and anything with methods → GoObject
 *
 * A Go string is bytes. Valid UTF-8 is held as usual; a byte that is not part of a valid sequence is held as the lone
 * surrogate U+DC00 + byte, so that every byte string survives a round trip.
 */
export type Value = null | boolean | string | number | bigint | GoNumber | Value[] | GoMap | GoObject;

export type NumberKind =
  | "int8" | "int16" | "int32" | "int64"
  | "uint" | "uint8" | "uint16" | "uint32" | "uint64" | "uintptr"
  | "float32";

/** A number of any kind but int and float64. `type` is its Go type where that is named, such as `time.Duration`. */
export class GoNumber {
  readonly kind: NumberKind;
  readonly value: bigint | number;
  readonly type: string;

  constructor(kind: NumberKind, value: bigint | number, type: string = kind) {
    this.kind = kind;
    this.value = value;
    this.type = type;
  }
}

export class GoMap extends Map<string, Value> {
  /** `map[string]interface {}`, `map[string]string`, `chartutil.Values`, `map[interface {}]interface {}` … */
  type = "map[string]interface {}";
}

/** A slice whose element type is not `interface {}`. */
export class GoSlice extends Array<Value> {
  type = "[]string";
}

/** A struct, pointer or interface with fields and methods that a template may reach by name. */
export interface GoObject {
  readonly goType: string;
  field(name: string): Value | undefined;
  method(name: string): ((...args: Value[]) => Value) | undefined;
  /** What `print` and `%v` write. */
  print(): string;
}
