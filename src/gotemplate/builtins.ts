import { byteSlice, compareStrings, toBytes } from "./bytes.ts";
import { sprint, sprintf, sprintln } from "./format.ts";
import { define, functionMap, type FunctionMap, type TemplateFunction } from "./function.ts";
import {
  elementType,
  GoComplex,
  isNilContainer,
  isObject,
  kindName,
  lengthOf,
  truth,
  typeName,
  zeroOf,
} from "./inspect.ts";
import { parseSignature } from "./go-type.ts";
import { isPrintable } from "./strconv.ts";
import { GoBytes, GoMap, GoNumber, GoSlice, type MaybeValue, type Value } from "./value.ts";

/** The compiler evaluates their arguments one by one; they are never called. */
export const AND = define("and", "func(reflect.Value, ...reflect.Value) reflect.Value", last);
export const OR = define("or", "func(reflect.Value, ...reflect.Value) reflect.Value", last);

/** Its first argument, put there by the compiler, is how the template writes the function. */
export const CALL: TemplateFunction = {
  name: "call",
  ...parseSignature("func(reflect.Value, ...reflect.Value) reflect.Value"),
  wantsContext: false,
  call: (name, callee) => callNothing(String(name), callee as MaybeValue),
};

/** The functions that every template has. */
export const BUILTINS: FunctionMap = functionMap(
  AND,
  OR,
  CALL,
  define("not", "func(reflect.Value) bool", (value) => !truth(value)),
  define("len", "func(reflect.Value) (int, error)", length),
  define("index", "func(reflect.Value, ...reflect.Value) (reflect.Value, error)", index),
  define("slice", "func(reflect.Value, ...reflect.Value) (reflect.Value, error)", slice),
  define("eq", "func(reflect.Value, ...reflect.Value) (bool, error)", isEqualToAny),
  define(
    "ne",
    "func(reflect.Value, reflect.Value) (bool, error)",
    (left, right) => !isEqualToAny(left, right),
  ),
  define("lt", "func(reflect.Value, reflect.Value) (bool, error)", isLess),
  define("le", "func(reflect.Value, reflect.Value) (bool, error)", isLessOrEqual),
  define(
    "gt",
    "func(reflect.Value, reflect.Value) (bool, error)",
    (left, right) => !isLessOrEqual(left, right),
  ),
  define("ge", "func(reflect.Value, reflect.Value) (bool, error)", (left, right) => !isLess(left, right)),
  define("print", "func(...interface {}) string", (...args) => sprint(args)),
  define("printf", "func(string, ...interface {}) string", (format, ...args) => sprintf(format, args)),
  define("println", "func(...interface {}) string", (...args) => sprintln(args)),
  define("html", "func(...interface {}) string", (...args) => escapeHtml(joined(args))),
  define("js", "func(...interface {}) string", (...args) => escapeJs(joined(args))),
  define("urlquery", "func(...interface {}) string", (...args) => escapeQuery(joined(args))),
);

function last(first: MaybeValue, ...rest: MaybeValue[]): MaybeValue {
  return rest.at(-1) ?? first;
}

/** No value that a template can hold is a function. */
function callNothing(name: string, callee: MaybeValue): never {
  if (callee === null || callee === undefined) throw new Error("call of nil");
  const shown = name === "" ? (typeof callee === "string" ? callee : `<${typeName(callee)} Value>`) : name;
  throw new Error(`non-function ${shown} of type ${typeName(callee)}`);
}

function length(value: MaybeValue): bigint {
  if (value === null) throw new Error("len of nil pointer");
  if (value === undefined) throw new Error("reflect: call of reflect.Value.Type on zero Value");
  const count = lengthOf(value);
  if (count === undefined) throw new Error(`len of type ${pointedType(value)}`);
  return BigInt(count);
}

function index(item: MaybeValue, ...indexes: MaybeValue[]): MaybeValue {
  if (item === null || item === undefined) throw new Error("index of untyped nil");
  let at: Value = item;
  for (const key of indexes) {
    if (at === null) throw new Error("index of nil pointer");
    at = indexOnce(at, key);
  }
  return at;
}

