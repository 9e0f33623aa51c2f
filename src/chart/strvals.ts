import { SlipwayError } from "#errors";
import { GoMap, int64, type Value } from "#gotemplate";
import { toGoValue } from "./go-values.ts";

/** The largest index that `a[N]=` may have. */
const MAX_INDEX = 65_536;
/** How many dots a name may have. */
const MAX_NESTED_NAMES = 30;
/** Helm has no limit for lists in lists, but the stack is not endless. */
const MAX_NESTED_LISTS = 1000;

/**
 * Reads `a.b=c,d[0]={x,y}` into `target`, as `--set` does: `true`, `false`, `null` and whole numbers get their type.
 *
 * @throws {SlipwayError} VALUES_INVALID with the words of Helm's strvals.
 * @see `helm.sh/helm/v3/pkg/strvals`
 */
export function setValues(line: string, target: GoMap): void {
  new LineParser(line, typedValue).parse(target);
}

/** As `setValues`, for `--set-string`: every value is text. */
export function setTexts(line: string, target: GoMap): void {
  new LineParser(line, (text) => text).parse(target);
}

/** As `setValues`, for `--set-file`: the value is what `read` answers for the text behind `=`. */
export function setFiles(line: string, target: GoMap, read: (path: string) => string): void {
  new LineParser(line, read).parse(target);
}

/** As `setValues`, for `--set-json`: `a.b={"x":1},c=[1,2]`. */
export function setJson(line: string, target: GoMap): void {
  new LineParser(line, undefined).parse(target);
}

/** As `setValues`, for `--set-literal`: one `name=value`, in whose value nothing has a meaning. */
export function setLiteral(line: string, target: GoMap): void {
  new LineParser(line, (text) => text, true).parse(target);
}

function typedValue(text: string): Value {
  switch (text.toLowerCase()) {
    case "true":
      return true;
    case "false":
      return false;
    case "null":
      return null;
    case "0":
      return int64(0);
    default:
      break;
  }
  if (!/^[-+]?[0-9]+$/.test(text) || text.startsWith("0")) return text;
  const number = BigInt(text.replace("+", ""));
  return BigInt.asIntN(64, number) === number ? int64(number) : text;
}

/** What stopped the reading of a name: a character, or the end of the line. */
interface Word {
  readonly text: string;
  readonly stop: string | undefined;
}

class LineParser {
  /** How many lists are under way in each other. */
  #lists = 0;
  readonly #chars: readonly string[];
  readonly #convert: ((text: string) => Value) | undefined;
  readonly #literal: boolean;
  #at = 0;

  constructor(line: string, convert: ((text: string) => Value) | undefined, literal = false) {
    this.#chars = [...line];
    this.#convert = convert;
    this.#literal = literal;
  }

  parse(target: GoMap): void {
    while (this.#key(target, 0));
  }

  /** Reads one `name=value`; false at the end of the line. */
  #key(data: GoMap, level: number): boolean {
    const { text: name, stop } = this.#until(this.#literal ? "=[." : "=[,.");
    switch (stop) {
      case undefined:
        if (name === "") return false;
        throw fault(`key ${quoted(name)} has no value`);
      case "[": {
        const index = this.#index();
        const existing = data.get(name);
        if (existing !== undefined && existing !== null && !Array.isArray(existing)) {
          throw fault(
            `unable to parse key: interface conversion: interface {} is ${typeWord(existing)}, not []interface {}`,
          );
        }
        const list = this.#item(existing ?? [], index, level);
        assign(data, name, list);
        return true;
      }
      case "=":
        return this.#assign(data, name);
      case ",":
        assign(data, name, "");
        throw fault(`key ${quoted(name)} has no value (cannot end with ,)`);
      default:
        return this.#nested(data, name, level + 1);
    }
  }

