import { YamlError } from "./error.ts";
import { compareKeys, compareKeysPretty } from "./key-order.ts";
import { formatFloat, isBase60, resolveSpecial } from "./scalar.ts";
import { MAX_DEPTH } from "./scanner.ts";

export interface PrintOptions {
  /**
   * Turns a value that is neither null, boolean, number, bigint, string, Map nor array into one that is; without it
   * such a value is an error.
   */
  readonly convert?: (value: object) => unknown;
}

/**
 * Prints a value as `sigs.k8s.io/yaml.Marshal` does: through JSON, then by goyaml.v2's emitter. Keys are sorted, lists
 * in maps are not indented, long text is folded behind column 80. The text ends with a line break.
 *
 * @param value null, boolean, number (a Go float64), bigint (a Go integer), string, array or Map with string keys.
 * @throws {YamlError} for what Go cannot print: NaN, infinities, control characters behind U+007E, keys of more than
 *   1,024 characters.
 * @throws {RangeError} for more than four million parts or 64 MiB.
 * @see https://pkg.go.dev/sigs.k8s.io/yaml#Marshal
 */
export function printYaml(value: unknown, options: PrintOptions = {}): string {
  return new Printer(false, options.convert).document(value);
}

/**
 * Prints a value as goyaml.v3's encoder with an indent of 2 does: lists are indented, nothing is folded, numbers keep
 * their Go form (a float64 of a million is `1e+06`).
 *
 * @see https://pkg.go.dev/gopkg.in/yaml.v3#Encoder
 */
export function printYamlPretty(value: unknown, options: PrintOptions = {}): string {
  return new Printer(true, options.convert).document(value);
}

/** What shares parts is small in memory and endless here: nobody's values have so many parts or so much text. */
const MAX_PARTS = 4_000_000;
const MAX_LENGTH = 64 * 1024 * 1024;

type Style = "plain" | "single" | "double" | "literal";

/** A nil map or slice of Go, which encoding/json writes as null and goyaml.v3 as an empty one. */
function isNil(value: unknown): boolean {
  return typeof value === "object" && (value as { isNil?: unknown }).isNil === true;
}

class Printer {
  readonly #pretty: boolean;
  readonly #width: number;
  readonly #convert: ((value: object) => unknown) | undefined;
  #out = "";
  #column = 0;
  /** The last thing written was a blank, so that an indicator needs none. */
  #whitespace = true;
  /** Nothing but indentation and indicators stands on the line so far. */
  #indention = true;
  #depth = 0;
  #parts = 0;

  constructor(pretty: boolean, convert: ((value: object) => unknown) | undefined) {
    this.#pretty = pretty;
    this.#width = pretty ? Number.POSITIVE_INFINITY : 80;
    this.#convert = convert;
  }

  document(value: unknown): string {
    this.#node(value, -1, false, "root");
    this.#indentTo(0);
    return this.#out;
  }

  #node(value: unknown, indent: number, simpleKey: boolean, parent: "root" | "map" | "list"): void {
    if (++this.#parts > MAX_PARTS || this.#out.length > MAX_LENGTH)
      throw new RangeError("yaml: too large a value");
    if (typeof value === "string") return this.#string(value, indent, simpleKey);
    if (value === null || value === undefined) return this.#word("null");
    if (typeof value === "number") return this.#word(this.#pretty ? formatFloat(value) : jsonNumber(value));
    if (typeof value === "boolean" || typeof value === "bigint") return this.#word(String(value));
    if (!this.#pretty && isNil(value)) return this.#word("null");
    if (value instanceof Map) return this.#map(value as Map<string, unknown>, indent, parent);
    if (Array.isArray(value)) return this.#list(value as unknown[], indent, parent);
    if (typeof value === "object" && this.#convert !== undefined) {
      const converted = this.#convert(value);
      if (converted !== value) return this.#nested(() => this.#node(converted, indent, simpleKey, parent));
    }
    throw new YamlError("YAML_VALUE", `error marshaling into JSON: json: unsupported type: ${typeof value}`);
  }

  #nested(write: () => void): void {
    if (++this.#depth > MAX_DEPTH) {
      throw new YamlError("YAML_LIMIT", `yaml: exceeded max depth of ${MAX_DEPTH}`);
    }
    write();
    this.#depth--;
  }

