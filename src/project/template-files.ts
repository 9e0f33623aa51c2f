import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** The text of a file relative to a directory; undefined when it cannot be read. */
export function fileText(directory: string, path: string): string | undefined {
  try {
    return readFileSync(join(directory, path), "utf8");
  } catch {
    return undefined;
  }
}

/**
 * The regular files whose path relative to a directory matches a pattern, sorted, with their texts. `*` and `?` stay within
 * a segment, `**` is any number of segments; links to files are followed, links to directories are not.
 */
export function globbedFiles(
  directory: string,
  pattern: string,
): readonly (readonly [path: string, text: string])[] {
  const segments = pattern.replace(/^\.?\/+/, "").split("/");
  const fixed = segments.slice(0, -1).findIndex((segment) => /[*?[{\\]/.test(segment));
  const start = segments.slice(0, fixed === -1 ? segments.length - 1 : fixed).join("/");
  const expression = globExpression(segments.join("/"));
  return [...filesBelow(directory, start)]
    .filter((path) => expression.test(path))
    .toSorted()
    .flatMap((path) => {
      const text = fileText(directory, path);
      return text === undefined ? [] : [[path, text] as const];
    });
}

function* filesBelow(directory: string, path: string): Generator<string> {
  let entries;
  try {
    entries = readdirSync(join(directory, path), { withFileTypes: true });
  } catch {
    return;
  }
  for (const entry of entries) {
    const below = path === "" ? entry.name : `${path}/${entry.name}`;
    if (entry.isDirectory()) yield* filesBelow(directory, below);
    else if (entry.isFile()) yield below;
    else if (
      entry.isSymbolicLink() &&
      statSync(join(directory, below), { throwIfNoEntry: false })?.isFile() === true
    )
      yield below;
  }
}

function globExpression(pattern: string): RegExp {
  let source = "";
  let depth = 0;
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at);
    if (pattern.startsWith("**/", at) && (at === 0 || pattern[at - 1] === "/")) {
      source += "(?:[^/]+/)*";
      at += 2;
    } else if (pattern.slice(at) === "**" && (at === 0 || pattern[at - 1] === "/")) {
      source += ".*";
      at += 1;
    } else if (character === "*") source += "[^/]*";
    else if (character === "?") source += "[^/]";
    else if (character === "{") {
      source += "(?:";
      depth++;
    } else if (character === "}" && depth > 0) {
      source += ")";
      depth--;
    } else if (character === "," && depth > 0) source += "|";
    else if (character === "[" && pattern.indexOf("]", at + 2) !== -1) {
      const end = pattern.indexOf("]", at + 2);
      source += `[${pattern
        .slice(at + 1, end)
        .replace(/^!/, "^")
        .replaceAll("\\", "\\\\")}]`;
      at = end;
    } else if (character === "\\" && at + 1 < pattern.length) source += escapeRegExp(pattern.charAt(++at));
    else source += escapeRegExp(character);
  }
  return new RegExp(`^${source}${")".repeat(depth)}$`, "su");
}

function escapeRegExp(character: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}
