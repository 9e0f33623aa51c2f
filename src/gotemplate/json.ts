import { isNilContainer, sortedKeys, typeName } from "./inspect.ts";
import { PartCount } from "./part-count.ts";
import { formatFloat, quoteRune } from "./strconv.ts";
import { GoBytes, GoMap, GoNumber, type GoObject, type Value } from "./value.ts";

/** Deeper values are an error, in texts and in values. Go's limit for texts is 10,000, but its stack grows. */
const MAX_DEPTH = 2000;
/** As Go, look for values that contain themselves from here on. */
const MAX_UNCHECKED_DEPTH = 1000;
const MAX_LENGTH = 256 * 1024 * 1024;

/** An object that says itself what encoding/json writes for it; others are written field by field. */
export interface JsonObject extends GoObject {
  json(): Value;
  /** The fields under their names in JSON and in their order; where it is there, it is asked instead. */
  jsonFields?(): Iterable<readonly [string, Value]>;
}

export interface JsonOptions {
  /** Whether `<`, `>` and `&` become `\u003c` and the like; true unless told. */
  readonly escapeHtml?: boolean;
  /** What each level is indented by; everything stands on one line without it. */
  readonly indent?: string;
}

/**
 * `json.Marshal`: keys in order, numbers as JavaScript writes them, what is no valid UTF-8 as U+FFFD.
 *
 * @throws {Error} with Go's text, for NaN, functions and values that contain themselves; a RangeError for what is too large.
 */
export function printJson(value: Value, options: JsonOptions = {}): string {
  return new JsonPrinter(options).print(value, 0);
}

class JsonPrinter {
  readonly #escape: RegExp;
  readonly #indent: string | undefined;
  readonly #open = new Set<object>();
  readonly #parts = new PartCount();
  #length = 0;

  constructor({ escapeHtml = true, indent }: JsonOptions) {
    this.#escape = escapeHtml ? ESCAPED_WITH_HTML : ESCAPED;
    this.#indent = indent;
  }

  print(value: Value, depth: number): string {
    this.#parts.next();
    switch (typeof value) {
      case "string":
        return this.#text(value);
      case "number":
        return printNumber(value);
      case "bigint":
      case "boolean":
        return String(value);
      default:
    }
    if (value === null || isNilContainer(value)) return "null";
    if (value instanceof GoNumber) return printGoNumber(value);
    if (value instanceof GoBytes) return `"${Buffer.from(value.bytes).toString("base64")}"`;
    if (depth > MAX_UNCHECKED_DEPTH && this.#open.has(value)) {
      throw new Error(`json: unsupported value: encountered a cycle via ${typeName(value)}`);
    }
    if (depth > MAX_DEPTH) throw new Error(`json: the value is nested more than ${MAX_DEPTH} deep`);
    this.#open.add(value);
    const text = this.#container(value, depth);
    this.#open.delete(value);
    this.#length += text.length;
    if (this.#length > MAX_LENGTH)
      throw new RangeError(`json: the text is longer than ${MAX_LENGTH} characters`);
    return text;
  }

  #container(value: Value[] | GoMap | GoObject, depth: number): string {
    if (Array.isArray(value))
      return this.#joined(
        "[",
        value.map((item) => this.print(item, depth + 1)),
        "]",
        depth,
      );
    if (value instanceof GoMap) {
      return this.#object(
        sortedKeys(value).map((key) => [key, value.get(key) ?? null] as const),
        depth,
      );
    }
    const { jsonFields } = value as Partial<JsonObject>;
    if (jsonFields !== undefined) return this.#object([...jsonFields.call(value)], depth);
    if ("json" in value) return this.print((value as JsonObject).json(), depth);
    const kind = value.goKind ?? "struct";
    if (kind === "func" || kind.startsWith("complex"))
      throw new Error(`json: unsupported type: ${value.goType}`);
    return this.#object(
      [...(value.fields?.() ?? [])].filter(([name]) => /^\p{Lu}/u.test(name)),
      depth,
    );
  }

  #object(entries: readonly (readonly [string, Value])[], depth: number): string {
    const colon = this.#indent === undefined ? ":" : ": ";
    return this.#joined(
      "{",
      entries.map(([key, item]) => this.#text(key) + colon + this.print(item, depth + 1)),
      "}",
      depth,
    );
  }

  #joined(open: string, items: readonly string[], close: string, depth: number): string {
    if (this.#indent === undefined || items.length === 0) return open + items.join(",") + close;
    const line = `\n${this.#indent.repeat(depth)}`;
    return open + line + this.#indent + items.join(`,${line}${this.#indent}`) + line + close;
  }

  #text(text: string): string {
    return this.#escape.test(text)
      ? `"${text.replace(new RegExp(this.#escape, "gu"), escapeCharacter)}"`
      : `"${text}"`;
  }
}