  #map(map: Map<string, unknown>, indent: number, parent: "root" | "map" | "list"): void {
    if (map.size === 0) return this.#word("{}");
    const inner = this.#innerIndent(indent, parent);
    const keys = [...map.keys()].sort(this.#pretty ? compareKeysPretty : compareKeys);
    this.#nested(() => {
      for (const key of keys) this.#pair(key, map.get(key), inner);
    });
  }

  #innerIndent(indent: number, parent: "root" | "map" | "list"): number {
    return parent === "root" ? 0 : indent + 2;
  }

  #pair(key: string, value: unknown, indent: number): void {
    this.#indentTo(indent);
    if (!this.#pretty) refuseKey(key);
    if (isSimpleKey(key)) {
      this.#string(key, indent, true);
      this.#out += ":";
      this.#column++;
      this.#whitespace = false;
      this.#indention = false;
    } else {
      this.#indicator("?", true);
      this.#string(key, indent, false);
      this.#indentTo(indent);
      this.#indicator(":", true);
    }
    this.#node(value, indent, false, "map");
  }

  #list(list: readonly unknown[], indent: number, parent: "root" | "map" | "list"): void {
    if (list.length === 0) return this.#word("[]");
    const level = parent === "map" && !this.#indention && !this.#pretty;
    const inner = level ? indent : this.#innerIndent(indent, parent);
    this.#nested(() => {
      for (const item of list) {
        this.#indentTo(inner);
        this.#indicator("-", true);
        this.#node(item, inner, false, "list");
      }
    });
  }

  #put(text: string): void {
    this.#out += text;
    this.#column += text.length;
  }

  #break(): void {
    this.#out += "\n";
    this.#column = 0;
  }

  #indentTo(indent: number): void {
    if (!this.#indention || this.#column > indent || (this.#column === indent && !this.#whitespace))
      this.#break();
    if (this.#column < indent) {
      const missing = indent - this.#column;
      this.#out += missing < BLANKS.length ? (BLANKS[missing] as string) : " ".repeat(missing);
      this.#column = indent;
    }
    this.#whitespace = true;
    this.#indention = true;
  }

  /** `-`, `?` or `:` before a value that may go on on the same line. */
  #indicator(text: string, isIndention: boolean): void {
    if (!this.#whitespace) this.#put(" ");
    this.#put(text);
    this.#whitespace = false;
    this.#indention = this.#indention && isIndention;
  }

  #word(text: string): void {
    if (!this.#whitespace) this.#put(" ");
    this.#put(text);
    this.#whitespace = false;
    this.#indention = false;
  }

  #string(text: string, indent: number, simpleKey: boolean): void {
    // Most strings are short, begin with a letter and have nothing in them that could be taken for syntax.
    if (SIMPLE.test(text) && (text.length > 5 || resolveSpecial(text) === undefined)) {
      if (!text.includes(" ") || simpleKey || this.#column + text.length < this.#width)
        return this.#word(text);
    }
    let value = text;
    if (STRANGE.test(text)) {
      if (this.#pretty) {
        if (LONE_SURROGATE.test(text)) return this.#binary(text, indent);
      } else {
        value = throughJson(text);
      }
    }
    const shape = analyze(value);
    const style = this.#style(value, shape, simpleKey);
    const inner = indent < 0 ? 2 : indent + 2;
    switch (style) {
      case "plain":
        return this.#plain(value, inner, !simpleKey);
      case "single":
        return this.#single(value, inner, !simpleKey);
      case "double":
        return this.#double(value, inner, !simpleKey);
      case "literal":
        return this.#literal(value, inner);
    }
  }

  #style(value: string, shape: Shape, simpleKey: boolean): Style {
    if (value.includes("\n")) {
      const allowed = shape.blockAllowed || (this.#pretty && shape.blockAllowedWithTabs);
      return allowed && !simpleKey ? "literal" : "double";
    }
    if (!this.#canBePlain(value)) return "double";
    if (shape.plainAllowed) return "plain";
    return shape.singleAllowed ? "single" : "double";
  }

  /** Whether the text, left unquoted, would be read back as this very string. */
  #canBePlain(value: string): boolean {
    return resolveSpecial(value) === undefined && !isBase60(value);
  }

  #plain(value: string, indent: number, fold: boolean): void {
    if (!this.#whitespace) this.#put(" ");
    if (!fold || this.#column + value.length <= this.#width || !value.includes(" ")) {
      this.#put(value);
    } else {
      this.#folded(value, indent, (at) => at + 1 < value.length && value.charCodeAt(at + 1) !== SPACE);
    }
    this.#whitespace = false;
    this.#indention = false;
  }

  /** Writes a text whose single spaces may become line breaks. */
  #folded(value: string, indent: number, mayBreak: (at: number) => boolean): void {
    let start = 0;
    let afterSpace = false;
    for (let i = 0; i < value.length; i++) {
      if (value.charCodeAt(i) !== SPACE) {
        afterSpace = false;
        continue;
      }
      if (!afterSpace && this.#column + (i - start) > this.#width && mayBreak(i)) {
        this.#put(value.slice(start, i));
        this.#indention = false;
        this.#indentTo(indent);
        start = i + 1;
      }
      afterSpace = true;
    }
    this.#put(value.slice(start));
  }

  #single(value: string, indent: number, fold: boolean): void {
    this.#indicator("'", false);
    const mayFold = fold && this.#column + value.length > this.#width && value.includes(" ");
    if (mayFold || /[\u2028\u2029]/.test(value)) this.#singleFolded(value, indent, fold);
    else this.#put(value.replaceAll("'", "''"));
    this.#put("'");
    this.#whitespace = false;
    this.#indention = false;
  }

  #singleFolded(value: string, indent: number, fold: boolean): void {
    const last = value.length - 1;
    let afterSpace = false;
    let afterBreak = false;
    for (let i = 0; i <= last; i++) {
      const c = value.charCodeAt(i);
      if (c === SPACE) {
        const foldable = fold && !afterSpace && i > 0 && i < last && value.charCodeAt(i + 1) !== SPACE;
        if (foldable && this.#column > this.#width) this.#indentTo(indent);
        else this.#put(" ");
        afterSpace = true;
      } else if (isBreak(c)) {
        this.#put(value[i] as string);
        this.#column = 0;
        this.#indention = true;
        afterBreak = true;
      } else {
        if (afterBreak) this.#indentTo(indent);
        this.#put(c === 0x27 ? "''" : (value[i] as string));
        this.#indention = false;
        afterSpace = false;
        afterBreak = false;
      }
    }
  }

  #double(value: string, indent: number, fold: boolean): void {
    this.#indicator('"', false);
    const length = value.length;
    // goyaml looks for a byte order mark at the beginning of the text whatever character it is at.
    const escapeAll = value.charCodeAt(0) === 0xfeff;
    let start = 0;
    let afterSpace = false;
    for (let i = 0; i < length; i++) {
      const c = value.charCodeAt(i);
      if (c === SPACE && !escapeAll) {
        if (fold && !afterSpace && i > 0 && i < length - 1 && this.#column + (i - start) > this.#width) {
          this.#put(value.slice(start, i));
          this.#indention = false;
          this.#indentTo(indent);
          if (value.charCodeAt(i + 1) === SPACE) this.#put("\\");
          start = i + 1;
        }
        afterSpace = true;
      } else if (c === 0x22 || c === 0x5c || c < SPACE || (c > 0x7e && mustEscape(c)) || escapeAll) {
        const code = value.codePointAt(i) as number;
        this.#put(value.slice(start, i) + escape(code));
        if (code > 0xffff) i++;
        start = i + 1;
        afterSpace = false;
      } else afterSpace = false;
    }
    this.#put(`${value.slice(start)}"`);
    this.#whitespace = false;
    this.#indention = false;
  }

  #literal(value: string, indent: number): void {
    this.#indicator("|", false);
    const first = value.charCodeAt(0);
    let hints = first === SPACE || isBreak(first) ? "2" : "";
    const last = value.length - 1;
    if (!isBreak(value.charCodeAt(last))) hints += "-";
    else if (last === 0 || isBreak(value.charCodeAt(last - 1))) hints += "+";
    this.#put(hints);
    this.#break();
    this.#indention = true;
    this.#whitespace = true;
    const margin = " ".repeat(indent);
    let start = 0;
    for (let i = 0; i <= value.length; i++) {
      if (i < value.length && !isBreak(value.charCodeAt(i))) continue;
      if (i > start) {
        this.#out += margin + value.slice(start, i);
        this.#column = indent + i - start;
        this.#indention = false;
      }
      if (i === value.length) break;
      this.#out += value[i];
      this.#column = 0;
      this.#indention = true;
      start = i + 1;
    }
  }

  #binary(text: string, indent: number): void {
    const encoded = Buffer.from(goBytes(text)).toString("base64");
    const lines = encoded.match(/.{1,70}/g) ?? [];
    this.#word("!!binary");
    if (encoded.length < 70) this.#word(encoded);
    else this.#literal(`${lines.join("\n")}\n`, indent < 0 ? 2 : indent + 2);
  }
}

