import { byteLength, byteSlice, isAscii } from "../bytes.ts";
import { printValue } from "../format.ts";
import { define, type TemplateFunction } from "../function.ts";
import { compareStrings } from "../bytes.ts";
import { quote } from "../strconv.ts";
import { GoBytes, GoMap, GoSlice, type Value } from "../value.ts";
import {
  isBroken,
  isLower,
  isSpace,
  isTitle,
  isUpper,
  lowerOf,
  mapRunes,
  titleOf,
  toLower,
  toTitle,
  toUpper,
  trimSpace,
  upperOf,
} from "./letters.ts";
import { checkLength, type Limits } from "./limits.ts";
import { comparable, fromByteText, splitText, textOf, toByteText, toIndex } from "./text.ts";
import { kebabCase, pascalCase, snakeCase } from "./words.ts";
import { itemsOf } from "./lists.ts";

export function stringFunctions(limits: Limits): readonly TemplateFunction[] {
  const indent = (spaces: bigint, text: string) => indented(limits, toIndex(spaces), text);
  return [
    define("hello", "func() string", () => "Hello!"),
    define("trim", "func(string) string", trimSpace),
    define("trimAll", "func(string, string) string", trimAll),
    define("trimall", "func(string, string) string", trimAll),
    define("trimPrefix", "func(string, string) string", trimPrefix),
    define("trimSuffix", "func(string, string) string", trimSuffix),
    define("upper", "func(string) string", toUpper),
    define("lower", "func(string) string", toLower),
    define("title", "func(string) string", toTitle),
    define("untitle", "func(string) string", untitle),
    define("swapcase", "func(string) string", swapCase),
    define("snakecase", "func(string) string", snakeCase),
    define("camelcase", "func(string) string", pascalCase),
    define("kebabcase", "func(string) string", kebabCase),
    define("initials", "func(string) string", initials),
    define("nospace", "func(string) string", withoutSpace),
    define("trunc", "func(int, string) string", truncate),
    define("substr", "func(int, int, string) string", substring),
    define("abbrev", "func(int, string) string", (width, text) => abbreviate(text, 0, toIndex(width))),
    define("abbrevboth", "func(int, int, string) string", abbreviateBoth),
    define("wrap", "func(int, string) string", (width, text) =>
      wrap(limits, text, toIndex(width), "\n", false),
    ),
    define("wrapWith", "func(int, string, string) string", (width, separator, text) =>
      wrap(limits, text, toIndex(width), separator === "" ? "\n" : separator, true),
    ),
    define("repeat", "func(int, string) string", (count, text) => repeated(limits, text, toIndex(count))),
    define("indent", "func(int, string) string", indent),
    define("nindent", "func(int, string) string", (spaces, text) => `\n${indent(spaces, text)}`),
    define("replace", "func(string, string, string) string", (from, to, text) =>
      replaceAll(limits, from, to, text),
    ),
    define("contains", "func(string, string) bool", (part, text) => {
      const [[where, what]] = comparable(text, part);
      return where.includes(what);
    }),
    define("hasPrefix", "func(string, string) bool", (prefix, text) => {
      const [[where, what]] = comparable(text, prefix);
      return where.startsWith(what);
    }),
    define("hasSuffix", "func(string, string) bool", (suffix, text) => {
      const [[where, what]] = comparable(text, suffix);
      return where.endsWith(what);
    }),
    define("quote", "func(...interface {}) string", (...values) =>
      withoutNil(values)
        .map((value) => quote(textOf(value)))
        .join(" "),
    ),
    define("squote", "func(...interface {}) string", (...values) =>
      withoutNil(values)
        .map((value) => `'${printValue(value)}'`)
        .join(" "),
    ),
    define("cat", "func(...interface {}) string", (...values) =>
      withoutNil(values).map(printValue).join(" "),
    ),
    define("plural", "func(string, string, int) string", (one, many, count) => (count === 1n ? one : many)),
    define("toString", "func(interface {}) string", textOf),
    define("toStrings", "func(interface {}) []string", textsOf),
    define("join", "func(string, interface {}) string", (separator, values) =>
      textsOf(values).join(separator),
    ),
    define("sortAlpha", "func(interface {}) []string", sortAlpha),
    define("split", "func(string, string) map[string]string", (separator, text) =>
      numbered(splitText(text, separator)),
    ),
    define("splitn", "func(string, int, string) map[string]string", (separator, limit, text) =>
      numbered(limit === 0n ? [] : splitText(text, separator, toIndex(limit))),
    ),
    define("splitList", "func(string, string) []string", (separator, text) => splitText(text, separator)),
  ];
}