function indexOnce(item: NonNullable<Value>, key: MaybeValue): Value {
  if (item instanceof GoMap) {
    if (key === null || key === undefined) throw new Error("value is nil; should be of type string");
    if (typeof key !== "string") throw new Error(`value has type ${typeName(key)}; should be string`);
    return item.get(key) ?? (item.has(key) ? null : zeroOf(elementType(item)));
  }
  if (Array.isArray(item)) {
    const at = indexWithin(key, item.length);
    if (at >= item.length) throw new Error("reflect: slice index out of range");
    return item[at] ?? null;
  }
  if (typeof item === "string" || item instanceof GoBytes) {
    const bytes = typeof item === "string" ? toBytes(item) : item.bytes;
    const byte = bytes[indexWithin(key, bytes.length)];
    if (byte === undefined) throw new Error(`reflect: ${kindName(item)} index out of range`);
    return new GoNumber("uint8", BigInt(byte));
  }
  throw new Error(`can't index item of type ${pointedType(item)}`);
}

function slice(item: MaybeValue, ...indexes: MaybeValue[]): MaybeValue {
  if (item === null || item === undefined) throw new Error("slice of untyped nil");
  if (indexes.length > 3) throw new Error(`too many slice indexes: ${indexes.length}`);
  if (typeof item === "string" && indexes.length === 3) throw new Error("cannot 3-index slice a string");
  const isSliceable = typeof item === "string" || Array.isArray(item) || item instanceof GoBytes;
  if (!isSliceable) throw new Error(`can't slice item of type ${pointedType(item)}`);
  const size = lengthOf(item) ?? 0;
  const [from = 0, to = size, room] = indexes.map((one) => indexWithin(one, size));
  if (from > to) throw new Error(`invalid slice index: ${from} > ${to}`);
  if (room !== undefined && to > room) throw new Error(`invalid slice index: ${to} > ${room}`);
  if (typeof item === "string") return byteSlice(item, from, to);
  if (item instanceof GoBytes) return new GoBytes(item.bytes.subarray(from, to));
  const part = item.slice(from, to);
  return item instanceof GoSlice ? GoSlice.typed(item.type, part) : part;
}

function indexWithin(value: MaybeValue, limit: number): number {
  if (value === null || value === undefined) throw new Error("cannot index slice/array with nil");
  const at = value instanceof GoNumber ? value.value : value;
  if (typeof at !== "bigint") throw new Error(`cannot index slice/array with type ${typeName(value)}`);
  const wrapped = BigInt.asIntN(64, at);
  if (wrapped < 0n || wrapped > BigInt(limit)) throw new Error(`index out of range: ${wrapped}`);
  return Number(wrapped);
}

/** The type of what a pointer points to. */
function pointedType(value: NonNullable<Value>): string {
  return typeName(value).replace(/^\*/, "");
}

type BasicKind = "bool" | "int" | "uint" | "float" | "complex" | "string";

function basicKind(value: MaybeValue): BasicKind | undefined {
  switch (typeof value) {
    case "string":
      return "string";
    case "boolean":
      return "bool";
    case "bigint":
      return "int";
    case "number":
      return "float";
    default:
  }
  if (value instanceof GoNumber) {
    return value.kind === "float32" ? "float" : value.kind.startsWith("int") ? "int" : "uint";
  }
  return value instanceof GoComplex ? "complex" : undefined;
}

function isEqualToAny(left: MaybeValue, ...others: MaybeValue[]): boolean {
  if (others.length === 0) throw new Error("missing argument for comparison");
  for (const right of others) if (isEqual(left, right)) return true;
  return false;
}

function isEqual(left: MaybeValue, right: MaybeValue): boolean {
  if (typeof left === "string" && typeof right === "string") return left === right;
  const leftKind = basicKind(left);
  const rightKind = basicKind(right);
  if (leftKind !== rightKind) {
    if (areIntegers(leftKind, rightKind)) return wholeOf(left) === wholeOf(right);
    if (isNothing(left) || isNothing(right)) return false;
    throw incompatible(left, right);
  }
  if (leftKind === undefined) return areSameThing(left, right);
  if (leftKind === "complex") return isObject(left) && isObject(right) && left.equals?.(right) === true;
  return plain(left) === plain(right);
}