const SPACE = 32;
const BLANKS = Array.from({ length: 80 }, (_, width) => " ".repeat(width));
const SIMPLE = /^[A-Za-z_/](?:[A-Za-z0-9_./-]|:(?=[A-Za-z0-9_./-])| (?=[A-Za-z0-9_./-]))*$/;
// oxlint-disable-next-line no-control-regex -- the characters at which Go's way through JSON changes or refuses a text
const STRANGE = /[\x7f-\x9f\ufffe\uffff\ud800-\udfff]/;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** A key that needs no `?` before it. */
function isSimpleKey(key: string): boolean {
  if (key.length <= 42 && !key.includes("\n")) return !/[\x85\u2028\u2029]/.test(key);
  return !/[\n\x85\u2028\u2029]/.test(key) && Buffer.byteLength(key) <= 128;
}

/** Go prints by way of JSON, and goyaml cannot read a JSON key that is long or broken in two. */
function refuseKey(key: string): void {
  if (key.length < 160 && !key.includes("\x85")) return;
  const characters = [...JSON.stringify(key)].length + (key.match(/[<>&]/g)?.length ?? 0) * 5;
  if (characters > 1024 || key.includes("\x85")) {
    throw new YamlError("YAML_VALUE", "yaml: did not find expected ',' or '}'");
  }
}

