import { GoMap, int64, sprigFunctions, type Value } from "#gotemplate";

/**
 * Reads a TOML document. Whole numbers are int64, dates are `time.Time`.
 *
 * @throws {Error} in the form of `github.com/BurntSushi/toml`.
 * @see https://toml.io/en/v1.0.0
 */
export function readToml(text: string): GoMap {
  return new TomlReader(text).document();
}

const MAX_DEPTH = 1000;

class TomlReader {
  readonly #text: string;
  #at = 0;
  #lastKey = "";
  #depth = 0;

  constructor(text: string) {
    this.#text = text.replaceAll("\r\n", "\n");
  }

  document(): GoMap {
    const root = new GoMap();
    let table = root;
    for (;;) {
      this.#blank(true);
      const c = this.#text[this.#at];
      if (c === undefined) return root;
      if (c === "[") table = this.#header(root);
      else this.#pair(table);
      this.#blank(false);
      const end = this.#text[this.#at];
      if (end !== undefined && end !== "\n")
        throw this.#error(
          `expected a top-level item to end with a newline, comment, or EOF, but got ${JSON.stringify(end).replace(/^"|"$/g, "'")} instead`,
        );
    }
  }

  #error(problem: string): Error {
    const line = this.#text.slice(0, this.#at).split("\n").length;
    const key = this.#lastKey === "" ? "" : ` (last key ${JSON.stringify(this.#lastKey)})`;
    return new Error(`toml: line ${line}${key}: ${problem}`);
  }

  #blank(lines: boolean): void {
    for (;;) {
      const c = this.#text[this.#at];
      if (c === " " || c === "\t" || (lines && c === "\n")) this.#at++;
      else if (c === "#") {
        const end = this.#text.indexOf("\n", this.#at);
        this.#at = end < 0 ? this.#text.length : end;
      } else return;
    }
  }

  #header(root: GoMap): GoMap {
    this.#at++;
    const isArray = this.#text[this.#at] === "[";
    if (isArray) this.#at++;
    const path = this.#keyPath();
    for (const bracket of isArray ? "]]" : "]") {
      if (this.#text[this.#at] !== bracket)
        throw this.#error(
          `expected end of table name delimiter ']', but got ${JSON.stringify(this.#text[this.#at] ?? "EOF")} instead`,
        );
      this.#at++;
    }
    this.#lastKey = path.join(".");
    const name = path.pop() as string;
    const parent = this.#descend(root, path);
    const existing = parent.get(name);
    if (isArray) {
      const table = new GoMap();
      if (existing === undefined) parent.set(name, [table]);
      else if (Array.isArray(existing)) existing.push(table);
      else throw this.#error(`Key '${this.#lastKey}' has already been defined.`);
      return table;
    }
    return this.#descend(parent, [name]);
  }

  #descend(from: GoMap, path: readonly string[]): GoMap {
    let at = from;
    for (const name of path) {
      const next = at.get(name);
      if (next === undefined) {
        const table = new GoMap();
        at.set(name, table);
        at = table;
      } else if (next instanceof GoMap) at = next;
      else if (Array.isArray(next) && next.at(-1) instanceof GoMap) at = next.at(-1) as GoMap;
      else throw this.#error(`Key '${path.join(".")}' has already been defined.`);
    }
    return at;
  }

  #keyPath(): string[] {
    const path: string[] = [];
    for (;;) {
      this.#blank(false);
      path.push(this.#key());
      this.#blank(false);
      if (this.#text[this.#at] !== ".") return path;
      this.#at++;
    }
  }

  #key(): string {
    const c = this.#text[this.#at];
    if (c === '"') return this.#basicString();
    if (c === "'") return this.#literalString();
    const match = /[A-Za-z0-9_-]+/y;
    match.lastIndex = this.#at;
    const found = match.exec(this.#text)?.[0];
    if (found === undefined)
      throw this.#error(`unexpected ${c === undefined ? "EOF" : JSON.stringify(c)}; expected key`);
    this.#at += found.length;
    return found;
  }

  #pair(table: GoMap): void {
    const path = this.#keyPath();
    this.#lastKey = path.join(".");
    if (this.#text[this.#at] !== "=") {
      throw this.#error(
        `expected '.' or '=', but got ${JSON.stringify(this.#text[this.#at] ?? "EOF").replace(/^"|"$/g, "'")} instead`,
      );
    }
    this.#at++;
    this.#blank(false);
    const value = this.#value();
    const name = path.pop() as string;
    const parent = this.#descend(table, path);
    if (parent.has(name)) throw this.#error(`Key '${this.#lastKey}' has already been defined.`);
    parent.set(name, value);
  }

  #value(): Value {
    const c = this.#text[this.#at];
    if (c === undefined || c === "\n") throw this.#error("unexpected EOF; expected value");
    if (++this.#depth > MAX_DEPTH) throw this.#error("nested too deeply");
    const value = this.#valueAt(c);
    this.#depth--;
    return value;
  }

  #valueAt(c: string): Value {
    if (this.#text.startsWith('"""', this.#at)) return this.#longString('"""');
    if (this.#text.startsWith("'''", this.#at)) return this.#longString("'''");
    if (c === '"') return this.#basicString();
    if (c === "'") return this.#literalString();
    if (c === "[") return this.#array();
    if (c === "{") return this.#inlineTable();
    return this.#atom();
  }

  #atom(): Value {
    const match = /[^\s,\]}#]+(?: \d\d:\d\d:\d\d[^\s,\]}#]*)?/y;
    match.lastIndex = this.#at;
    const word = match.exec(this.#text)?.[0] ?? "";
    this.#at += word.length;
    if (word === "true" || word === "false") return word === "true";
    const digits = word.replaceAll("_", "");
    if (/^(?:0x[0-9a-fA-F]+|0o[0-7]+|0b[01]+|[-+]?(?:0|[1-9][0-9]*))$/.test(digits)) {
      return int64(digits.startsWith("-") ? -BigInt(digits.slice(1)) : BigInt(digits.replace("+", "")));
    }
    if (/^[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$/.test(digits)) return Number(digits);
    if (/^[-+]?inf$/.test(word))
      return word.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    if (/^[-+]?nan$/.test(word)) return Number.NaN;
    const time = readTime(word);
    if (time !== undefined) return time;
    throw this.#error(`expected value but found ${JSON.stringify(word)} instead`);
  }

  #array(): Value {
    this.#at++;
    const items: Value[] = [];
    for (;;) {
      this.#blank(true);
      if (this.#text[this.#at] === "]") break;
      items.push(this.#value());
      this.#blank(true);
      if (this.#text[this.#at] === ",") this.#at++;
      else if (this.#text[this.#at] !== "]")
        throw this.#error("expected a comma (',') or array terminator (']'), but got something else");
    }
    this.#at++;
    return items;
  }

  #inlineTable(): Value {
    this.#at++;
    const table = new GoMap();
    for (;;) {
      this.#blank(true);
      if (this.#text[this.#at] === "}") break;
      this.#pair(table);
      this.#blank(true);
      if (this.#text[this.#at] === ",") this.#at++;
      else if (this.#text[this.#at] !== "}")
        throw this.#error("expected a comma or an inline table terminator '}'");
    }
    this.#at++;
    return table;
  }

  #literalString(): string {
    const end = this.#text.indexOf("'", this.#at + 1);
    const line = this.#text.indexOf("\n", this.#at);
    if (end < 0 || (line >= 0 && line < end)) throw this.#error("strings cannot contain newlines");
    const value = this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
    return value;
  }

  #basicString(): string {
    let value = "";
    for (this.#at++; ;) {
      const c = this.#text[this.#at++];
      if (c === undefined) throw this.#error("unexpected EOF; expected '\"'");
      if (c === "\n") throw this.#error("strings cannot contain newlines");
      if (c === '"') return value;
      value += c === "\\" ? this.#escape() : c;
    }
  }

  #longString(quote: string): string {
    this.#at += 3;
    if (this.#text[this.#at] === "\n") this.#at++;
    let value = "";
    for (;;) {
      if (this.#at >= this.#text.length)
        throw this.#error(`unexpected EOF; expected ${JSON.stringify(quote)}`);
      if (this.#text.startsWith(quote, this.#at)) break;
      const c = this.#text[this.#at++] as string;
      if (c !== "\\" || quote === "'''") value += c;
      else {
        const space = /[ \t]*\n\s*/y;
        space.lastIndex = this.#at;
        const found = space.exec(this.#text)?.[0];
        if (found === undefined) value += this.#escape();
        else this.#at += found.length;
      }
    }
    this.#at += 3;
    return value;
  }

  #escape(): string {
    const c = this.#text[this.#at++] ?? "";
    const short = ESCAPES[c];
    if (short !== undefined) return short;
    const length = c === "u" ? 4 : c === "U" ? 8 : 0;
    const digits = this.#text.slice(this.#at, this.#at + length);
    const code = Number.parseInt(digits, 16);
    if (length === 0 || digits.length < length || !/^[0-9a-fA-F]+$/.test(digits) || code > 0x10ffff) {
      throw this.#error(
        `invalid escape character ${JSON.stringify(c)}; only the following escape characters are allowed: \\b, \\t, \\n, \\f, \\r, \\", \\\\, \\uXXXX, and \\UXXXXXXXX`,
      );
    }
    this.#at += length;
    return String.fromCodePoint(code);
  }
}

const TIME_LAYOUTS: readonly (readonly [RegExp, string])[] = [
  [/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)$/, "2006-01-02T15:04:05Z07:00"],
  [/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?$/, "2006-01-02T15:04:05"],
  [/^\d{4}-\d\d-\d\d$/, "2006-01-02"],
  [/^\d\d:\d\d:\d\d(?:\.\d+)?$/, "15:04:05"],
];

function readTime(word: string): Value | undefined {
  const text = word.replace(/[t ]/, "T").replace("z", "Z");
  const layout = TIME_LAYOUTS.find(([pattern]) => pattern.test(text))?.[1];
  return layout === undefined ? undefined : (sprigFunctions().get("toDate")?.call(layout, text) ?? undefined);
}

const ESCAPES: Readonly<Record<string, string>> = {
  b: "\b",
  t: "\t",
  n: "\n",
  f: "\f",
  r: "\r",
  e: "\x1b",
  '"': '"',
  "\\": "\\",
};