const ESCAPED = /[\0-\x1f"\\\u2028\u2029\ud800-\udfff]/u;
const ESCAPED_WITH_HTML = /[\0-\x1f"\\<>&\u2028\u2029\ud800-\udfff]/u;
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

function escapeCharacter(character: string): string {
  const code = character.charCodeAt(0);
  if (code >= 0xd800 && code <= 0xdfff) return "\\ufffd";
  return SHORT_ESCAPES[character] ?? `\\u${code.toString(16).padStart(4, "0")}`;
}

function printNumber(value: number): string {
  if (!Number.isFinite(value)) throw new Error(`json: unsupported value: ${formatFloat(value, "g", -1, 64)}`);
  return Object.is(value, -0) ? "-0" : String(value);
}

function printGoNumber(number: GoNumber): string {
  if (number.kind !== "float32") return String(number.value);
  const value = Number(number.value);
  if (!Number.isFinite(value)) return printNumber(value);
  const size = Math.abs(value);
  const isPlain = size === 0 || (size >= Math.fround(1e-6) && size < Math.fround(1e21));
  return isPlain
    ? formatFloat(value, "f", -1, 32)
    : formatFloat(value, "e", -1, 32).replace(/e-0(\d)$/, "e-$1");
}

/** What can be wrong with a JSON text; `message` is Go's. */
export class JsonError extends Error {
  override readonly name = "JsonError";
  /** Where the character is that is wrong, counted in characters of the text; undefined when it is its end. */
  readonly at: number | undefined;

  constructor(message: string, at?: number) {
    super(message);
    this.at = at;
  }
}

/**
 * `json.Unmarshal` into an empty interface: numbers are float64, objects `map[string]interface {}`.
 *
 * @throws {JsonError}
 */
export function parseJson(text: string): Value {
  return new JsonReader(text).document();
}

/**
 * The first of the values that stand one behind the other from a place on, and where it ends; undefined where there are
 * no more: `json.Decoder`.
 *
 * @throws {JsonError}
 */
export function nextJson(
  text: string,
  from: number,
): { readonly value: Value; readonly end: number } | undefined {
  return new JsonReader(text, from).next();
}

class JsonReader {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  /** A number beyond float64. It is reported only when the whole text is well formed, as Go does. */
  #range: JsonError | undefined;

  constructor(text: string, from = 0) {
    this.#text = text;
    this.#at = from;
  }

  next(): { readonly value: Value; readonly end: number } | undefined {
    this.#skipSpace();
    if (this.#at === this.#text.length) return undefined;
    try {
      const value = this.#value();
      return { value, end: this.#at };
    } catch (error) {
      if (error instanceof JsonError && this.#at === this.#text.length) throw new JsonError("unexpected EOF");
      throw error;
    }
  }

  document(): Value {
    this.#skipSpace();
    const value = this.#value();
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#unexpected("after top-level value");
    if (this.#range !== undefined) throw this.#range;
    return value;
  }

  #value(): Value {
    switch (this.#text[this.#at]) {
      case "{":
        return this.#nested(() => this.#object());
      case "[":
        return this.#nested(() => this.#array());
      case '"':
        return this.#string();
      case "t":
        return this.#literal("true", true);
      case "f":
        return this.#literal("false", false);
      case "n":
        return this.#literal("null", null);
      default:
        return this.#number();
    }
  }

  #nested(read: () => Value): Value {
    this.#at++;
    if (++this.#depth > MAX_DEPTH) throw new JsonError("exceeded max depth");
    const value = read();
    this.#depth--;
    return value;
  }

  #object(): GoMap {
    const map = new GoMap();
    this.#skipSpace();
    if (this.#take("}")) return map;
    for (;;) {
      this.#skipSpace();
      if (this.#text[this.#at] !== '"') throw this.#unexpected("looking for beginning of object key string");
      const key = this.#string();
      this.#skipSpace();
      if (!this.#take(":")) throw this.#unexpected("after object key");
      this.#skipSpace();
      map.set(key, this.#value());
      this.#skipSpace();
      if (this.#take("}")) return map;
      if (!this.#take(",")) throw this.#unexpected("after object key:value pair");
    }
  }

  #array(): Value[] {
    const items: Value[] = [];
    this.#skipSpace();
    if (this.#take("]")) return items;
    for (;;) {
      this.#skipSpace();
      items.push(this.#value());
      this.#skipSpace();
      if (this.#take("]")) return items;
      if (!this.#take(",")) throw this.#unexpected("after array element");
    }
  }

  #string(): string {
    let out = "";
    let from = ++this.#at;
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === 0x22) {
        out += this.#text.slice(from, this.#at++);
        return LONE_SURROGATES.test(out) ? out.replace(new RegExp(LONE_SURROGATES, "gu"), "\ufffd") : out;
      }
      if (Number.isNaN(code) || code < 0x20) throw this.#unexpected("in string literal");
      if (code !== 0x5c) {
        this.#at++;
        continue;
      }
      out += this.#text.slice(from, this.#at++);
      out += this.#escape();
      from = this.#at;
    }
  }

  #escape(): string {
    const letter = this.#text[this.#at] ?? "";
    if (letter === "u") {
      let code = "";
      for (this.#at++; code.length < 4; this.#at++) {
        const digit = this.#text[this.#at] ?? "";
        if (!/^[0-9a-fA-F]$/.test(digit)) throw this.#unexpected("in \\u hexadecimal character escape");
        code += digit;
      }
      return String.fromCharCode(Number.parseInt(code, 16));
    }
    const character = UNESCAPED[letter];
    if (character === undefined) throw this.#unexpected("in string escape code");
    this.#at++;
    return character;
  }

  #literal<T extends Value>(word: string, value: T): T {
    for (let index = 0; index < word.length; index++, this.#at++) {
      if (this.#text[this.#at] !== word[index])
        throw this.#unexpected(`in literal ${word} (expecting '${word[index]}')`);
    }
    return value;
  }

  #number(): number {
    const from = this.#at;
    const isNegative = this.#take("-");
    if (!this.#take("0") && this.#digits() === 0) {
      throw this.#unexpected(isNegative ? "in numeric literal" : "looking for beginning of value");
    }
    if (this.#take(".") && this.#digits() === 0)
      throw this.#unexpected("after decimal point in numeric literal");
    if (this.#take("e") || this.#take("E")) {
      if (!this.#take("+")) this.#take("-");
      if (this.#digits() === 0) throw this.#unexpected("in exponent of numeric literal");
    }
    const literal = this.#text.slice(from, this.#at);
    const number = Number(literal);
    if (!Number.isFinite(number)) {
      this.#range ??= new JsonError(`json: cannot unmarshal number ${literal} into Go value of type float64`);
    }
    return number;
  }

  #digits(): number {
    const from = this.#at;
    while (/^[0-9]$/.test(this.#text[this.#at] ?? "")) this.#at++;
    return this.#at - from;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #skipSpace(): void {
    while (" \t\r\n".includes(this.#text[this.#at] ?? "x")) this.#at++;
  }

  #unexpected(where: string): JsonError {
    const code = this.#text.codePointAt(this.#at);
    if (code === undefined) return new JsonError("unexpected end of JSON input");
    return new JsonError(`invalid character ${shownByte(code)} ${where}`, this.#at);
  }
}

const LONE_SURROGATES = /[\ud800-\udfff]/u;
const UNESCAPED: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/** Go looks at bytes: of a character beyond ASCII it shows the first byte as if it were a character. */
function shownByte(code: number): string {
  if (code === 0x27) return String.raw`'\''`;
  if (code === 0x22) return `'"'`;
  const isBroken = code >= 0xdc80 && code <= 0xdcff;
  const byte = isBroken ? code - 0xdc00 : (Buffer.from(String.fromCodePoint(code))[0] ?? 0);
  return quoteRune(byte);
}