/** What becomes of an unusual text on Go's way through JSON and back. */
function throughJson(text: string): string {
  // oxlint-disable-next-line no-control-regex -- see STRANGE
  if (/[\x7f-\x84\x86-\x9f\ufffe\uffff]/.test(text)) {
    throw new YamlError("YAML_VALUE", "yaml: control characters are not allowed");
  }
  return text.toWellFormed().replace(/ *\x85(?: *\x85)* */g, (run) => {
    const breaks = run.replaceAll(" ", "").length;
    return breaks === 1 ? " " : "\n".repeat(breaks - 1);
  });
}

function goBytes(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const char of text) {
    const code = char.codePointAt(0) as number;
    if (code >= 0xdc00 && code <= 0xdfff) bytes.push(code & 0xff);
    else bytes.push(...Buffer.from(char));
  }
  return Uint8Array.from(bytes);
}

/** A float64 as it looks after Go has written it as JSON and goyaml has read that. */
function jsonNumber(value: number): string {
  if (!Number.isFinite(value)) {
    const shown = Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
    throw new YamlError("YAML_VALUE", `error marshaling into JSON: json: unsupported value: ${shown}`);
  }
  if (Number.isInteger(value)) {
    if (value === 0) return "0";
    if (value >= -(2 ** 63) && value < 2 ** 64) return String(value);
  }
  return formatFloat(value);
}

