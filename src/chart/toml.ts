import { GoBytes, GoMap, GoSlice, compareStrings, printValue, type Value } from "#gotemplate";

/**
 * Writes a value as `github.com/BurntSushi/toml` does: plain keys before tables, keys sorted, tables indented.
 *
 * @throws {Error} with that library's words for what TOML cannot hold.
 */
export function writeToml(value: Value): string {
  const writer = new TomlWriter();
  writer.encode([], value);
  return writer.out;
}

function isNil(value: Value): boolean {
  return (value instanceof GoMap || value instanceof GoSlice || value instanceof GoBytes) && value.isNil;
}

/** What shares parts is small in memory and endless here. */
const MAX_LENGTH = 64 * 1024 * 1024;

class TomlWriter {
  out = "";

  encode(key: readonly string[], value: Value): void {
    if (this.out.length > MAX_LENGTH) throw new RangeError("toml: too large a value");
    if (value === null || isNil(value)) return;
    if (isArrayOfTables(value)) this.#arrayOfTables(key, value);
    else if (value instanceof GoMap) this.#table(key, value);
    else this.#pair(key, value);
  }

  #indent(key: readonly string[]): string {
    return "  ".repeat(Math.max(0, key.length - 1));
  }

  #newline(): void {
    if (this.out !== "") this.out += "\n";
  }

  #arrayOfTables(key: readonly string[], list: readonly GoMap[]): void {
    if (key.length === 0) throw new Error("toml: top-level values must be Go maps or structs");
    for (const table of list) {
      this.#newline();
      this.out += `${this.#indent(key)}[[${keyText(key)}]]\n`;
      this.#map(key, table);
    }
  }

  #table(key: readonly string[], map: GoMap): void {
    if (key.length === 1) this.#newline();
    if (key.length > 0) this.out += `${this.#indent(key)}[${keyText(key)}]\n`;
    this.#map(key, map);
  }

  #map(key: readonly string[], map: GoMap): void {
    const keys = [...map.keys()].sort(compareStrings);
    const isBelow = (name: string): boolean => isTableLike(map.get(name) as Value);
    for (const name of keys.filter((one) => !isBelow(one)))
      this.encode([...key, name], map.get(name) as Value);
    for (const name of keys.filter(isBelow)) this.encode([...key, name], map.get(name) as Value);
  }

  #pair(key: readonly string[], value: Value): void {
    const name = key.at(-1);
    if (name === undefined) {
      this.out += element(value);
      return;
    }
    this.out += `${this.#indent(key)}${bareKey(name)} = ${element(value)}\n`;
  }
}

function isTableLike(value: Value): boolean {
  return value instanceof GoMap || isArrayOfTables(value);
}

function isArrayOfTables(value: Value): value is GoMap[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => item instanceof GoMap);
}

function element(value: Value): string {
  if (value === null) throw new Error("toml: cannot encode array with nil element");
  if (typeof value === "string") return quoted(value);
  if (typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
    const text = printValue(value);
    return /[e.]/.test(text) ? text : `${text}.0`;
  }
  if (Array.isArray(value)) return `[${Array.from(value, element).join(", ")}]`;
  if (value instanceof GoMap) {
    const keys = [...value.keys()].sort(compareStrings);
    return `{${keys.map((key) => `${bareKey(key)} = ${element(value.get(key) as Value)}`).join(", ")}}`;
  }
  const named = value as { goType?: string; json?(): unknown };
  if (named.goType === "time.Time") {
    const text = named.json?.();
    if (typeof text === "string") return text;
    return printValue(value)
      .replace(/^(\S+) (\S+) \+0000 UTC.*$/, "$1T$2Z")
      .replace(/^(\S+) (\S+) ([-+]\d\d)(\d\d) .*$/, "$1T$2$3:$4");
  }
  return printValue(value);
}

function keyText(key: readonly string[]): string {
  return key.map(bareKey).join(".");
}

function bareKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : quoted(key);
}

function quoted(text: string): string {
  const escaped = text.replace(/["\\\b\t\n\f\r]|[\0-\x1f\x7f]/g, (c) => {
    const short = SHORT[c];
    return short ?? `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return `"${escaped}"`;
}

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\f": "\\f",
  "\r": "\\r",
};
