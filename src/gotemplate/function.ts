import { parseSignature, type GoType, type Signature } from "./go-type.ts";
import type { GoBytes, GoMap, GoNumber, GoObject, GoSlice, MaybeValue, Value } from "./value.ts";

/**
 * A function or method that templates can call. The engine checks and converts the arguments by the Go signature
 * before it calls, exactly as Go's reflection does, so that `call` sees only what the signature promises. An error
 * that `call` throws is the error that the Go function returns or the panic it ends with: the template fails with
 * `error calling NAME: TEXT`.
 */
export interface TemplateFunction {
  readonly name: string;
  readonly params: readonly GoType[];
  /** The element type of `...T`. */
  readonly variadic: GoType | undefined;
  readonly result: GoType;
  /** Whether `call` gets the TemplateContext before its arguments. */
  readonly wantsContext: boolean;
  readonly call: (...args: unknown[]) => MaybeValue;
}

export type FunctionMap = ReadonlyMap<string, TemplateFunction>;

/** What a function of the engine's caller, such as `include`, may do with the template that runs. */
export interface TemplateContext {
  /** What was given to execute() as `state`. */
  readonly state: unknown;
  /**
   * Runs a template by name within the limits of the execution under way and returns what it writes.
   * @throws {TemplateError} when there is no such template, or when it fails.
   */
  include(name: string, data: Value): string;
  /**
   * Runs a text as a template that sees all the others. What it defines is seen by itself and what it calls only.
   * Its syntax tree is kept for the next time.
   * @throws {TemplateError} `phase` tells a text that cannot be parsed from one that fails.
   */
  tpl(text: string, data: Value): string;
}

/**
 * Declares a function by its Go signature: `define("trunc", "func(int, string) string", (n, text) => …)`.
 *
 * Arguments arrive as values of the parameter's type: `int` as bigint, `float64` as number, `uint32` and other numbers
 * as GoNumber, `interface {}` as any Value (nil as null), maps and slices never as null but as GoMap or array (nil
 * ones have `isNil`). A variadic parameter is a rest parameter. The result may be a plain JavaScript form of the
 * declared type: a bigint for `int64`, an array for `[]string`.
 */
export function define<const Signature extends string>(
  name: string,
  signature: Signature,
  call: (...args: Arguments<Signature>) => MaybeValue,
): TemplateFunction {
  return new Declared(name, signature, false, checked(call));
}

/** As define(), for a function that also wants the context, as its first argument. */
export function defineWithContext<const Signature extends string>(
  name: string,
  signature: Signature,
  call: (context: TemplateContext, ...args: Arguments<Signature>) => MaybeValue,
): TemplateFunction {
  return new Declared(name, signature, true, checked(call));
}

/** Most functions are never called, so a signature is read when something asks for its types. */
class Declared implements TemplateFunction {
  readonly name: string;
  readonly wantsContext: boolean;
  readonly call: TemplateFunction["call"];
  readonly #text: string;
  #read: Signature | undefined;

  constructor(name: string, signature: string, wantsContext: boolean, call: TemplateFunction["call"]) {
    this.name = name;
    this.wantsContext = wantsContext;
    this.call = call;
    this.#text = signature;
  }

  get params(): readonly GoType[] {
    return this.#signature.params;
  }

  get variadic(): GoType | undefined {
    return this.#signature.variadic;
  }

  get result(): GoType {
    return this.#signature.result;
  }

  get #signature(): Signature {
    this.#read ??= parseSignature(this.#text);
    return this.#read;
  }
}

/** The engine passes what the signature says, which the compiler cannot see. */
function checked(call: unknown): TemplateFunction["call"] {
  return call as TemplateFunction["call"];
}

/** The functions by name. */
export function functionMap(...functions: readonly TemplateFunction[]): FunctionMap {
  return new Map(functions.map((one) => [one.name, one]));
}

/** The JavaScript types of a signature's parameters. */
type Arguments<Signature extends string> = Signature extends `func()${string}`
  ? []
  : Signature extends `func(${infer List}) ${string}`
    ? FromList<List>
    : Value[];

type FromList<List extends string> = List extends `${infer First}, ${infer Rest}`
  ? [FromType<First>, ...FromList<Rest>]
  : List extends `...${infer Element}`
    ? FromType<Element>[]
    : [FromType<List>];

type FromType<Type extends string> = Type extends keyof ByGoType
  ? ByGoType[Type]
  : Type extends `[]${string}`
    ? Value[] | GoSlice
    : Type extends `map[${string}`
      ? GoMap
      : GoObject;

interface ByGoType {
  string: string;
  bool: boolean;
  int: bigint;
  float64: number;
  int64: GoNumber;
  uint32: GoNumber;
  "interface {}": Value;
  "reflect.Value": MaybeValue;
  "[]uint8": GoBytes;
}