interface Shape {
  plainAllowed: boolean;
  singleAllowed: boolean;
  blockAllowed: boolean;
  /** The same for goyaml.v3, which keeps tabs in literal text. */
  blockAllowedWithTabs: boolean;
}

/** In which styles a text can be written, by the rules of libyaml's emitter. */
function analyze(value: string): Shape {
  const length = value.length;
  if (length === 0) {
    return { plainAllowed: true, singleAllowed: true, blockAllowed: false, blockAllowedWithTabs: false };
  }
  let indicators = value.startsWith("---") || value.startsWith("...");
  let special = false;
  let tabs = false;
  let breaks = false;
  let breakSpace = false;
  let spaceBreak = false;
  let previousSpace = false;
  let previousBreak = false;
  let afterBlank = true;
  const first = value.charCodeAt(0);
  const last = value.charCodeAt(length - 1);
  for (let i = 0; i < length; i++) {
    const c = value.charCodeAt(i);
    if (i === 0) {
      if (FIRST_INDICATORS.has(c)) indicators = true;
      else if ((c === 0x3f || c === 0x3a || c === 0x2d) && blankFollows(value, i)) indicators = true;
    } else if (c === 0x3a) {
      if (blankFollows(value, i)) indicators = true;
    } else if (c === 0x23 && afterBlank) indicators = true;
    if (c === SPACE) {
      if (previousBreak) breakSpace = true;
      previousSpace = true;
      previousBreak = false;
      afterBlank = true;
      continue;
    }
    if (c === 9) tabs = true;
    else if (c !== 10 && (c < SPACE || c > 0x7e) && !isPrintable(c)) special = true;
    if (isBreak(c)) {
      breaks = true;
      if (previousSpace) spaceBreak = true;
      previousSpace = false;
      previousBreak = true;
      afterBlank = true;
    } else {
      previousSpace = false;
      previousBreak = false;
      afterBlank = c === 9 || c === 0;
    }
  }
  const edges = first === SPACE || last === SPACE || breaks;
  const blockable = last !== SPACE && !spaceBreak && !special;
  return {
    plainAllowed: !indicators && !edges && !special && !tabs,
    singleAllowed: !breakSpace && !spaceBreak && !special && !tabs,
    blockAllowed: blockable && !tabs,
    blockAllowedWithTabs: blockable,
  };
}

const FIRST_INDICATORS = new Set([..."#,[]{}&*!|>'\"%@`"].map((c) => c.charCodeAt(0)));

function blankFollows(value: string, at: number): boolean {
  const next = value.charCodeAt(at + 1);
  return at + 1 >= value.length || next === SPACE || next === 9;
}

function isBreak(c: number): boolean {
  return c === 10 || c === 13 || c === 0x85 || c === 0x2028 || c === 0x2029;
}

/** libyaml's notion, which leaves out everything beyond U+FFFF. */
function isPrintable(c: number): boolean {
  return c >= 0xa0 && !(c >= 0xd800 && c <= 0xdfff) && c !== 0xfeff && c !== 0xfffe && c !== 0xffff;
}

function mustEscape(c: number): boolean {
  return !isPrintable(c) || c === 0x2028 || c === 0x2029;
}

const ESCAPES = new Map<number, string>([
  [0, "0"],
  [7, "a"],
  [8, "b"],
  [9, "t"],
  [10, "n"],
  [11, "v"],
  [12, "f"],
  [13, "r"],
  [0x1b, "e"],
  [0x22, '"'],
  [0x5c, "\\"],
  [0x85, "N"],
  [0xa0, "_"],
  [0x2028, "L"],
  [0x2029, "P"],
]);

function escape(code: number): string {
  const short = ESCAPES.get(code);
  if (short !== undefined) return `\\${short}`;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}
