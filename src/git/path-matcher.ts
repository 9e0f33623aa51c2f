/** Which files of a repository belong to a mapping. */
export interface PathRules {
  /** A path of the repository; the file itself or everything below it. "" is the whole repository. */
  readonly base: string;
  /** Patterns relative to `base`; none means everything. */
  readonly include?: readonly string[];
  /** Patterns relative to `base`; they win over `include`. */
  readonly exclude?: readonly string[];
}

/** What a matcher can say of a directory: all below matches, some may, none does. */
export type Reach = "whole" | "walk" | "skip";

export interface PathMatcher {
  readonly base: string;
  matches(path: string): boolean;
  /** What a walk may expect below a directory, so that it need not look. */
  directory(path: string): Reach;
}

/**
 * Path rules as werf's git mappings have them. A pattern matches a path when it is a literal prefix of it at a slash, or a
 * glob for it or for one of its parents: `a`, `a/*`, `a/**` all include everything below. In globs `*` and `?` stay
 * within a segment, `**` as a segment is any number of segments, `[set]`, `{a,b}` and `\` work, names with a leading
 * dot are not special. A pattern that is no valid glob still works as a literal prefix.
 */
export function pathMatcher(rules: PathRules): PathMatcher {
  const base = trim(rules.base);
  const include = (rules.include ?? []).map(compilePattern);
  const exclude = (rules.exclude ?? []).map(compilePattern);
  return {
    base,
    matches(path) {
      const sub = below(base, path);
      if (sub === undefined) return false;
      if (include.length > 0 && !include.some((pattern) => pattern.matches(sub))) return false;
      return !exclude.some((pattern) => pattern.matches(sub));
    },
    directory(path) {
      const sub = below(base, path);
      if (sub === undefined) return below(path, base) === undefined ? "skip" : "walk";
      if (exclude.some((pattern) => pattern.matches(sub))) return "skip";
      const isIncluded = include.length === 0 || include.some((pattern) => pattern.matches(sub));
      if (isIncluded) return exclude.some((pattern) => pattern.mayMatchBelow(sub)) ? "walk" : "whole";
      return include.some((pattern) => pattern.mayMatchBelow(sub)) ? "walk" : "skip";
    },
  };
}

/** The path relative to a directory that equals or holds it; undefined when it lies elsewhere. */
function below(directory: string, path: string): string | undefined {
  if (directory === "") return path;
  if (path === directory) return "";
  return path.startsWith(`${directory}/`) ? path.slice(directory.length + 1) : undefined;
}

interface Pattern {
  matches(sub: string): boolean;
  mayMatchBelow(directory: string): boolean;
}

function compilePattern(text: string): Pattern {
  const pattern = trim(text);
  if (pattern === "") return { matches: () => true, mayMatchBelow: () => true };
  const whole = globExpression(pattern);
  const segments = splitsAtSlashes(pattern) ? pattern.split("/") : undefined;
  const steps = segments?.map((segment) => (segment === "**" ? "any" : globExpression(segment)));
  const expression = whole === undefined ? undefined : new RegExp(`^${whole}(?:/.+)?$`, "su");
  const tests = steps?.map((step) =>
    step === "any" || step === undefined ? step : new RegExp(`^${step}$`, "su"),
  );
  return {
    matches: (sub) => below(pattern, sub) !== undefined || (expression?.test(sub) ?? false),
    mayMatchBelow(directory) {
      if (directory === "" || pattern.startsWith(`${directory}/`)) return true;
      if (whole === undefined) return false;
      if (tests === undefined) return true;
      const names = directory.split("/");
      for (const [at, name] of names.entries()) {
        const test = tests[at];
        if (test === "any") return true;
        if (test === undefined || !test.test(name)) return false;
      }
      return names.length < tests.length;
    },
  };
}

/** False when a slash stands inside braces, so that segments cannot be told apart by splitting. */
function splitsAtSlashes(pattern: string): boolean {
  return !/\{[^}]*\/[^}]*\}|\[[^\]]*\/[^\]]*\]|\\\//.test(pattern);
}

function trim(path: string): string {
  const trimmed = path.replace(/^(\.?\/+)+/, "").replace(/(\/+\.?)+$/, "");
  return trimmed === "." ? "" : trimmed;
}

/** The glob as the source of a regular expression, or undefined when its brackets do not close. */
function globExpression(glob: string): string | undefined {
  const characters = [...glob];
  let source = "";
  let depth = 0;
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? "";
    if (character === "*") {
      const isSegment =
        characters[at + 1] === "*" &&
        (at === 0 || characters[at - 1] === "/") &&
        (at + 2 === characters.length || characters[at + 2] === "/");
      if (!isSegment) {
        source += "[^/]*";
      } else if (at + 2 < characters.length) {
        source += "(?:[^/]+/)*";
        at += 2;
      } else if (source.endsWith("/")) {
        source = `${source.slice(0, -1)}(?:/.*)?`;
        at += 1;
      } else {
        source += ".*";
        at += 1;
      }
    } else if (character === "?") {
      source += "[^/]";
    } else if (character === "\\") {
      at += 1;
      if (at === characters.length) return undefined;
      source += literal(characters[at] ?? "");
    } else if (character === "[") {
      const set = setExpression(characters, at);
      if (set === undefined) return undefined;
      source += set.source;
      at = set.end;
    } else if (character === "{") {
      depth += 1;
      source += "(?:";
    } else if (character === "}" && depth > 0) {
      depth -= 1;
      source += ")";
    } else if (character === "," && depth > 0) {
      source += "|";
    } else {
      source += literal(character);
    }
  }
  return depth === 0 ? source : undefined;
}

function setExpression(
  characters: readonly string[],
  start: number,
): { source: string; end: number } | undefined {
  let at = start + 1;
  const isNegated = characters[at] === "^" || characters[at] === "!";
  if (isNegated) at += 1;
  const first = at;
  let source = "";
  const next = (): string | undefined => {
    if (characters[at] === "\\") at += 1;
    const character = characters[at];
    at += 1;
    return character;
  };
  while (at < characters.length && (characters[at] !== "]" || at === first)) {
    const from = next();
    if (from === undefined) return undefined;
    let to = from;
    if (characters[at] === "-" && characters[at + 1] !== "]") {
      at += 1;
      to = next() ?? "";
    }
    if (to < from) return undefined;
    source += to === from ? setLiteral(from) : `${setLiteral(from)}-${setLiteral(to)}`;
  }
  if (characters[at] !== "]") return undefined;
  return { source: isNegated ? `[^/${source}]` : `(?!/)[${source}]`, end: at };
}

function literal(character: string): string {
  return /[$^\\.*+?()[\]{}|]/.test(character) ? `\\${character}` : character;
}

function setLiteral(character: string): string {
  return /[\\\]^[-]/.test(character) ? `\\${character}` : character;
}
