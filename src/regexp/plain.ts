/** Where the whole and each group were found. */
export type Match = readonly (readonly [start: number, end: number] | undefined)[];

/** A pattern that JavaScript's own expressions and RE2's read alike. */
export interface PlainRegexp {
  /** Finds the first match from a place on; undefined for a text that only RE2 reads rightly, or in linear time. */
  searchIn(text: string): ((at: number) => Match | undefined) | undefined;
}

/**
 * The parts of such a pattern: characters, their classes and `.`, which may repeat, and anchors, alternatives and groups.
 * A group may be left out and no more: what is kept of one that repeats differs.
 */
const PART = new RegExp(
  [
    String.raw`(?:([\w \n\t:,@=#%&~!"'<>;/.-]|\\[./+*?()|[\]{}^$\\-]|\\[nrtdDwWsS]`,
    String.raw`|\[\^?-?(?:[A-Za-z\d]-[A-Za-z\d]|[\w \n\t:,.@=#%&~!"'<>;/+*?(){}|$]|\\[./+*?()|[\]{}^$\\-]|\\[nrtdDwWs])+-?\])`,
    String.raw`([*+?]|\{(?:\d{1,3}|1000)(?:,(?:\d{1,3}|1000)?)?\})?`,
    String.raw`|[$^|]|(\()(?!\?)|(\))\??)(?![*+?{])`,
  ].join(""),
  "y",
);

/** What Go takes for white space; JavaScript takes more. */
const SPACES = String.raw`\t\n\f\r `;

/** How many steps a search may take at worst. */
const STEPS = 1e6;

/** The plain form of a pattern, if it has one: most patterns of charts, and none of those is worth loading RE2 for. */
export function plainRegexp(pattern: string): PlainRegexp | undefined {
  let source = "";
  let repetitions = 0;
  let open = 0;
  let groups = 0;
  let choices = 1;
  for (PART.lastIndex = 0; PART.lastIndex < pattern.length;) {
    const found = PART.exec(pattern);
    if (found === null) return undefined;
    const [part, character, repetition = "", opening, closing] = found;
    source += character === undefined ? part : inJavaScript(character) + repetition;
    if (/[*+,]/.test(repetition)) repetitions++;
    if (part === ")?") choices *= 2;
    if (opening !== undefined) {
      groups++;
      open++;
    }
    if (closing !== undefined && --open < 0) return undefined;
  }
  if (open > 0) return undefined;
  const regexp = expression(source, groups > 0);
  const longest = (STEPS / choices) ** (1 / (repetitions + 1));
  return (
    regexp && {
      searchIn(text) {
        return text.length <= longest && isAscii(text) ? (at) => search(regexp, text, at) : undefined;
      },
    }
  );
}

function inJavaScript(character: string): string {
  if (character === ".") return "[^\\n]";
  const isClass = character.startsWith("[");
  return character.replace(/\\(.)/g, (escape, c: string) => {
    if (c === "s") return isClass ? SPACES : `[${SPACES}]`;
    return c === "S" ? `[^${SPACES}]` : escape;
  });
}

function expression(source: string, hasGroups: boolean): RegExp | undefined {
  try {
    return new RegExp(source, hasGroups ? "dg" : "g");
  } catch {
    // A class whose range is upside down, which RE2 has words for.
    return undefined;
  }
}

function search(regexp: RegExp, text: string, at: number): Match | undefined {
  regexp.lastIndex = at;
  const found = regexp.exec(text);
  return found === null ? undefined : (found.indices ?? [[found.index, found.index + found[0].length]]);
}

function isAscii(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- from the first to the last of ASCII
  return /^[\0-\x7f]*$/.test(text);
}