  #assign(data: GoMap, name: string): boolean {
    if (this.#convert === undefined) {
      assign(data, name, this.#jsonValue());
      return true;
    }
    if (this.#literal) {
      assign(data, name, this.#convert(this.#rest()));
      return false;
    }
    if (this.#at >= this.#chars.length) {
      assign(data, name, "");
      return false;
    }
    assign(data, name, this.#value());
    return true;
  }

  #nested(data: GoMap, name: string, level: number): boolean {
    if (level > MAX_NESTED_NAMES) {
      throw fault(
        `value name nested level is greater than maximum supported nested level of ${MAX_NESTED_NAMES}`,
      );
    }
    const existing = data.get(name);
    if (existing !== undefined && !(existing instanceof GoMap)) {
      throw fault(
        `unable to parse key: interface conversion: interface {} is ${typeWord(existing)}, not map[string]interface {}`,
      );
    }
    const inner = existing ?? new GoMap();
    let more: boolean;
    try {
      more = this.#key(inner, level);
    } finally {
      if (inner.size > 0) assign(data, name, inner);
    }
    if (more && inner.size === 0) throw fault(`key map ${quoted(name)} has no value`);
    return more;
  }

  #value(): Value {
    const convert = this.#convert as (text: string) => Value;
    if (this.#chars[this.#at] !== "{") return convert(this.#until(",").text);
    this.#at++;
    const list: Value[] = [];
    for (;;) {
      const { text, stop } = this.#until(",}");
      if (stop === undefined) throw fault("list must terminate with '}'");
      list.push(convert(text));
      if (stop === "}") break;
    }
    if (this.#chars[this.#at] === ",") this.#at++;
    return list;
  }

  #item(list: Value[], index: number, level: number): Value[] {
    if (++this.#lists > MAX_NESTED_LISTS) throw fault(`lists are nested more than ${MAX_NESTED_LISTS} deep`);
    const items = this.#behindIndex(list, index, level);
    this.#lists--;
    return items;
  }

  /** What stands behind `[N]`. */
  #behindIndex(list: Value[], index: number, level: number): Value[] {
    if (index < 0) throw fault(`negative ${index} index not allowed`);
    const { text, stop } = this.#until("[.=");
    if (text !== "") throw fault(`unexpected data at end of array index: ${quoted(text)}`);
    switch (stop) {
      case undefined:
        return list;
      case "=": {
        if (this.#convert === undefined) return setIndex(list, index, this.#jsonValue());
        if (this.#literal) return setIndex(list, index, this.#convert(this.#rest()));
        return setIndex(list, index, this.#at >= this.#chars.length ? "" : this.#value());
      }
      case "[": {
        const next = this.#index();
        const existing = list[index];
        if (existing !== undefined && existing !== null && !Array.isArray(existing)) {
          throw fault(
            `unable to parse key: interface conversion: interface {} is ${typeWord(existing)}, not []interface {}`,
          );
        }
        return setIndex(list, index, this.#item(existing ?? [], next, level));
      }
      default: {
        const existing = list[index];
        const inner = existing instanceof GoMap ? existing : new GoMap();
        this.#key(inner, level);
        return setIndex(list, index, inner);
      }
    }
  }

  #index(): number {
    const { text, stop } = this.#until("]");
    if (stop === undefined) throw fault("error parsing index: EOF");
    if (!/^[-+]?[0-9]+$/.test(text)) {
      throw fault(`error parsing index: strconv.Atoi: parsing ${quoted(text)}: invalid syntax`);
    }
    return Number(text);
  }

  #jsonValue(): Value {
    if (this.#skipBlanks()) return null;
    const rest = this.#chars.slice(this.#at).join("");
    const end = jsonEnd(rest);
    let value: unknown;
    try {
      value = JSON.parse(rest.slice(0, end));
    } catch (error) {
      throw new SlipwayError("VALUES_INVALID", "invalid character in JSON value", { cause: error });
    }
    this.#at += [...rest.slice(0, end)].length;
    this.#skipBlanks();
    return fromJson(value);
  }

  /** Skips blanks and one comma; whether a comma or the end was found. */
  #skipBlanks(): boolean {
    while (this.#at < this.#chars.length) {
      const c = this.#chars[this.#at] as string;
      if (c !== "," && !/\s/.test(c)) return false;
      this.#at++;
      if (c === ",") return true;
    }
    return true;
  }

  #rest(): string {
    const rest = this.#chars.slice(this.#at).join("");
    this.#at = this.#chars.length;
    return rest;
  }

  /** Reads up to one of the characters; `\` takes the next one as it is. */
  #until(stops: string): Word {
    let text = "";
    while (this.#at < this.#chars.length) {
      const c = this.#chars[this.#at++] as string;
      if (stops.includes(c)) return { text, stop: c };
      if (c === "\\" && !this.#literal) {
        if (this.#at >= this.#chars.length) return { text, stop: undefined };
        text += this.#chars[this.#at++] as string;
      } else text += c;
    }
    return { text, stop: undefined };
  }
}

function setIndex(list: Value[], index: number, value: Value): Value[] {
  if (index > MAX_INDEX) {
    throw fault(`index of ${index} is greater than maximum supported index of ${MAX_INDEX}`);
  }
  while (list.length <= index) list.push(null);
  list[index] = value;
  return list;
}

function assign(data: GoMap, name: string, value: Value): void {
  if (name !== "") data.set(name, value);
}

/** Where the JSON value that a text begins with ends. */
function jsonEnd(text: string): number {
  let depth = 0;
  let inText = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (inText) {
      if (c === "\\") i++;
      else if (c === '"') {
        inText = false;
        if (depth === 0) return i + 1;
      }
    } else if (c === '"') inText = true;
    else if (c === "{" || c === "[") depth++;
    else if (c === "}" || c === "]") {
      if (--depth <= 0) return i + 1;
    } else if (depth === 0 && (c === "," || /\s/.test(c))) return i;
  }
  return text.length;
}

function fromJson(value: unknown): Value {
  if (Array.isArray(value)) return value.map(fromJson);
  if (typeof value === "object" && value !== null)
    return toGoValue(new Map(Object.entries(value).map(([k, v]) => [k, fromJson(v) as never])));
  return value as Value;
}

function typeWord(value: Value): string {
  if (value instanceof GoMap) return "map[string]interface {}";
  if (Array.isArray(value)) return "[]interface {}";
  if (value === null) return "nil";
  return typeof value === "number"
    ? "float64"
    : typeof value === "boolean"
      ? "bool"
      : typeof value === "string"
        ? "string"
        : "int64";
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

function fault(message: string): SlipwayError {
  return new SlipwayError("VALUES_INVALID", message);
}
