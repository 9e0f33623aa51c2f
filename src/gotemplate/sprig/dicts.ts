import { define, type TemplateFunction } from "../function.ts";
import { typeName } from "../inspect.ts";
import { GoMap, type Value } from "../value.ts";
import { deepCopy } from "./deep-copy.ts";
import { mergeMaps } from "./merge.ts";
import { textOf } from "./text.ts";

const MAP = "map[string]interface {}";

export function dictFunctions(): readonly TemplateFunction[] {
  return [
    define("dict", "func(...interface {}) map[string]interface {}", dict),
    define("get", "func(map[string]interface {}, string) interface {}", (map, key) => {
      const found = valueAt(map, key);
      return found === undefined ? "" : found;
    }),
    define(
      "set",
      "func(map[string]interface {}, string, interface {}) map[string]interface {}",
      (map, key, value) => map.set(key, value),
    ),
    define("unset", "func(map[string]interface {}, string) map[string]interface {}", (map, key) => {
      map.delete(key);
      return map;
    }),
    define("hasKey", "func(map[string]interface {}, string) bool", (map, key) => map.has(key)),
    define("pluck", "func(string, ...map[string]interface {}) []interface {}", (key, ...maps) =>
      maps.map((map) => valueAt(map, key)).filter((value) => value !== undefined),
    ),
    define("keys", "func(...map[string]interface {}) []string", (...maps) =>
      maps.flatMap((map) => [...map.keys()]),
    ),
    define("values", "func(map[string]interface {}) []interface {}", (map) => [...map.values()]),
    define("pick", "func(map[string]interface {}, ...string) map[string]interface {}", (map, ...keys) => {
      const picked = new GoMap();
      for (const key of keys) if (map.has(key)) picked.set(key, map.get(key) ?? null);
      return picked;
    }),
    define("omit", "func(map[string]interface {}, ...string) map[string]interface {}", (map, ...keys) => {
      const omitted = new Set(keys);
      return GoMap.of([...map].filter(([key]) => !omitted.has(key)));
    }),
    define(
      "merge",
      "func(map[string]interface {}, ...map[string]interface {}) interface {}",
      (map, ...sources) => quietly(() => merge(map, sources, false)),
    ),
    define(
      "mustMerge",
      "func(map[string]interface {}, ...map[string]interface {}) (interface {}, error)",
      (map, ...sources) => merge(map, sources, false),
    ),
    define(
      "mergeOverwrite",
      "func(map[string]interface {}, ...map[string]interface {}) interface {}",
      (map, ...sources) => quietly(() => merge(map, sources, true)),
    ),
    define(
      "mustMergeOverwrite",
      "func(map[string]interface {}, ...map[string]interface {}) (interface {}, error)",
      (map, ...sources) => merge(map, sources, true),
    ),
    define("deepCopy", "func(interface {}) interface {}", deepCopy),
    define("mustDeepCopy", "func(interface {}) (interface {}, error)", deepCopy),
    define("dig", "func(...interface {}) (interface {}, error)", dig),
  ];
}

/** The value at the key, nil included; undefined where there is none. */
function valueAt(map: GoMap, key: string): Value | undefined {
  return map.has(key) ? (map.get(key) ?? null) : undefined;
}

/** Keys and values in turn; a last key without value gets the empty text. */
function dict(...parts: Value[]): GoMap {
  const map = new GoMap();
  for (let at = 0; at < parts.length; at += 2)
    map.set(textOf(parts[at]), at + 1 < parts.length ? (parts[at + 1] ?? null) : "");
  return map;
}

function merge(target: GoMap, sources: readonly GoMap[], overwrite: boolean): GoMap {
  let merged = target;
  for (const source of sources) {
    if (merged.isNil && !source.isNil) merged = GoMap.of([], merged.type);
    mergeMaps(merged, source, overwrite);
  }
  return merged;
}

/** Sprig's merge hides what went wrong. */
function quietly(run: () => Value): Value {
  try {
    return run();
  } catch (error) {
    if (error instanceof RangeError) throw error;
    return "";
  }
}

function dig(...path: Value[]): Value {
  if (path.length < 3) throw new Error("dig needs at least three arguments");
  let at = plainMap(path.at(-1) ?? null);
  const fallback = path.at(-2) ?? null;
  const keys = path.slice(0, -2).map((key) => {
    if (typeof key === "string") return key;
    throw new Error(`interface conversion: interface {} is ${dynamicType(key)}, not string`);
  });
  for (const key of keys.slice(0, -1)) {
    const found = valueAt(at, key);
    if (found === undefined) return fallback;
    at = plainMap(found);
  }
  const found = valueAt(at, keys.at(-1) ?? "");
  return found === undefined ? fallback : found;
}

/** A type assertion in Go, which a map of a named type, such as .Values, does not pass. */
function plainMap(value: Value): GoMap {
  if (value instanceof GoMap && typeName(value) === MAP) return value;
  throw new Error(`interface conversion: interface {} is ${dynamicType(value)}, not ${MAP}`);
}

function dynamicType(value: Value): string {
  return value === null ? "nil" : typeName(value);
}
