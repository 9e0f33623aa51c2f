import { GoMap, compareStrings, type Value } from "#gotemplate";
import { SlipwayError } from "#errors";
import { jsonForm } from "./go-values.ts";

/** Deeper values are refused, as everything that walks them does so by recursion. */
const MAX_DEPTH = 1000;

/**
 * Writes a value as Go's `encoding/json` does: keys sorted, `<`, `>` and `&` escaped, bytes that are not UTF-8 replaced.
 *
 * @throws {SlipwayError} CHART_JSON for NaN and infinities.
 */
export function writeJson(value: Value): string {
  return write(value, 0);
}

function write(value: unknown, depth: number): string {
  if (depth > MAX_DEPTH) throw fault("exceeded max depth");
  if (value === null || value === undefined) return "null";
  if (typeof value === "string") return writeString(value);
  if (typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (typeof value === "number") return writeNumber(value);
  if (Array.isArray(value)) {
    if ((value as { isNil?: boolean }).isNil === true) return "null";
    return `[${Array.from(value, (item) => write(item, depth + 1)).join(",")}]`;
  }
  if (value instanceof Map) {
    if (value instanceof GoMap && value.isNil) return "null";
    const keys = [...(value.keys() as Iterable<string>)].sort(compareStrings);
    return `{${keys.map((key) => `${writeString(key)}:${write(value.get(key), depth + 1)}`).join(",")}}`;
  }
  if (isStruct(value)) {
    return `{${[...value.jsonFields()].map(([key, item]) => `${writeString(key)}:${write(item, depth + 1)}`).join(",")}}`;
  }
  return write(jsonForm(value as object), depth + 1);
}

/** A Go struct, whose fields JSON shows in their order. */
function isStruct(value: unknown): value is { jsonFields(): Iterable<readonly [string, Value]> } {
  return typeof (value as { jsonFields?: unknown }).jsonFields === "function";
}

function writeString(text: string): string {
  const quoted = JSON.stringify(text).replace(/\\ud[89a-f][0-9a-f]{2}/g, "\\ufffd");
  return /[<>&\u2028\u2029]/.test(quoted)
    ? quoted.replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`)
    : quoted;
}

function writeNumber(value: number): string {
  if (!Number.isFinite(value)) {
    const shown = Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
    throw fault(`json: unsupported value: ${shown}`);
  }
  if (Object.is(value, -0)) return "-0";
  const size = Math.abs(value);
  if (size !== 0 && size < 1e-6) return value.toExponential().replace(/e-0?(\d)/, "e-$1");
  return size < 1e21 ? String(value) : value.toExponential();
}

/**
 * Reads a text as Go's `json.Unmarshal` does into an `interface {}`; numbers are float64.
 *
 * @throws {SlipwayError} CHART_JSON with Go's words.
 */
export function readJson(text: string): Value {
  return new JsonReader(text).document();
}

class JsonReader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Value {
    const value = this.#value();
    this.#blanks();
    if (this.#at < this.#text.length) throw this.#unexpected("after top-level value");
    return value;
  }

  #blanks(): void {
    while (" \t\r\n".includes(this.#text[this.#at] ?? "x")) this.#at++;
  }

  #unexpected(where: string): SlipwayError {
    const c = this.#text.codePointAt(this.#at);
    if (c === undefined) return fault("unexpected end of JSON input");
    const char = String.fromCodePoint(c);
    const shown = char === "'" ? "'\\''" : char === '"' ? "'\"'" : `'${JSON.stringify(char).slice(1, -1)}'`;
    return fault(`invalid character ${shown} ${where}`);
  }

  #value(): Value {
    this.#blanks();
    const c = this.#text[this.#at];
    switch (c) {
      case "{":
        return this.#object();
      case "[":
        return this.#array();
      case '"':
        return this.#string();
      case "t":
        return this.#word("true", true);
      case "f":
        return this.#word("false", false);
      case "n":
        return this.#word("null", null);
      default:
        return this.#number();
    }
  }

  #enter(): void {
    this.#at++;
    if (++this.#depth > MAX_DEPTH) throw fault("exceeded max depth");
  }

  #object(): Value {
    this.#enter();
    const map = new GoMap();
    this.#blanks();
    if (this.#text[this.#at] !== "}") {
      for (;;) {
        this.#blanks();
        if (this.#text[this.#at] !== '"')
          throw this.#unexpected("looking for beginning of object key string");
        const key = this.#string();
        this.#blanks();
        if (this.#text[this.#at] !== ":") throw this.#unexpected("after object key");
        this.#at++;
        map.set(key, this.#value());
        this.#blanks();
        if (this.#text[this.#at] === "}") break;
        if (this.#text[this.#at] !== ",") throw this.#unexpected("after object key:value pair");
        this.#at++;
      }
    }
    this.#at++;
    this.#depth--;
    return map;
  }

  #array(): Value {
    this.#enter();
    const list: Value[] = [];
    this.#blanks();
    if (this.#text[this.#at] !== "]") {
      for (;;) {
        list.push(this.#value());
        this.#blanks();
        if (this.#text[this.#at] === "]") break;
        if (this.#text[this.#at] !== ",") throw this.#unexpected("after array element");
        this.#at++;
      }
    }
    this.#at++;
    this.#depth--;
    return list;
  }

  #string(): string {
    const start = this.#at++;
    for (;;) {
      const c = this.#text.charCodeAt(this.#at);
      if (Number.isNaN(c)) throw this.#unexpected("");
      if (c === 0x22) break;
      if (c < 0x20) throw this.#unexpected("in string literal");
      this.#at++;
      if (c === 0x5c) this.#escape();
    }
    this.#at++;
    return (JSON.parse(this.#text.slice(start, this.#at)) as string).toWellFormed();
  }

  #escape(): void {
    const c = this.#text[this.#at];
    if (c === undefined || !'"\\/bfnrtu'.includes(c)) throw this.#unexpected("in string escape code");
    this.#at++;
    if (c !== "u") return;
    for (let i = 0; i < 4; i++) {
      if (!/^[0-9a-fA-F]$/.test(this.#text[this.#at] ?? ""))
        throw this.#unexpected("in \\u hexadecimal character escape");
      this.#at++;
    }
  }

  #word(word: string, value: Value): Value {
    for (let i = 0; i < word.length; i++, this.#at++) {
      if (this.#text[this.#at] !== word[i]) {
        throw this.#unexpected(`in literal ${word} (expecting '${word[i]}')`);
      }
    }
    return value;
  }

  #number(): Value {
    const match = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y;
    match.lastIndex = this.#at;
    const found = match.exec(this.#text)?.[0];
    if (found === undefined) {
      if (this.#text[this.#at] === "-") {
        this.#at++;
        throw this.#unexpected("in numeric literal");
      }
      throw this.#unexpected("looking for beginning of value");
    }
    this.#at += found.length;
    const value = Number(found);
    if (!Number.isFinite(value))
      throw fault(`json: cannot unmarshal number ${found} into Go value of type float64`);
    return value;
  }
}

/** Go's complaint about a document of another kind than the one asked for. */
export function wrongKind(value: Value, type: string): string {
  const kind =
    value instanceof Map
      ? "object"
      : Array.isArray(value)
        ? "array"
        : typeof value === "boolean"
          ? "bool"
          : typeof value === "string"
            ? "string"
            : "number";
  return `json: cannot unmarshal ${kind} into Go value of type ${type}`;
}

function fault(message: string): SlipwayError {
  return new SlipwayError("CHART_JSON", message);
}
