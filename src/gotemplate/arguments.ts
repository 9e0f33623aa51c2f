import type { Evaluate, Execution } from "./execution.ts";
import type { GoType } from "./go-type.ts";
import { GoComplex, typeName, typeOf, zeroOf } from "./inspect.ts";
import { nodeText, type NumberNode, type OperandNode } from "./node.ts";
import { GoMap, GoNumber, GoSlice, type MaybeValue, type NumberKind, type Value } from "./value.ts";

/** Makes a value one of the parameter's type, or fails. Undefined where any value will do as it is. */
export type Conversion = (run: Execution, value: MaybeValue) => MaybeValue;

const conversions = new Map<GoType, Conversion>();

/** What Go's reflection does to assign a value to a parameter of the type. */
export function conversionTo(type: GoType): Conversion {
  let conversion = conversions.get(type);
  if (conversion === undefined) {
    conversion = makeConversion(type);
    conversions.set(type, conversion);
  }
  return conversion;
}

function makeConversion(type: GoType): Conversion {
  if (type.text === "reflect.Value") return (_run, value) => value;
  switch (type.kind) {
    case "interface":
      return (_run, value) => value ?? null;
    case "string":
      return (run, value) => (typeof value === "string" ? value : convert(run, value, type));
    case "bool":
      return (run, value) => (typeof value === "boolean" ? value : convert(run, value, type));
    case "int":
      return (run, value) => (typeof value === "bigint" ? value : convert(run, value, type));
    case "float64":
      return (run, value) => (typeof value === "number" ? value : convert(run, value, type));
    case "map":
      return (run, value) =>
        value instanceof GoMap && value.type === type.text ? value : convert(run, value, type);
    default:
      return (run, value) => convert(run, value, type);
  }
}

/** Whether a parameter of the type takes nil. */
export function canBeNil(type: GoType): boolean {
  switch (type.kind) {
    case "chan":
    case "func":
    case "interface":
    case "map":
    case "ptr":
    case "slice":
      return true;
    default:
      return type.text === "reflect.Value";
  }
}

function convert(run: Execution, value: MaybeValue, type: GoType): Value {
  if (value === undefined) {
    if (canBeNil(type)) return zeroOf(type);
    run.fail(`invalid value; expected ${type.text}`);
  }
  if (value === null) run.fail(`wrong type for value; expected ${type.text}; got interface {}`);
  const own = typeOf(value);
  if (own === type) return value;
  const isSameUnderlying = own.kind === type.kind && own.elem === type.elem && own.elem !== undefined;
  if (isSameUnderlying && (!own.isNamed || !type.isNamed)) return seenAs(value, type);
  if (own.kind === "ptr" && own.elem === type) return value;
  run.fail(`wrong type for value; expected ${type.text}; got ${own.text}`);
}

/** The map under another type, as Go's conversion gives it: what is set in one is seen in the other. */
export function mapAs(map: GoMap, type: string): GoMap {
  return new MapView(map, type);
}

const views = new WeakMap<object, Map<string, Value>>();

/** The same map or slice under another type: it shares its contents with the first. */
function seenAs(value: NonNullable<Value>, type: GoType): Value {
  if (!(value instanceof GoMap) && !(value instanceof GoSlice)) return value;
  let byType = views.get(value);
  if (byType === undefined) {
    byType = new Map();
    views.set(value, byType);
  }
  let view = byType.get(type.text);
  if (view === undefined) {
    view = value instanceof GoMap ? new MapView(value, type.text) : sliceView(value, type.text);
    byType.set(type.text, view);
  }
  return view;
}

function sliceView(slice: GoSlice, type: string): Value[] {
  return type === "[]interface {}" && !slice.isNil ? Array.from(slice) : GoSlice.typed(type, slice);
}

/** A map of a named type as its unnamed one, as when Go passes `chartutil.Values` as `map[string]interface {}`. */
class MapView extends GoMap {
  readonly #whole: GoMap;

  constructor(whole: GoMap, type: string) {
    super();
    this.#whole = whole;
    this.type = type;
    this.isNil = whole.isNil;
  }

  override get size(): number {
    return this.#whole.size;
  }

  override get(key: string): Value | undefined {
    return this.#whole.get(key);
  }

  override has(key: string): boolean {
    return this.#whole.has(key);
  }

  override set(key: string, value: Value): this {
    this.#whole.set(key, value);
    return this;
  }

  override delete(key: string): boolean {
    return this.#whole.delete(key);
  }

  override clear(): void {
    this.#whole.clear();
  }

  override keys(): MapIterator<string> {
    return this.#whole.keys();
  }

  override values(): MapIterator<Value> {
    return this.#whole.values();
  }

  override entries(): MapIterator<[string, Value]> {
    return this.#whole.entries();
  }