function withoutNil(values: readonly Value[]): readonly Value[] {
  return values.filter((value) => value !== null);
}

/** Removes the runes of `cutset` at both ends. */
function trimAll(cutset: string, text: string): string {
  const cut = new Set(Array.from(cutset, plain));
  const characters = Array.from(text);
  let from = 0;
  let to = characters.length;
  while (from < to && cut.has(plain(characters[from] ?? ""))) from++;
  while (to > from && cut.has(plain(characters[to - 1] ?? ""))) to--;
  return characters.slice(from, to).join("");
}

function plain(character: string): string {
  return isBroken(character) ? "\ufffd" : character;
}

function trimPrefix(prefix: string, text: string): string {
  const [[where, what], back] = comparable(text, prefix);
  return where.startsWith(what) ? back(where.slice(what.length)) : text;
}

function trimSuffix(suffix: string, text: string): string {
  const [[where, what], back] = comparable(text, suffix);
  return what !== "" && where.endsWith(what) ? back(where.slice(0, -what.length)) : text;
}

/** The first letter of each word in lower case. */
function untitle(text: string): string {
  let isInWord = false;
  return mapRunes(text, (character) => {
    if (isSpace(character)) {
      isInWord = false;
      return character;
    }
    const changed = isInWord ? character : lowerOf(character);
    isInWord = true;
    return changed;
  });
}

/** Small letters become capitals and the reverse; the first of a word becomes title case. */
function swapCase(text: string): string {
  let isAfterSpace = true;
  return mapRunes(text, (character) => {
    const wasAfterSpace = isAfterSpace;
    isAfterSpace = isSpace(character);
    if (isUpper(character) || isTitle(character)) return lowerOf(character);
    if (!isLower(character)) return character;
    return wasAfterSpace ? titleOf(character) : upperOf(character);
  });
}

/** The first byte of each word; a byte over 0x7F becomes the rune of that number, as in Go. */
function initials(text: string): string {
  let isInWord = false;
  let out = "";
  for (const byte of toByteText(text)) {
    if (isSpace(byte)) isInWord = false;
    else if (!isInWord) {
      out += byte;
      isInWord = true;
    }
  }
  return out;
}

/** Without white space. Where there was some, each byte over 0x7F becomes the rune of that number, as in Go. */
function withoutSpace(text: string): string {
  const bytes = toByteText(text);
  const kept = bytes.replace(/[\t-\r \u0085\u00a0]/g, "");
  return kept.length === bytes.length ? text : kept;
}

function truncate(count: bigint, text: string): string {
  const length = byteLength(text);
  const size = toIndex(count);
  if (size < 0) return length + size > 0 ? byteSlice(text, length + size) : text;
  return length > size ? byteSlice(text, 0, size) : text;
}

/** Sprig 2.22's `trunc`, which does not count from the end. */
export function truncateOfVersionTwo(): TemplateFunction {
  return define("trunc", "func(int, string) string", (count, text) => {
    if (count < 0n) throw outOfRange(`[:${count}]`);
    return truncate(count, text);
  });
}

function substring(start: bigint, end: bigint, text: string): string {
  const length = byteLength(text);
  const [from, to] = [toIndex(start), toIndex(end)];
  if (from < 0) {
    if (to < 0) throw outOfRange(`[:${end}]`);
    if (to > length) throw outOfRange(`[:${end}] with length ${length}`);
    return byteSlice(text, 0, to);
  }
  if (to < 0 || to > length) {
    if (from > length) throw outOfRange(`[${start}:${length}]`);
    return byteSlice(text, from);
  }
  if (from > to) throw outOfRange(`[${start}:${end}]`);
  return byteSlice(text, from, to);
}

