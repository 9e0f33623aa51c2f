import { SlipwayError } from "#errors";
import { compareStrings, formatFloat, rfc3339, type Value } from "#gotemplate";
import type { YamlValue } from "#yaml";
import { toGoValue } from "./go-values.ts";

/**
 * What a Go program makes of YAML that it reads into a struct, by way of JSON: keys come in the order of their bytes and
 * need not have the case of their field; what is read later falls upon what is there, part by part; null takes lists and
 * maps away and leaves the rest; numbers become text where a text is wanted; the first fault is told when all is read.
 *
 * @see sigs.k8s.io/yaml 1.6, encoding/json of Go 1.26
 */
export interface Shape<T> {
  readonly goType: string;
  readonly zero: () => T;
  /** What the value makes of what is there. */
  read(value: YamlValue, current: T, reading: Reading): T;
}

/** Where a reading is, and the first thing that did not fit. */
class Reading {
  readonly path: string[] = [];
  struct: string | undefined;
  fault: SlipwayError | undefined;

  misses(value: YamlValue, type: string): void {
    const field = this.struct === undefined ? undefined : `${this.struct}.${this.path.join(".")}`;
    this.fault ??= mismatch(value, type, field);
  }
}

/**
 * Reads into `current`, which is changed.
 *
 * @throws {SlipwayError} CHART_INVALID with Go's words.
 */
export function readStruct<T>(value: YamlValue, shape: Shape<T>, current: T = shape.zero()): T {
  const reading = new Reading();
  const read = shape.read(value, current, reading);
  if (reading.fault !== undefined) throw reading.fault;
  return read;
}

export const text: Shape<string> = {
  goType: "string",
  zero: () => "",
  read: (value, current, reading) => {
    switch (typeof value) {
      case "string":
        return value;
      case "bigint":
      case "boolean":
        return String(value);
      case "number":
        // Wrong for many a number, but so it is: with the precision of 32 bits.
        return formatFloat(Math.fround(value), "g", -1, 32);
      default:
        if (value !== null) reading.misses(value, "string");
        return current;
    }
  },
};

/** A text of JSON that was never YAML: a number is none. */
export const jsonText: Shape<string> = {
  ...text,
  read: (value, current, reading) => {
    if (typeof value === "string") return value;
    if (value !== null) reading.misses(value, "string");
    return current;
  },
};

export const flag: Shape<boolean> = {
  goType: "bool",
  zero: () => false,
  read: (value, current, reading) => {
    if (typeof value === "boolean") return value;
    if (value !== null) reading.misses(value, "bool");
    return current;
  },
};

export const anything: Shape<Value> = {
  goType: "interface {}",
  zero: () => null,
  read: (value) => toGoValue(value),
};

/** A time as Go prints it again. */
export const time: Shape<string> = {
  goType: "time.Time",
  zero: () => "0001-01-01T00:00:00Z",
  read: (value, current) => {
    if (value === null) return current;
    if (typeof value !== "string") throw undecoded("Time.UnmarshalJSON: input is not a JSON string");
    try {
      return rfc3339(value);
    } catch (error) {
      throw undecoded((error as Error).message);
    }
  },
};

export function list<T>(item: Shape<T>): Shape<T[]> {
  const goType = `[]${item.goType}`;
  return {
    goType,
    zero: () => [],
    read: (value, current, reading) => {
      if (value === null) return [];
      if (Array.isArray(value))
        return value.map((one, at) => item.read(one, current[at] ?? item.zero(), reading));
      reading.misses(value, goType);
      return current;
    },
  };
}

export function mapOf<T>(item: Shape<T>): Shape<Map<string, T>> {
  const goType = `map[string]${item.goType}`;
  return {
    goType,
    zero: () => new Map(),
    read: (value, current, reading) => {
      if (value === null) return new Map();
      if (!(value instanceof Map)) {
        reading.misses(value, goType);
        return current;
      }
      const map = new Map(current);
      for (const [key, one] of inOrder(value)) map.set(key, item.read(one, item.zero(), reading));
      return map;
    },
  };
}

/** Null until there is something. */
export function pointer<T>(target: Shape<T>): Shape<T | null> {
  return { ...orNull(target), goType: `*${target.goType}` };
}

/** As a list or map whose being nil makes a difference. */
export function orNull<T>(target: Shape<T>): Shape<T | null> {
  return {
    goType: target.goType,
    zero: () => null,
    read: (value, current, reading) =>
      value === null ? null : target.read(value, current ?? target.zero(), reading),
  };
}

/**
 * @param goType for a struct that has no name of its own, how Go prints it.
 * @param keys what fields are called that do not have the name of their property.
 */
export function struct<T extends object>(
  goType: string,
  shapes: { readonly [Key in keyof T]: Shape<T[Key]> },
  keys: { readonly [Key in keyof T]?: string } = {},
): Shape<T> {
  const names = Object.keys(shapes) as (keyof T & string)[];
  const fields = new Map(names.map((name) => [folded(keys[name] ?? name), name]));
  const ownName = /^[\w.]*\.(\w+)$/.exec(goType)?.[1] ?? "";
  return {
    goType,
    zero: () => {
      const made: Partial<T> = {};
      for (const name of names) made[name] = shapes[name].zero();
      return made as T;
    },
    read: (value, current, reading) => {
      if (value === null) return current;
      if (!(value instanceof Map)) {
        reading.misses(value, goType);
        return current;
      }
      const outer = reading.struct;
      reading.struct = ownName;
      for (const [key, one] of inOrder(value)) {
        const name = fields.get(folded(key));
        if (name === undefined) continue;
        reading.path.push(keys[name] ?? name);
        current[name] = shapes[name].read(one, current[name], reading);
        reading.path.pop();
      }
      reading.struct = outer;
      return current;
    },
  };
}

function inOrder(map: ReadonlyMap<string, YamlValue>): Iterable<readonly [string, YamlValue]> {
  let last = "";
  for (const key of map.keys()) {
    if (compareStrings(last, key) > 0) return [...map].sort(([left], [right]) => compareStrings(left, right));
    last = key;
  }
  return map;
}

/** The same for all that encoding/json takes for one: two letters beyond ASCII are forms of `s` and `k`. */
function folded(key: string): string {
  return key.toLowerCase().replaceAll("\u017f", "s");
}

/** Go's complaint about JSON of another type than the target's. */
export function mismatch(value: YamlValue, type: string, field?: string): SlipwayError {
  const target = field === undefined ? "value" : `struct field ${field}`;
  return undecoded(`json: cannot unmarshal ${jsonKind(value)} into Go ${target} of type ${type}`);
}

function jsonKind(value: YamlValue): string {
  if (value instanceof Map) return "object";
  if (Array.isArray(value)) return "array";
  if (typeof value === "boolean") return "bool";
  return typeof value === "string" ? "string" : "number";
}

function undecoded(message: string): SlipwayError {
  return new SlipwayError("CHART_INVALID", `error unmarshaling JSON: while decoding JSON: ${message}`);
}
