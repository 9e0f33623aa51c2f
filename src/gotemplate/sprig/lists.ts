import { deepEqual, kindName, truth } from "../inspect.ts";
import { define, type TemplateFunction } from "../function.ts";
import { GoBytes, GoNumber, GoSlice, type Value } from "../value.ts";
import { toInt } from "./cast.ts";
import { checkCount, type Limits } from "./limits.ts";
import { toIndex } from "./text.ts";

export function listFunctions(limits: Limits): readonly TemplateFunction[] {
  return [
    define("list", "func(...interface {}) []interface {}", (...items) => items),
    define("tuple", "func(...interface {}) []interface {}", (...items) => items),
    define("append", "func(interface {}, interface {}) []interface {}", append),
    define("push", "func(interface {}, interface {}) []interface {}", append),
    define("mustAppend", "func(interface {}, interface {}) ([]interface {}, error)", append),
    define("mustPush", "func(interface {}, interface {}) ([]interface {}, error)", append),
    define("prepend", "func(interface {}, interface {}) []interface {}", prepend),
    define("mustPrepend", "func(interface {}, interface {}) ([]interface {}, error)", prepend),
    define("first", "func(interface {}) interface {}", first),
    define("mustFirst", "func(interface {}) (interface {}, error)", first),
    define("last", "func(interface {}) interface {}", last),
    define("mustLast", "func(interface {}) (interface {}, error)", last),
    define("rest", "func(interface {}) []interface {}", rest),
    define("mustRest", "func(interface {}) ([]interface {}, error)", rest),
    define("initial", "func(interface {}) []interface {}", initial),
    define("mustInitial", "func(interface {}) ([]interface {}, error)", initial),
    define("reverse", "func(interface {}) []interface {}", reverse),
    define("mustReverse", "func(interface {}) ([]interface {}, error)", reverse),
    define("compact", "func(interface {}) []interface {}", compact),
    define("mustCompact", "func(interface {}) ([]interface {}, error)", compact),
    define("uniq", "func(interface {}) []interface {}", uniq),
    define("mustUniq", "func(interface {}) ([]interface {}, error)", uniq),
    define("without", "func(interface {}, ...interface {}) []interface {}", without),
    define("mustWithout", "func(interface {}, ...interface {}) ([]interface {}, error)", without),
    define("has", "func(interface {}, interface {}) bool", has),
    define("mustHas", "func(interface {}, interface {}) (bool, error)", has),
    define("slice", "func(interface {}, ...interface {}) interface {}", slice),
    define("mustSlice", "func(interface {}, ...interface {}) (interface {}, error)", slice),
    define("chunk", "func(int, interface {}) [][]interface {}", chunk),
    define("mustChunk", "func(int, interface {}) ([][]interface {}, error)", chunk),
    define("concat", "func(...interface {}) interface {}", (...lists) => concat(limits, lists)),
  ];
}

/** The items of a slice of any type. @throws {Error} with what `explain` says of another kind of value. */
export function itemsOf(
  value: Value,
  explain = (kind: string): string => `Cannot list type ${kind}`,
): readonly Value[] {
  if (Array.isArray(value)) return value;
  if (value instanceof GoBytes) return Array.from(value.bytes, (byte) => new GoNumber("uint8", BigInt(byte)));
  if (value === null) throw new Error("runtime error: invalid memory address or nil pointer dereference");
  throw new Error(explain(kindName(value)));
}

function find(what: string): (kind: string) => string {
  return (kind) => `Cannot find ${what} on type ${kind}`;
}

function append(list: Value, item: Value): Value[] {
  return [...itemsOf(list, (kind) => `Cannot push on type ${kind}`), item];
}

function prepend(list: Value, item: Value): Value[] {
  return [item, ...itemsOf(list, (kind) => `Cannot prepend on type ${kind}`)];
}

function first(list: Value): Value {
  return itemsOf(list, find("first"))[0] ?? null;
}

function last(list: Value): Value {
  return itemsOf(list, find("last")).at(-1) ?? null;
}

function rest(list: Value): Value[] {
  const items = itemsOf(list, find("rest"));
  return items.length === 0 ? GoSlice.nil() : items.slice(1);
}

function initial(list: Value): Value[] {
  const items = itemsOf(list, find("initial"));
  return items.length === 0 ? GoSlice.nil() : items.slice(0, -1);
}

function reverse(list: Value): Value[] {
  return [...itemsOf(list, find("reverse"))].reverse();
}

function compact(list: Value): Value[] {
  return itemsOf(list, (kind) => `Cannot compact on type ${kind}`).filter(truth);
}

function uniq(list: Value): Value[] {
  const seen = new ValueSet();
  return itemsOf(list, find("uniq")).filter((item) => !seen.has(item) && seen.add(item));
}

function without(list: Value, ...omitted: Value[]): Value[] {
  const omit = new ValueSet();
  for (const item of omitted) omit.add(item);
  return itemsOf(list, find("without")).filter((item) => !omit.has(item));
}

function has(needle: Value, haystack: Value): boolean {
  return haystack !== null && itemsOf(haystack, find("has")).some((item) => deepEqual(needle, item));
}

function slice(list: Value, ...indices: Value[]): Value {
  const items = itemsOf(list, (kind) => `list should be type of slice or array but ${kind}`);
  if (items.length === 0) return null;
  const from = indices[0] === undefined ? 0 : toIndex(toInt(indices[0]));
  const to = indices[1] === undefined ? items.length : toIndex(toInt(indices[1]));
  if (from < 0 || from > to || to > items.length)
    throw new Error("reflect.Value.Slice: slice index out of bounds");
  if (list instanceof GoBytes) return new GoBytes(list.bytes.subarray(from, to));
  const part = items.slice(from, to);
  return list instanceof GoSlice ? GoSlice.typed(list.type, part) : part;
}

/** Sizes below 1 end as Go's arithmetic has them end: mostly with an error. */
function chunk(size: bigint, list: Value): Value[] {
  const items = itemsOf(list, (kind) => `Cannot chunk type ${kind}`);
  const step = toIndex(size);
  const count = Math.floor((items.length - 1) / step) + 1;
  const lastLength = items.length % step || step;
  if (!Number.isFinite(count) || count < 0 || (count > 0 && lastLength < 0)) {
    throw new Error("runtime error: makeslice: len out of range");
  }
  const chunks = GoSlice.typed("[][]interface {}", []);
  for (let at = 0; at < count; at++) {
    const from = at * step;
    chunks.push(items.slice(from, from + (at === count - 1 ? lastLength : step)));
  }
  return chunks;
}

function concat(limits: Limits, lists: readonly Value[]): Value[] {
  const parts = lists.map((list) => itemsOf(list, (kind) => `Cannot concat type ${kind} as list`));
  checkCount(limits, BigInt(parts.reduce((count, { length }) => count + length, 0)));
  const all = parts.flat();
  return all.length === 0 ? GoSlice.nil() : all;
}

/** Values that are told apart by deepEqual(): plain ones are looked up, others compared one by one. */
class ValueSet {
  readonly #plain = new Set<Value>();
  readonly #others: Value[] = [];

  add(value: Value): boolean {
    if (typeof value === "object" && value !== null) this.#others.push(value);
    else if (!Number.isNaN(value)) this.#plain.add(value);
    return true;
  }

  has(value: Value): boolean {
    if (typeof value === "object" && value !== null)
      return this.#others.some((other) => deepEqual(value, other));
    return this.#plain.has(value);
  }
}