/** Equality of what is neither number, string nor bool: only with nil, or of the same comparable thing. */
function areSameThing(left: MaybeValue, right: MaybeValue): boolean {
  if (!isNothing(left) && !isNothing(right) && kindName(left) !== kindName(right)) {
    throw new Error(
      sprintf("non-comparable types %s: %v, %s: %v", [left, typeName(left), typeName(right), right]),
    );
  }
  if (isNil(left) || isNil(right)) return isNil(left) === isNil(right);
  if (!isObject(right)) throw new Error(sprintf("non-comparable type %s: %v", [right, typeName(right)]));
  return left === right || (isObject(left) && left.goType === right.goType && left.equals?.(right) === true);
}

function isLess(left: MaybeValue, right: MaybeValue): boolean {
  const leftKind = basicKind(left);
  const rightKind = basicKind(right);
  if (leftKind === undefined || rightKind === undefined) throw new Error("invalid type for comparison");
  if (leftKind !== rightKind) {
    if (areIntegers(leftKind, rightKind)) return wholeOf(left) < wholeOf(right);
    throw incompatible(left, right);
  }
  if (leftKind === "bool" || leftKind === "complex") throw new Error("invalid type for comparison");
  if (typeof left === "string" && typeof right === "string") return compareStrings(left, right) < 0;
  return Number.isNaN(plain(left)) || Number.isNaN(plain(right))
    ? false
    : (plain(left) as number) < (plain(right) as number);
}

function isLessOrEqual(left: MaybeValue, right: MaybeValue): boolean {
  return isLess(left, right) || isEqual(left, right);
}

function areIntegers(left: BasicKind | undefined, right: BasicKind | undefined): boolean {
  return (left === "int" && right === "uint") || (left === "uint" && right === "int");
}

function wholeOf(value: MaybeValue): bigint {
  const whole = plain(value);
  return typeof whole === "bigint" ? whole : 0n;
}

/** A number without its type. */
function plain(value: MaybeValue): MaybeValue {
  return value instanceof GoNumber ? value.value : value;
}

function isNothing(value: MaybeValue): value is null | undefined {
  return value === null || value === undefined;
}

function isNil(value: MaybeValue): boolean {
  return isNothing(value) || isNilContainer(value);
}

function incompatible(left: MaybeValue, right: MaybeValue): Error {
  return new Error(`incompatible types for comparison: ${typeName(left)} and ${typeName(right)}`);
}

/** What `html`, `js` and `urlquery` escape. */
function joined(args: readonly Value[]): string {
  const [only] = args;
  if (args.length === 1 && typeof only === "string") return only;
  return sprint(args.map((arg) => (arg === null ? "<no value>" : arg)));
}

const HTML: Readonly<Record<string, string>> = {
  "\0": "�",
  '"': "&#34;",
  "'": "&#39;",
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
};

function escapeHtml(text: string): string {
  return text.replace(/[\0"'&<>]/g, (character) => HTML[character] ?? character);
}

const JS: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "'": "\\'",
  '"': '\\"',
  "<": "\\u003C",
  ">": "\\u003E",
  "&": "\\u0026",
  "=": "\\u003D",
};

function escapeJs(text: string): string {
  return text.replace(/[\\'"<>&=\0-\x1f]|[^\0-\x7f]/gu, (character) => {
    const known = JS[character];
    if (known !== undefined) return known;
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0xd800 && code <= 0xdfff) return "\ufffd";
    const hex = code.toString(16).toUpperCase();
    if (code < 0x20) return `\\u00${hex.padStart(2, "0")}`;
    return isPrintable(code) ? character : `\\u${hex.padStart(4, "0")}`;
  });
}

function escapeQuery(text: string): string {
  if (/^[\w.~-]*$/.test(text)) return text;
  let out = "";
  for (const byte of toBytes(text)) {
    const character = String.fromCharCode(byte);
    if (/[A-Za-z0-9_.~-]/.test(character)) out += character;
    else out += byte === 0x20 ? "+" : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return out;
}
