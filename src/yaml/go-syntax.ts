import type { YamlValue } from "./decode.ts";
import { formatFloat } from "./scalar.ts";

/** A decoded value as Go's `%#v` writes it; integers are `bigint` in it. `bare`: a nil stands alone. */
export function goSyntax(value: YamlValue, bare = false): string {
  return value === null && bare ? "<nil>" : syntax(value);
}

function syntax(value: YamlValue): string {
  if (value === null) return "interface {}(nil)";
  if (typeof value === "string") return quote(value);
  if (typeof value === "number") {
    if (Number.isFinite(value)) return formatFloat(value);
    return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
  }
  if (Array.isArray(value)) return `[]interface {}{${value.map(syntax).join(", ")}}`;
  if (value instanceof Map) {
    const pairs = [...value].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `map[interface {}]interface {}{${pairs.map(([key, item]) => `${quote(key)}:${syntax(item)}`).join(", ")}}`;
  }
  return String(value);
}

/** A text as Go's `strconv.Quote` writes it. */
function quote(text: string): string {
  let out = '"';
  for (const char of text) {
    const code = char.codePointAt(0) as number;
    const short = SHORT.get(code);
    if (short !== undefined) out += short;
    else if (code < 0x20 || code === 0x7f) out += `\\x${code.toString(16).padStart(2, "0")}`;
    else if (/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(char)) out += char;
    else
      out +=
        code > 0xffff
          ? `\\U${code.toString(16).padStart(8, "0")}`
          : `\\u${code.toString(16).padStart(4, "0")}`;
  }
  return `${out}"`;
}

const SHORT = new Map<number, string>([
  [7, "\\a"],
  [8, "\\b"],
  [9, "\\t"],
  [10, "\\n"],
  [11, "\\v"],
  [12, "\\f"],
  [13, "\\r"],
  [0x22, '\\"'],
  [0x5c, "\\\\"],
]);
