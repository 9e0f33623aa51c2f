import { comparePrereleases, compareVersions, parseVersion, Version, VersionError } from "./version.ts";

const MAX_LENGTH = 512;
const MAX_ALTERNATIVES = 32;

const SPACE = "[\\t\\n\\f\\r ]";
const PATTERN =
  "v?[0-9|xX*]+(?:\\.[0-9|xX*]+)?(?:\\.[0-9|xX*]+)?" +
  "(?:-[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?";
const RANGE = new RegExp(`${SPACE}*(${PATTERN})${SPACE}+-${SPACE}+(${PATTERN})${SPACE}*`, "g");
const TERM = new RegExp(`(=>|=<|=|!=|>=|>|<=|<|~>|~|\\^|)${SPACE}*(${PATTERN})`, "y");
const PARTS = /^v?([0-9|xX*]+)(?:\.([0-9|xX*]+))?(?:\.([0-9|xX*]+))?(-[0-9A-Za-z.-]+)?/;

type Operator = "" | "=" | "!=" | ">" | "<" | ">=" | "=>" | "<=" | "=<" | "~" | "~>" | "^";

/** `>=1.2`, one comparison of a constraint. A part written `x` or left out is a wildcard, here 0. */
interface Term {
  readonly operator: Operator;
  readonly version: Version;
  /** The version as written. */
  readonly text: string;
  readonly wildcard: "none" | "major" | "minor" | "patch";
}

/** Which versions will do: alternatives, each of which is a list of terms that must all hold. */
export class Constraint {
  readonly #alternatives: readonly (readonly Term[])[];

  constructor(alternatives: readonly (readonly Term[])[]) {
    this.#alternatives = alternatives;
  }

  /** Whether the version satisfies it. A prerelease does so only where some term of the alternative names one. */
  allows(version: Version): boolean {
    return this.#alternatives.some((terms) => {
      if (version.prerelease !== "" && !terms.some(namesPrerelease)) return false;
      return terms.every((term) => objection(version, term) === undefined);
    });
  }

  /** Why the version will not do, one sentence for each term that it fails; nothing when it is allowed. */
  objections(version: Version): readonly string[] {
    const found: string[] = [];
    let saidPrerelease = false;
    for (const terms of this.#alternatives) {
      const before = found.length;
      if (version.prerelease !== "" && !terms.some(namesPrerelease)) {
        if (!saidPrerelease && terms.length > 0) {
          found.push(
            `"${version}" is a prerelease version and the constraint is only looking for release versions`,
          );
        }
        saidPrerelease = true;
        continue;
      }
      found.push(...terms.map((term) => objection(version, term)).filter((text) => text !== undefined));
      if (found.length === before) return [];
    }
    return found;
  }

  toString(): string {
    return this.#alternatives
      .map((terms) => terms.map((term) => term.operator + term.text).join(" "))
      .join(" || ");
  }
}

/**
 * Reads a constraint such as `>=1.2 <3 || ~4.1`, `^1.2.x`, `1.2 - 2.3`.
 *
 * @throws {VersionError}
 */
export function parseConstraint(text: string): Constraint {
  if (Buffer.byteLength(text) > MAX_LENGTH) {
    throw new VersionError(`constraint string is too long (max ${MAX_LENGTH} bytes)`);
  }
  const alternatives = expandRanges(text).split("||");
  if (alternatives.length > MAX_ALTERNATIVES) {
    throw new VersionError(`too many constraint groups (max ${MAX_ALTERNATIVES})`);
  }
  return new Constraint(alternatives.map(parseAlternative));
}

function expandRanges(text: string): string {
  let expanded = text;
  for (const [range, from, to] of text.matchAll(RANGE)) {
    expanded = expanded.replace(range, () => `>= ${from}, <= ${to} `);
  }
  return expanded;
}

/** Terms are separated by white space, a comma, or both; one comma at most. */
function parseAlternative(text: string): readonly Term[] {
  const terms: (readonly [Operator, string])[] = [];
  let at = skipSpace(text, 0);
  while (at < text.length || terms.length === 0) {
    TERM.lastIndex = at;
    const match = TERM.exec(text);
    if (match === null) throw improper(text);
    terms.push([match[1] as Operator, match[2] ?? ""]);
    const end = TERM.lastIndex;
    at = skipSpace(text, end);
    if (at === text.length) break;
    if (text[at] === ",") {
      at = skipSpace(text, at + 1);
      if (at === text.length) throw improper(text);
    } else if (at === end) {
      throw improper(text);
    }
  }
  return terms.map(([operator, version]) => parseTerm(operator, version));
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && "\t\n\f\r ".includes(text.charAt(at))) at++;
  return at;
}

function parseTerm(operator: Operator, text: string): Term {
  const [, major = "", minor = "", patch = "", prerelease = ""] = PARTS.exec(text) ?? [];
  const [wildcard, complete]: [Term["wildcard"], string] = isWildcard(major)
    ? ["major", `0.0.0${prerelease}`]
    : isWildcard(minor)
      ? ["minor", `${major}.0.0${prerelease}`]
      : isWildcard(patch)
        ? ["patch", `${major}.${minor}.0${prerelease}`]
        : ["none", text];
  try {
    return { operator, version: parseVersion(complete), text, wildcard };
  } catch (error) {
    throw new VersionError("constraint parser error", { cause: error });
  }
}