  override [Symbol.iterator](): MapIterator<[string, Value]> {
    return this.#whole.entries();
  }

  override forEach(callback: (value: Value, key: string, map: Map<string, Value>) => void): void {
    for (const [key, value] of this.#whole) callback(value, key, this);
  }
}

type Literal = Extract<OperandNode, { type: "bool" | "number" | "string" | "nil" }>;

/** A literal as an argument of the type: it becomes what the parameter needs, or the call fails when it is reached. */
export function literalArgument(node: Literal, type: GoType): Evaluate {
  if (node.type === "nil") {
    if (canBeNil(type)) return constant(node, type.text === "reflect.Value" ? undefined : zeroOf(type));
    return failing(node, `cannot assign nil to ${type.text}`);
  }
  switch (type.text === "reflect.Value" ? "interface" : type.kind) {
    case "interface":
      return literal(node);
    case "bool":
      return node.type === "bool"
        ? constant(node, node.value)
        : failing(node, `expected bool; found ${nodeText(node)}`);
    case "string":
      return node.type === "string"
        ? constant(node, node.text)
        : failing(node, `expected string; found ${nodeText(node)}`);
    case "int":
    case "int8":
    case "int16":
    case "int32":
    case "int64":
      return node.type === "number" && node.int !== undefined
        ? constant(node, integerOf(type, node.int))
        : failing(node, `expected integer; found ${nodeText(node)}`);
    case "uint":
    case "uint8":
    case "uint16":
    case "uint32":
    case "uint64":
    case "uintptr":
      return node.type === "number" && node.uint !== undefined
        ? constant(node, integerOf(type, node.uint))
        : failing(node, `expected unsigned integer; found ${nodeText(node)}`);
    case "float32":
    case "float64":
      return node.type === "number" && node.float !== undefined
        ? constant(
            node,
            type.kind === "float64" ? node.float : new GoNumber("float32", Math.fround(node.float)),
          )
        : failing(node, `expected float; found ${nodeText(node)}`);
    case "complex64":
    case "complex128":
      return node.type === "number" && node.complex !== undefined
        ? constant(node, new GoComplex(...node.complex))
        : failing(node, `expected complex; found ${nodeText(node)}`);
    default:
      return failing(node, `can't handle ${nodeText(node)} for arg of type ${type.text}`);
  }
}

const BITS: Readonly<Partial<Record<NumberKind, number>>> = {
  int8: 8,
  int16: 16,
  int32: 32,
  int64: 64,
  uint: 64,
  uint8: 8,
  uint16: 16,
  uint32: 32,
  uint64: 64,
  uintptr: 64,
};

function integerOf(type: GoType, value: bigint): Value {
  if (type.kind === "int" && type.text === "int") return value;
  const kind = type.kind === "int" ? "int64" : (type.kind as NumberKind);
  const wrap = kind.startsWith("int") ? BigInt.asIntN : BigInt.asUintN;
  return new GoNumber(kind, wrap(BITS[kind] ?? 64, value), type.text);
}

/** A literal where nothing says what type it should have. */
export function literal(node: Exclude<Literal, { type: "nil" }>): Evaluate {
  switch (node.type) {
    case "bool":
      return constant(node, node.value);
    case "string":
      return constant(node, node.text);
    default: {
      const value = idealConstant(node);
      return value === undefined ? failing(node, `${node.text} overflows int`) : constant(node, value);
    }
  }
}

/** A number's own type: complex, float when it is written like one, otherwise int. */
function idealConstant(node: NumberNode): Value | undefined {
  if (node.complex !== undefined) return new GoComplex(...node.complex);
  const { text } = node;
  const isHexInteger = /^0[xX]./.test(text) && !/[pP]/.test(text);
  if (node.float !== undefined && !isHexInteger && !text.startsWith("'") && /[.eEpP]/.test(text))
    return node.float;
  return node.int;
}

function constant(node: OperandNode, value: MaybeValue): Evaluate {
  return (run) => {
    run.node = node;
    return value;
  };
}

/** Fails when it is evaluated. */
export function failing(node: OperandNode | undefined, reason: string): Evaluate {
  return (run) => {
    if (node !== undefined) run.node = node;
    return run.fail(reason);
  };
}

/** What a function gives, in the form that its declared type has here. */
export function resultAs(type: GoType): ((value: MaybeValue) => MaybeValue) | undefined {
  switch (type.kind) {
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
      return (value) => (typeof value === "bigint" ? integerOf(type, value) : value);
    case "slice":
      if (type.text === "[]interface {}" || type.text === "[]uint8") return undefined;
      return (value) =>
        Array.isArray(value) && typeName(value) !== type.text ? GoSlice.typed(type.text, value) : value;
    default:
      return undefined;
  }
}
