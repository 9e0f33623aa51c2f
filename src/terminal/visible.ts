/** What a terminal obeys instead of showing: C0 but tab and line feed, DEL, C1, and what turns the direction of text. */
const COMMANDS = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
/** Colors and weights; nothing else that begins so. */
const COLOR = /(\u001b\[[0-9;:]*m)/u;

/**
 * A text of others (a name in a chart, a message of a cluster) so that a terminal only shows it: what it would obey is
 * written as `\x1b` or `\u202e`. Lines and tabs stay.
 */
export function visible(text: string): string {
  return text.replaceAll(COMMANDS, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code > 0xff
      ? `\\u${code.toString(16).padStart(4, "0")}`
      : `\\x${code.toString(16).padStart(2, "0")}`;
  });
}

/** As visible(), for a name: it stays on its line. */
export function visibleName(text: string): string {
  return visible(text)
    .replaceAll("\n", String.raw`\n`)
    .replaceAll("\t", String.raw`\t`);
}

/** As visible(), for the lines of a program's output: its colors stay, and of a line written over what came last. */
export function visibleOutput(text: string): string[] {
  return text.split(/\r*\n/).map((line) => {
    const last = line.replace(/\r+$/, "");
    const parts = last.slice(last.lastIndexOf("\r") + 1).split(COLOR);
    const shown = parts.map((part, index) => (index % 2 === 1 ? part : visible(part))).join("");
    return parts.length > 1 ? `${shown}\u001b[0m` : shown;
  });
}