function outOfRange(range: string): Error {
  return new Error(`runtime error: slice bounds out of range ${range}`);
}

function abbreviateBoth(left: bigint, right: bigint, text: string): string {
  if (right < 4n || (left > 0n && right < 7n)) return text;
  return abbreviate(text, toIndex(left), toIndex(right));
}

/** Cuts to `width` bytes, with dots where something was cut; `offset` bytes may go from the front. */
function abbreviate(text: string, offset: number, width: number): string {
  if (width < 4) return text;
  const bytes = toByteText(text);
  if (bytes.length <= width) return text;
  const room = width - 3;
  const start = Math.min(offset, bytes.length, bytes.length - room);
  if (start <= 4) return fromByteText(`${bytes.slice(0, room)}...`);
  if (width < 7) return "";
  const end = start + room < bytes.length ? `${bytes.slice(start, start + room - 3)}...` : bytes.slice(-room);
  return fromByteText(`...${end}`);
}

/** Breaks lines at spaces so that none is longer than `width` bytes, words included when `breakWords` is true. */
function wrap(limits: Limits, text: string, width: number, separator: string, breakWords: boolean): string {
  const room = Math.max(width, 1);
  const lines: string[] = [];
  const bytes = toByteText(text);
  let at = 0;
  while (bytes.length - at > room) {
    if (bytes[at] === " ") {
      at++;
      continue;
    }
    const space = bytes.slice(at, at + room + 1).lastIndexOf(" ");
    if (space >= 0) {
      lines.push(bytes.slice(at, at + space));
      at += space + 1;
    } else if (breakWords) {
      lines.push(bytes.slice(at, at + room));
      at += room;
    } else {
      const next = bytes.indexOf(" ", at + room);
      if (next < 0) break;
      lines.push(bytes.slice(at, next));
      at = next + 1;
    }
  }
  lines.push(bytes.slice(at));
  checkLength(limits, bytes.length + lines.length * separator.length);
  return fromByteText(lines.join(isAscii(separator) ? separator : toByteText(separator)));
}

function repeated(limits: Limits, text: string, count: number): string {
  if (count < 0) throw new Error("strings: negative Repeat count");
  checkLength(limits, text.length * count);
  return text === "" ? "" : text.repeat(count);
}

function indented(limits: Limits, spaces: number, text: string): string {
  if (spaces < 0) throw new Error("strings: negative Repeat count");
  if ((text.length + 1) * (spaces + 1) > limits.characters) {
    checkLength(limits, text.split("\n").length * spaces + text.length);
  }
  const pad = " ".repeat(spaces);
  return pad + text.replaceAll("\n", `\n${pad}`);
}

function replaceAll(limits: Limits, from: string, to: string, text: string): string {
  const [[where, what, by], back] = comparable(text, from, to);
  const parts = what === "" ? ["", ...Array.from(text), ""] : where.split(what);
  if (parts.length === 1) return text;
  checkLength(limits, text.length + parts.length * Math.max(to.length - from.length, 0));
  return what === "" ? parts.join(to) : back(parts.join(by));
}

/** The texts of a list without its nils; of any other value, the list of its text. */
function textsOf(value: Value): string[] | GoSlice {
  if (value === null) return [];
  if (value instanceof GoSlice && value.type === "[]string") return value;
  const isList = Array.isArray(value) || value instanceof GoBytes;
  return isList ? withoutNil(itemsOf(value)).map(textOf) : [textOf(value)];
}

/** Sorts a `[]string` where it is, as Sprig does, and any other list in a copy. */
function sortAlpha(value: Value): string[] | GoSlice {
  if (!Array.isArray(value) && !(value instanceof GoBytes)) return [textOf(value)];
  return textsOf(value).sort((a, b) => compareStrings(String(a), String(b)));
}

function numbered(parts: readonly string[]): GoMap {
  return GoMap.of(
    parts.map((part, at) => [`_${at}`, part] as const),
    "map[string]string",
  );
}
