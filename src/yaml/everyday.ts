import type { ParseOptions, YamlValue } from "./decode.ts";
import { resolveSpecial } from "./scalar.ts";

/**
 * Reads the YAML that most charts and manifests are written in, and nothing else: maps and lists in block style, plain
 * and quoted scalars, brackets that end on their line, `|` texts, comments. It takes a third of the time of the
 * whole reader, which has the word on everything that this one is not sure of: faults, anchors, tags, escapes, folds.
 *
 * @returns the value that the whole reader gives, or undefined for a text of another kind.
 */
export function readEveryday(text: string, options: ParseOptions): YamlValue | undefined {
  if (options.strict === true || text.length > MAX_LENGTH || UNUSUAL.test(text)) return undefined;
  try {
    return new Reader(text, options).document();
  } catch (error) {
    if (error === BEYOND) return undefined;
    throw error;
  }
}

const MAX_LENGTH = 8_000_000;
const MAX_DEPTH = 100;
/** The longest key that YAML recognizes is 1,024 characters. */
const MAX_KEY = 1000;

/** Tabs, line breaks other than `\n`, what YAML forbids, and characters outside the basic plane. */
const UNUSUAL = /[^\n -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;
const KEY = /[A-Za-z_/][\w./-]*(?=:[ \n])/y;
const FLOW_KEY = /[A-Za-z_/][\w./-]*(?=: )/y;
const FLOW_PLAIN = /(?:[\w./]|-(?=[\w.-]))(?:[\w./+=@$()*&!%;<>|~^\\ -]|:(?=[\w./-]))*/y;
/** What a plain scalar does not begin with; `-` may, before anything but a blank. */
const INDICATORS = "?:,[]{}#&*!|>'\"%@`";

const DOUBLE_QUOTED = /"(?:[^"\\\n]|\\["\\nt])*"/y;
const SINGLE_QUOTED = /'(?:[^'\n]|'')*'/y;
const DOUBLE_QUOTED_LINES = /"[^"\\]*(?:\\["\\nt\n][^"\\]*)*"/y;
const SINGLE_QUOTED_LINES = /'[^']*(?:''[^']*)*'/y;
/** What the second line of a plain scalar may begin with here. */
const CONTINUED = /[^#\n]/;

const LF = 10;
const SPACE = 32;
const DOUBLE_QUOTE = 34;
const HASH = 35;
const SINGLE_QUOTE = 39;
const DASH = 45;
const COLON = 58;
const BRACKET = 91;
const BAR = 124;
const BRACE = 123;

/** A map for what nobody wants. */
const NOWHERE = new (class extends Map<string, YamlValue> {
  override set(): this {
    return this;
  }
})();

/** Thrown where the text leaves what this reader knows. */
const BEYOND = new Error("not everyday YAML");

class Reader {
  /** Always ends with a line break. */
  readonly #text: string;
  /** Length without the line break that was added. */
  readonly #length: number;
  readonly #bigint: boolean;
  readonly #newMap: () => Map<string, YamlValue>;
  readonly #wants: ((key: string) => boolean) | undefined;
  /** Whether nobody wants what is being read. */
  #isUnwanted = false;
  /** Where the reader is: between two values, behind the indentation of a line that has one. */
  #at = 0;
  /** Indentation of that line; -1 at the end. */
  #indent = -1;
  #depth = 0;

  constructor(text: string, options: ParseOptions) {
    this.#text = text.endsWith("\n") ? text : `${text}\n`;
    this.#length = text.length;
    this.#bigint = options.integers === "bigint";
    this.#newMap = options.newMap ?? (() => new Map());
    this.#wants = options.wants;
  }

  document(): YamlValue {
    this.#skipLines(0);
    if (this.#indent === 0 && this.#text.startsWith("---\n", this.#at)) this.#skipLines(this.#at + 4);
    if (this.#indent < 0) return null;
    if (this.#indent !== 0) throw BEYOND;
    const value = this.#block(0);
    if (this.#indent >= 0) throw BEYOND;
    return value;
  }

  /** Goes to the first line from here on that has more than a comment. */
  #skipLines(from: number): void {
    const text = this.#text;
    for (let at = from; at < text.length;) {
      const start = at;
      while (text.charCodeAt(at) === SPACE) at++;
      const c = text.charCodeAt(at);
      if (c === LF) at++;
      else if (c === HASH) at = text.indexOf("\n", at) + 1;
      else {
        this.#at = at;
        this.#indent = at - start;
        return;
      }
    }
    this.#indent = -1;
  }

  /** The map or list that begins here and whose lines have this indentation. */
  #block(indent: number): YamlValue {
    if (++this.#depth > MAX_DEPTH) throw BEYOND;
    const value = this.#isEntry(this.#at) ? this.#list(indent) : this.#map(indent);
    this.#depth--;
    return value;
  }

  #map(indent: number): YamlValue {
    const map = this.#isUnwanted ? NOWHERE : this.#newMap();
    const wants = this.#depth === 1 ? this.#wants : undefined;
    do {
      const key = this.#key();
      if (wants !== undefined) this.#isUnwanted = !wants(key);
      const value = this.#value(indent, true);
      if (wants === undefined || !this.#isUnwanted) map.set(key, value);
    } while (this.#indent === indent);
    if (this.#indent > indent) throw BEYOND;
    return map;
  }

  #list(indent: number): YamlValue {
    const list: YamlValue[] = [];
    do {
      this.#at++;
      const value = this.#value(indent, false);
      if (!this.#isUnwanted) list.push(value);
    } while (this.#indent === indent && this.#isEntry(this.#at));
    if (this.#indent > indent) throw BEYOND;
    return list;
  }

  #isEntry(at: number): boolean {
    return this.#text.charCodeAt(at) === DASH && isBlank(this.#text.charCodeAt(at + 1));
  }

  /** Takes a key of a map in block style and the colon behind it. */
  #key(): string {
    const text = this.#text;
    const c = text.charCodeAt(this.#at);
    if (c !== DOUBLE_QUOTE && c !== SINGLE_QUOTE) return this.#plainKey(KEY);
    const key = this.#quotedKey();
    if (!isBlank(text.charCodeAt(this.#at))) throw BEYOND;
    return key;
  }

  #plainKey(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.#text)) throw BEYOND;
    const key = this.#text.slice(this.#at, pattern.lastIndex);
    if (key.length > MAX_KEY || resolveSpecial(key) !== undefined) throw BEYOND;
    this.#at = pattern.lastIndex + 1;
    return key;
  }

  #quotedKey(): string {
    const key = this.#quoted();
    if (key.length > MAX_KEY || this.#text.charCodeAt(this.#at) !== COLON) throw BEYOND;
    this.#at++;
    return key;
  }

  /** What stands behind `key:` or `-`, up to the line on which the next one begins. */
  #value(indent: number, isOfMap: boolean): YamlValue {
    const text = this.#text;
    const start = this.#at;
    let at = start;
    while (text.charCodeAt(at) === SPACE) at++;
    this.#at = at;
    const c = text.charCodeAt(at);
    switch (c) {
      case LF:
      case HASH:
        this.#skipLines(at);
        if (this.#indent > indent) return this.#isBracket() ? this.#lineOfFlow() : this.#block(this.#indent);
        return isOfMap && this.#indent === indent && this.#isEntry(this.#at) ? this.#list(indent) : null;
      case BAR:
        return this.#literal(indent);
      case BRACE:
      case BRACKET:
        return this.#lineOfFlow();
      default:
    }
    if (!isOfMap && this.#beginsBlock(c)) {
      // A map or list that begins on the line of its `-` is indented as far as it stands there.
      this.#indent = indent + 1 + at - start;
      return this.#block(this.#indent);
    }
    if (c === DOUBLE_QUOTE || c === SINGLE_QUOTE) {
      const value = this.#quotedLines();
      this.#endLine();
      return value;
    }
    return this.#plain(indent);
  }

  #isBracket(): boolean {
    const c = this.#text.charCodeAt(this.#at);
    return c === BRACE || c === BRACKET;
  }

  #lineOfFlow(): YamlValue {
    const value = this.#flow();
    this.#endLine();
    return value;
  }

  #beginsBlock(c: number): boolean {
    if (c === DASH) return this.#isEntry(this.#at);
    KEY.lastIndex = this.#at;
    return KEY.test(this.#text);
  }

  /** Leaves a line on which nothing but a comment follows. */
  #endLine(): void {
    const text = this.#text;
    let at = this.#at;
    while (text.charCodeAt(at) === SPACE) at++;
    const c = text.charCodeAt(at);
    if (c !== LF && (c !== HASH || at === this.#at)) throw BEYOND;
    this.#skipLines(at);
  }

  /** Takes a plain scalar, which goes on in lines that are indented further than what it belongs to. */
  #plain(indent: number): YamlValue {
    const text = this.#text;
    const start = this.#at;
    const beginsBadly = INDICATORS.includes(text[start] as string) && !this.#isWordOfColon(start);
    if (beginsBadly || this.#isEntry(start)) throw BEYOND;
    let lineEnd = text.indexOf("\n", start);
    const line = text.slice(start, lineEnd);
    const comment = line.indexOf(" #");
    let value = withoutBlanks(comment < 0 ? line : line.slice(0, comment));
    if (value.includes(": ") || value.endsWith(":")) throw BEYOND;
    while (comment < 0) {
      const blanks = this.#blanksAt(lineEnd + 1, Number.POSITIVE_INFINITY);
      const next = lineEnd + 1 + blanks;
      if (blanks <= indent || next >= this.#length || !CONTINUED.test(text[next] as string)) break;
      lineEnd = text.indexOf("\n", next);
      const more = withoutBlanks(text.slice(next, lineEnd));
      if (more.includes(": ") || more.endsWith(":") || more.includes(" #")) throw BEYOND;
      value += ` ${more}`;
    }
    this.#skipLines(lineEnd);
    return this.#resolved(value);
  }

  /** A colon that no blank follows begins a word. */
  #isWordOfColon(at: number): boolean {
    return this.#text.charCodeAt(at) === COLON && !isBlank(this.#text.charCodeAt(at + 1));
  }

  #resolved(text: string): YamlValue {
    if (this.#isUnwanted && !"+-.".includes(text[0] as string)) return null;
    const special = resolveSpecial(text);
    if (special === undefined) return text;
    if (special.type === "int") return this.#bigint ? special.value : Number(special.value);
    if (special.type === "float" && !Number.isFinite(special.value)) throw BEYOND;
    return special.value;
  }

  /** Takes a quoted scalar of one line. */
  #quoted(): string {
    const isDouble = this.#text.charCodeAt(this.#at) === DOUBLE_QUOTE;
    return unquoted(this.#inside(isDouble ? DOUBLE_QUOTED : SINGLE_QUOTED), isDouble);
  }

  /** Takes a quoted scalar of one line or more. */
  #quotedLines(): string {
    const isDouble = this.#text.charCodeAt(this.#at) === DOUBLE_QUOTE;
    const value = this.#inside(isDouble ? DOUBLE_QUOTED_LINES : SINGLE_QUOTED_LINES);
    if (!value.includes("\n")) return unquoted(value, isDouble);
    if (/\n(?:---|\.\.\.)/.test(value)) throw BEYOND;
    return isDouble
      ? value.replace(ESCAPE_OR_BREAKS, (found) => (found.startsWith("\\") ? meaning(found) : folded(found)))
      : value.replace(BREAKS, folded).replaceAll("''", "'");
  }

  /** Takes what the pattern has here, and gives it without its quotes. */
  #inside(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.#text)) throw BEYOND;
    const value = this.#text.slice(this.#at + 1, pattern.lastIndex - 1);
    this.#at = pattern.lastIndex;
    return value;
  }

  /** Takes a list or map in brackets. */
  #flow(): YamlValue {
    if (++this.#depth > MAX_DEPTH) throw BEYOND;
    const value = this.#text.charCodeAt(this.#at) === BRACE ? this.#flowMap() : this.#flowList();
    this.#depth--;
    return value;
  }

  #flowList(): YamlValue {
    const list: YamlValue[] = [];
    this.#at++;
    this.#skipBlanks();
    if (this.#text[this.#at] === "]") {
      this.#at++;
      return list;
    }
    do list.push(this.#flowValue());
    while (this.#goesOn("]"));
    return list;
  }

  #flowMap(): YamlValue {
    const map = this.#isUnwanted ? NOWHERE : this.#newMap();
    this.#at++;
    this.#skipBlanks();
    if (this.#text[this.#at] === "}") {
      this.#at++;
      return map;
    }
    do {
      const c = this.#text.charCodeAt(this.#at);
      const key = c === DOUBLE_QUOTE || c === SINGLE_QUOTE ? this.#quotedKey() : this.#plainKey(FLOW_KEY);
      this.#skipBlanks();
      map.set(key, this.#flowValue());
    } while (this.#goesOn("}"));
    return map;
  }

  /** Takes the comma behind a part, or the bracket that ends the whole. */
  #goesOn(close: string): boolean {
    this.#skipBlanks();
    const c = this.#text[this.#at++];
    if (c !== "," && c !== close) throw BEYOND;
    if (c === close) return false;
    this.#skipBlanks();
    return true;
  }

  #flowValue(): YamlValue {
    const c = this.#text.charCodeAt(this.#at);
    if (c === BRACE || c === BRACKET) return this.#flow();
    if (c === DOUBLE_QUOTE || c === SINGLE_QUOTE) return this.#quoted();
    FLOW_PLAIN.lastIndex = this.#at;
    if (!FLOW_PLAIN.test(this.#text)) throw BEYOND;
    const value = this.#text.slice(this.#at, FLOW_PLAIN.lastIndex);
    this.#at = FLOW_PLAIN.lastIndex;
    return this.#resolved(withoutBlanks(value));
  }

  #skipBlanks(): void {
    while (this.#text.charCodeAt(this.#at) === SPACE) this.#at++;
  }

  /** A text behind `|`, whose first line tells how far all are indented. */
  #literal(indent: number): YamlValue {
    const text = this.#text;
    const chomping = text[this.#at + 1] as string;
    let at = this.#at + (chomping === "-" || chomping === "+" ? 2 : 1);
    if (text.charCodeAt(at) !== LF) throw BEYOND;
    at++;
    let breaks = "";
    for (; text.charCodeAt(at) === LF; at++) breaks += "\n";
    const width = this.#blanksAt(at, Number.POSITIVE_INFINITY);
    if (at + width >= this.#length || text.charCodeAt(at + width) === LF) throw BEYOND;
    if (width <= indent) {
      this.#skipLines(at);
      return chomping === "+" ? breaks : "";
    }
    let value = "";
    for (let blanks = width; blanks === width && at < this.#length;) {
      const end = text.indexOf("\n", at);
      value += breaks + text.slice(at + width, end);
      at = end + 1;
      breaks = end < this.#length ? "\n" : "";
      // Lines with less than the indentation are empty or come after the text.
      for (
        blanks = this.#blanksAt(at, width);
        this.#isEmpty(at + blanks);
        blanks = this.#blanksAt(at, width)
      ) {
        breaks += "\n";
        at += blanks + 1;
      }
      if (at + blanks >= this.#length) break;
    }
    this.#skipLines(at);
    if (chomping === "-") return value;
    return value + (chomping === "+" ? breaks : breaks.slice(0, 1));
  }

  #blanksAt(at: number, most: number): number {
    let count = 0;
    while (count < most && this.#text.charCodeAt(at + count) === SPACE) count++;
    return count;
  }

  #isEmpty(at: number): boolean {
    return at < this.#length && this.#text.charCodeAt(at) === LF;
  }
}

function isBlank(c: number): boolean {
  return c === SPACE || c === LF;
}

function unquoted(text: string, isDouble: boolean): string {
  if (!isDouble) return text.includes("'") ? text.replaceAll("''", "'") : text;
  return text.includes("\\") ? text.replace(/\\./g, meaning) : text;
}

/** A line break and more, with the blanks around them. */
const BREAKS = /(?<! ) *\n[ \n]*/g;
const ESCAPE_OR_BREAKS = new RegExp(`\\\\\\n[ \\n]*|\\\\.|${BREAKS.source}`, "g");

/** One break is a blank, more are one less. */
function folded(breaks: string): string {
  return "\n".repeat(breaks.split("\n").length - 2) || " ";
}

/** What an escape of double quotes stands for; an escaped break is nothing, and those that follow it stay. */
function meaning(escape: string): string {
  switch (escape[1]) {
    case "n":
      return "\n";
    case "t":
      return "\t";
    case "\n":
      return "\n".repeat(escape.split("\n").length - 2);
    default:
      return escape.slice(1);
  }
}

function withoutBlanks(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === SPACE) end--;
  return end === text.length ? text : text.slice(0, end);
}
