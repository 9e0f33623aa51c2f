import { lazy } from "../lazy.ts";

/**
 * Upper, lower and title case of single runes, as Go's package unicode has them: one rune for one rune. JavaScript's
 * toUpperCase() follows the longer rules (`ß` gives `SS`); where it does, the tables below have the plain answer.
 */

const SPACE = /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/u;
const upper = lazy(() => /^\p{Lu}$/u);
const lower = lazy(() => /^\p{Ll}$/u);
const title = lazy(() => /^\p{Lt}$/u);
const GREEK_WITH_IOTA = /^[\u1f80-\u1f87\u1f90-\u1f97\u1fa0-\u1fa7]$/u;
const GEORGIAN = /^[\u10d0-\u10fa\u10fd-\u10ff]$/u;
const IOTA: Readonly<Record<string, string>> = { "\u1fb3": "\u1fbc", "\u1fc3": "\u1fcc", "\u1ff3": "\u1ffc" };
const DIGRAPHS: Readonly<Record<string, string>> = {
  Ǆ: "ǅ",
  ǅ: "ǅ",
  ǆ: "ǅ",
  Ǉ: "ǈ",
  ǈ: "ǈ",
  ǉ: "ǈ",
  Ǌ: "ǋ",
  ǋ: "ǋ",
  ǌ: "ǋ",
  Ǳ: "ǲ",
  ǲ: "ǲ",
  ǳ: "ǲ",
};

export function isSpace(character: string): boolean {
  return SPACE.test(character);
}

export function isUpper(character: string): boolean {
  return upper().test(character);
}

export function isLower(character: string): boolean {
  return lower().test(character);
}

/** Whether it is one of the few letters that are both, such as `ǅ`. */
export function isTitle(character: string): boolean {
  return title().test(character);
}

export function upperOf(character: string): string {
  const upper = character.toUpperCase();
  if (upper.length === character.length && !GREEK_WITH_IOTA.test(character)) return upper;
  if (GREEK_WITH_IOTA.test(character)) return String.fromCharCode(character.charCodeAt(0) + 8);
  return IOTA[character] ?? character;
}

export function lowerOf(character: string): string {
  return character === "İ" ? "i" : character.toLowerCase();
}

export function titleOf(character: string): string {
  return DIGRAPHS[character] ?? (GEORGIAN.test(character) ? character : upperOf(character));
}

/** Changes each rune of a text; a byte that is no rune becomes U+FFFD. */
export function mapRunes(text: string, change: (character: string) => string): string {
  let out = "";
  for (const character of text) out += change(isBroken(character) ? "\ufffd" : character);
  return out;
}

/** Whether it is half a surrogate pair, which stands for a byte that is no valid UTF-8. */
export function isBroken(character: string): boolean {
  return character.length === 1 && character >= "\ud800" && character <= "\udfff";
}

/** `strings.TrimSpace`. */
export function trimSpace(text: string): string {
  let [from, to] = [0, text.length];
  while (from < to && isSpace(text.charAt(from))) from++;
  while (to > from && isSpace(text.charAt(to - 1))) to--;
  return text.slice(from, to);
}

const ASCII_ONLY = /^[\0-\x7f]*$/;

/** `strings.ToUpper`. */
export function toUpper(text: string): string {
  return ASCII_ONLY.test(text) ? text.toUpperCase() : mapRunes(text, upperOf);
}

/** `strings.ToLower`. */
export function toLower(text: string): string {
  return ASCII_ONLY.test(text) ? text.toLowerCase() : mapRunes(text, lowerOf);
}

/** `strings.Title`: the first letter of each word in title case. Only letters, digits and `_` belong to words. */
export function toTitle(text: string): string {
  let isInWord = false;
  return mapRunes(text, (character) => {
    const changed = isInWord ? character : titleOf(character);
    isInWord =
      character <= "\x7f" ? /\w/.test(character) : /[\p{L}\p{Nd}]/u.test(character) || !isSpace(character);
    return changed;
  });
}