function isWildcard(part: string): boolean {
  return part === "" || part === "x" || part === "X" || part === "*";
}

function namesPrerelease(term: Term): boolean {
  return term.version.prerelease !== "";
}

function improper(text: string): VersionError {
  return new VersionError(`improper constraint: ${quoted(text)}`);
}

/** Why the version fails the term; whether prereleases count at all has been decided before. */
function objection(version: Version, term: Term): string | undefined {
  switch (term.operator) {
    case "":
    case "=":
      if (term.wildcard !== "none") return tildeObjection(version, term);
      return compareVersions(version, term.version) === 0 ? undefined : say(version, "is not equal to", term);
    case "!=":
      return matchesWildcard(version, term) ? say(version, "is equal to", term) : undefined;
    case ">":
      return isGreater(version, term) ? undefined : say(version, "is less than or equal to", term);
    case "<":
      return compareVersions(version, term.version) < 0
        ? undefined
        : say(version, "is greater than or equal to", term);
    case ">=":
    case "=>":
      return compareVersions(version, term.version) >= 0 ? undefined : say(version, "is less than", term);
    case "<=":
    case "=<":
      return isAtMost(version, term) ? undefined : say(version, "is greater than", term);
    case "~":
    case "~>":
      return tildeObjection(version, term);
    case "^":
      return caretObjection(version, term);
    default:
      return term.operator satisfies never;
  }
}

function say(version: Version, relation: string, term: Term, end = ""): string {
  return `"${version}" ${relation} "${term.text}"${end}`;
}

function matchesWildcard(version: Version, { version: wanted, wildcard }: Term): boolean {
  if (wildcard === "none") return compareVersions(version, wanted) === 0;
  if (version.major !== wanted.major) return false;
  if (wildcard === "minor") return true;
  if (version.minor !== wanted.minor) return false;
  if (wildcard === "patch") return comparePrereleases(version.prerelease, wanted.prerelease) === 0;
  return compareVersions(version, wanted) === 0;
}

function isGreater(version: Version, { version: wanted, wildcard }: Term): boolean {
  if (wildcard === "none" || wildcard === "major") return compareVersions(version, wanted) > 0;
  if (version.major !== wanted.major) return version.major > wanted.major;
  return wildcard === "patch" && version.minor > wanted.minor;
}

function isAtMost(version: Version, { version: wanted, wildcard }: Term): boolean {
  if (wildcard === "none") return compareVersions(version, wanted) <= 0;
  if (version.major !== wanted.major) return version.major < wanted.major;
  return wildcard === "minor" || version.minor <= wanted.minor;
}

function tildeObjection(version: Version, term: Term): string | undefined {
  const { version: wanted, wildcard } = term;
  if (compareVersions(version, wanted) < 0) return say(version, "is less than", term);
  const isZero = wanted.major === 0n && wanted.minor === 0n && wanted.patch === 0n;
  if (isZero && wildcard !== "minor" && wildcard !== "patch") return undefined;
  if (version.major !== wanted.major) return say(version, "does not have same major version as", term);
  if (version.minor !== wanted.minor && wildcard !== "minor") {
    return say(version, "does not have same major and minor version as", term);
  }
  return undefined;
}

function caretObjection(version: Version, term: Term): string | undefined {
  const { version: wanted, wildcard } = term;
  if (compareVersions(version, wanted) < 0) return say(version, "is less than", term);
  if (wanted.major > 0n || wildcard === "minor") {
    return version.major === wanted.major
      ? undefined
      : say(version, "does not have same major version as", term);
  }
  if (version.major > 0n) return say(version, "does not have same major version as", term);
  if (wanted.minor > 0n || wildcard === "patch") {
    if (version.minor === wanted.minor) return undefined;
    const reason = ". Expected minor versions to match when constraint major version is 0";
    return say(version, "does not have same minor version as", term, reason);
  }
  if (version.minor > 0n) return say(version, "does not have same minor version as", term);
  if (version.patch === wanted.patch) return undefined;
  return say(
    version,
    "does not equal",
    term,
    ". Expect version and constraint to equal when major and minor versions are 0",
  );
}

/** As Go's `%q`, for the texts that people write as versions: everything but printable characters is escaped. */
function quoted(text: string): string {
  const named: Record<string, string> = {
    "\x07": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
    '"': '\\"',
    "\\": "\\\\",
  };
  const characters = Array.from(text, (character) => {
    const known = named[character];
    if (known !== undefined) return known;
    if (/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character)) return character;
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
    if (code < 0x80) return `\\x${code.toString(16).padStart(2, "0")}`;
    return code > 0xffff
      ? `\\U${code.toString(16).padStart(8, "0")}`
      : `\\u${code.toString(16).padStart(4, "0")}`;
  });
  return `"${characters.join("")}"`;
}
