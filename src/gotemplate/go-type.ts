/** A Go type, as far as templates can see types. Equal types are the same object. */
export interface GoType {
  /** As Go writes it: `map[string]interface {}`. */
  readonly text: string;
  readonly kind: Kind;
  /** The element type of a slice, map or pointer. */
  readonly elem: GoType | undefined;
  /** Whether it has a name of its own, which restricts what can be assigned to it. */
  readonly isNamed: boolean;
}

/** What Go's `reflect.Kind` prints. */
export type Kind =
  | "invalid"
  | "bool"
  | "int"
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
  | "float32"
  | "float64"
  | "complex64"
  | "complex128"
  | "string"
  | "slice"
  | "array"
  | "map"
  | "func"
  | "chan"
  | "interface"
  | "ptr"
  | "struct";

export interface Signature {
  readonly params: readonly GoType[];
  readonly variadic: GoType | undefined;
  readonly result: GoType;
}

const BASIC: ReadonlySet<string> = new Set([
  "bool",
  "int",
  "int8",
  "int16",
  "int32",
  "int64",
  "uint",
  "uint8",
  "uint16",
  "uint32",
  "uint64",
  "uintptr",
  "float32",
  "float64",
  "complex64",
  "complex128",
  "string",
]);

/** Named types that are not structs. */
const NAMED: Readonly<Record<string, readonly [kind: Kind, elem?: string]>> = {
  error: ["interface"],
  "fmt.Stringer": ["interface"],
  "time.Duration": ["int64"],
  "time.Month": ["int"],
  "time.Weekday": ["int"],
  "chartutil.Values": ["map", "interface {}"],
  "chartutil.VersionSet": ["slice", "string"],
  "engine.files": ["map", "[]uint8"],
};

const known = new Map<string, GoType>();

/** The type that Go writes so. A name it does not know is taken for a struct. */
export function goType(text: string): GoType {
  let type = known.get(text);
  if (type === undefined) {
    type = parseType(text);
    known.set(text, type);
  }
  return type;
}

function parseType(text: string): GoType {
  const type = (kind: Kind, elem?: string, isNamed = false): GoType => ({
    text,
    kind,
    elem: elem === undefined ? undefined : goType(elem),
    isNamed,
  });
  if (text === "interface {}" || text === "any") return type("interface");
  if (BASIC.has(text)) return type(text as Kind, undefined, true);
  if (text === "byte") return goType("uint8");
  if (text === "[]byte") return goType("[]uint8");
  if (text.startsWith("[]")) return type("slice", text.slice(2));
  if (text.startsWith("*")) return type("ptr", text.slice(1));
  if (text.startsWith("map[")) return type("map", text.slice(closingBracket(text) + 1));
  if (text.startsWith("func(")) return type("func");
  const named = NAMED[text];
  return named === undefined ? type("struct", undefined, true) : type(named[0], named[1], true);
}

function closingBracket(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "[") depth++;
    else if (text[at] === "]" && --depth === 0) return at;
  }
  return text.length;
}

/** The parts of `func(int, ...string) (string, error)`. A second result can only be the error, which is thrown. */
export function parseSignature(text: string): Signature {
  let signature = signatures.get(text);
  if (signature === undefined) {
    signature = readSignature(text);
    signatures.set(text, signature);
  }
  return signature;
}

const signatures = new Map<string, Signature>();

function readSignature(text: string): Signature {
  const match = /^func\((.*?)\)(?: (.*))?$/.exec(text);
  if (match === null) throw new Error(`not a Go signature: ${text}`);
  const list = match[1] === "" ? [] : (match[1] ?? "").split(", ");
  const last = list.at(-1);
  const variadic = last?.startsWith("...") === true ? goType(last.slice(3)) : undefined;
  const fixed = variadic === undefined ? list : list.slice(0, -1);
  const result = (match[2] ?? "").replace(/^\((.*), error\)$/, "$1");
  return { params: fixed.map(goType), variadic, result: goType(result) };
}
