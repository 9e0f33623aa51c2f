import type { TemplateFunction } from "./function.ts";

/**
 * Go's values as the template engine sees them. Types are visible to templates (`eq`, `printf "%T"`, `kindOf`), so
 * every Go kind that a template can meet has its own form here:
 *
 *   nil → null            bool → boolean         string → string (see below)
 *   float64 → number      int → bigint           any other number → GoNumber
 *   []interface {} → array                        []string and other typed slices → GoSlice
 *   []byte → GoBytes                              map[string]interface {} and named maps → GoMap
 *   structs and anything with methods → GoObject
 *
 * A Go string is bytes. Valid UTF-8 is held as usual; a byte that is not part of a valid sequence is held as the lone
 * surrogate U+DC00 + byte, so that every byte string survives a round trip.
 */
export type Value =
  | null
  | boolean
  | string
  | number
  | bigint
  | GoNumber
  | GoBytes
  | Value[]
  | GoMap
  | GoObject;

/**
 * A value or Go's zero `reflect.Value`, which is what a missing key, an empty pipeline and a nil that went through a
 * pipeline are. It prints as `<no value>`.
 */
export type MaybeValue = Value | undefined;

export type NumberKind =
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "uint"
  | "uint8"
  | "uint16"
  | "uint32"
  | "uint64"
  | "uintptr"
  | "float32";

/** The methods that a template may call on a value of a named type, by name. */
export type Methods = Readonly<Record<string, TemplateFunction>>;

/**
 * A number of any kind but int and float64. The value is a bigint for the integers, a number for float32.
 * `type` is its Go type where that is named, such as `time.Duration`; `methods` take the number as their receiver.
 */
export class GoNumber {
  readonly kind: NumberKind;
  readonly value: bigint | number;
  readonly type: string;
  readonly traits: NumberTraits | undefined;

  constructor(kind: NumberKind, value: bigint | number, type: string = kind, traits?: NumberTraits) {
    this.kind = kind;
    this.value = value;
    this.type = type;
    this.traits = traits;
  }
}

/** What a named number type adds to its number. */
export interface NumberTraits {
  /** Its `String()` method. */
  print?(number: GoNumber): string;
  method?(number: GoNumber, name: string): TemplateFunction | undefined;
}

/** An `int64`. */
export function int64(value: bigint | number): GoNumber {
  return new GoNumber("int64", BigInt.asIntN(64, BigInt(value)));
}

export class GoMap extends Map<string, Value> {
  /** `map[string]interface {}`, `map[string]string`, `chartutil.Values` … */
  type = "map[string]interface {}";
  /** True for a nil map: it is empty, JSON shows `null`, and `set` throws as Go panics. */
  isNil = false;
  /** Methods of a named type; they shadow keys. */
  methods: Methods | undefined;

  override set(key: string, value: Value): this {
    if (this.isNil) throw new Error("assignment to entry in nil map");
    return super.set(key, value);
  }

  /** A map of the given type, with these entries. */
  static of(entries: Iterable<readonly [string, Value]>, type?: string): GoMap {
    const map = new GoMap();
    if (type !== undefined) map.type = type;
    for (const [key, value] of entries) map.set(key, value);
    return map;
  }

  static nil(type?: string): GoMap {
    const map = GoMap.of([], type);
    map.isNil = true;
    return map;
  }
}

/** A slice whose type is not plain `[]interface {}`, or which is nil. Its own `map`, `filter` … give plain arrays. */
export class GoSlice extends Array<Value> {
  type = "[]string";
  /** True for a nil slice: it is empty and JSON shows `null`. */
  isNil = false;
  methods: Methods | undefined;

  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  static typed(type: string, items: Iterable<Value>): GoSlice {
    const slice = new GoSlice();
    slice.type = type;
    for (const item of items) slice.push(item);
    return slice;
  }

  static nil(type = "[]interface {}"): GoSlice {
    const slice = new GoSlice();
    slice.type = type;
    slice.isNil = true;
    return slice;
  }
}

/** A `[]uint8`. */
export class GoBytes {
  readonly bytes: Uint8Array;
  /** True for a nil slice: it is empty and JSON shows `null`. */
  readonly isNil: boolean;

  constructor(bytes: Uint8Array, isNil = false) {
    this.bytes = bytes;
    this.isNil = isNil;
  }

  static nil(): GoBytes {
    return new GoBytes(new Uint8Array(), true);
  }
}

/** A struct, pointer or interface with fields and methods that a template may reach by name. */
export interface GoObject {
  /** `time.Time`, `*semver.Version`, `chart.Metadata` … A leading `*` makes it a pointer, otherwise it is a struct. */
  readonly goType: string;
  /** Its kind where that is neither pointer nor struct. */
  readonly goKind?: "func" | "map" | "slice" | "complex128" | "complex64" | "interface";
  /** The exported field of that name. */
  field(name: string): Value | undefined;
  /** The method of that name, with this object bound as its receiver. */
  method(name: string): TemplateFunction | undefined;
  /** Its `String()` or `Error()` method: what `print`, `%v` and `%s` write. Without it the fields are written. */
  print?(): string;
  /** Its `String()` method where only a pointer to it has one: what an action writes, but not `print` and `%v`. */
  printAddressed?(): string;
  /** The fields in order, exported or not, for `%v`, `%+v` and `%#v`. */
  fields?(): Iterable<readonly [string, Value]>;
  /** What `==` compares; without it, identity. */
  equals?(other: GoObject): boolean;
}
