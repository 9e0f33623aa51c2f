import type { RE2JS } from "re2js";
import { plainRegexp, type Match, type PlainRegexp } from "./plain.ts";
import { re2 } from "./re2.ts";

/** Patterns of one run that are kept compiled. */
const CACHE_SIZE = 500;

const cache = new Map<string, GoRegexp>();

/**
 * Compiles a pattern as Go's regexp package does: RE2 syntax, linear time. Compiled patterns are kept.
 *
 * @throws {Error} with Go's text: ``error parsing regexp: missing closing ): `a(` ``.
 */
export function compileRegexp(pattern: string): GoRegexp {
  let compiled = cache.get(pattern);
  if (compiled === undefined) {
    if (cache.size >= CACHE_SIZE) cache.clear();
    compiled = new GoRegexp(pattern);
    cache.set(pattern, compiled);
  }
  return compiled;
}

/** `regexp.QuoteMeta`. */
export function quoteMeta(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, String.raw`\$&`);
}

/** A compiled pattern with the methods of Go's `regexp.Regexp` that templates need. */
export class GoRegexp {
  readonly pattern: string;
  readonly #plain: PlainRegexp | undefined;
  #compiled: RE2JS | undefined;
  #names: ReadonlyMap<string, readonly number[]> | undefined;

  constructor(pattern: string) {
    this.pattern = pattern;
    this.#plain = plainRegexp(pattern);
    if (this.#plain === undefined) this.#compiled = compile(pattern);
  }

  /** `MatchString`. */
  test(text: string): boolean {
    return this.#search(text)(0) !== undefined;
  }

  /** `FindString`: the leftmost match, or `""`. */
  find(text: string): string {
    const whole = this.#search(text)(0)?.[0];
    return whole === undefined ? "" : text.slice(...whole);
  }

  /** `FindAllString`: at most `limit` matches, all when it is negative; undefined (Go's nil) when there is none. */
  findAll(text: string, limit: number): string[] | undefined {
    const found: string[] = [];
    for (const [whole] of this.#matches(text, limit)) if (whole) found.push(text.slice(whole[0], whole[1]));
    return found.length === 0 ? undefined : found;
  }

  /** `FindStringSubmatch`: the match and its groups, `""` for a group that took no part; undefined without a match. */
  findGroups(text: string): string[] | undefined {
    for (const match of this.#matches(text, 1)) {
      return match.map((range) => (range === undefined ? "" : text.slice(range[0], range[1])));
    }
    return undefined;
  }

  /** `ReplaceAllString`: `$1`, `${1}`, `$name` and `${name}` stand for groups; `$1W` is the group named `1W`. */
  replaceAll(text: string, replacement: string): string {
    if (!replacement.includes("$")) return this.replaceAllLiteral(text, replacement);
    return this.#replace(text, (match) => this.#expand(replacement, text, match));
  }

  /** `ReplaceAllLiteralString`. */
  replaceAllLiteral(text: string, replacement: string): string {
    return this.#replace(text, () => replacement);
  }

  /** `Split`; undefined is Go's nil. */
  split(text: string, limit: number): string[] | undefined {
    if (limit === 0) return undefined;
    if (this.pattern !== "" && text === "") return [""];
    const parts: string[] = [];
    let from = 0;
    let end = 0;
    for (const [whole] of this.#matches(text, limit)) {
      if (whole === undefined || (limit > 0 && parts.length === limit - 1)) break;
      end = whole[0];
      if (whole[1] !== 0) parts.push(text.slice(from, end));
      from = whole[1];
    }
    if (end !== text.length) parts.push(text.slice(from));
    return parts;
  }

  /** Matches from left to right; an empty one right after another match does not count. */
  *#matches(text: string, limit: number): Generator<Match> {
    const search = this.#search(text);
    let previousEnd = -1;
    let count = 0;
    for (let at = 0; at <= text.length && count !== limit;) {
      const match = search(at);
      const [start, end] = match?.[0] ?? [];
      if (match === undefined || start === undefined || end === undefined) return;
      const isRepeat = end === at && start === previousEnd;
      at = end > at ? end : at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
      previousEnd = end;
      if (isRepeat) continue;
      count++;
      yield match;
    }
  }

  /** Finds the first match in a text from a place on. */
  #search(text: string): (at: number) => Match | undefined {
    const plain = this.#plain?.searchIn(text);
    if (plain !== undefined) return plain;
    const matcher = this.#program().matcher(text);
    const groups = this.#program().groupCount();
    return (at) => {
      if (!matcher.find(at)) return undefined;
      const match: (readonly [number, number] | undefined)[] = [[matcher.start(), matcher.end()]];
      for (let group = 1; group <= groups; group++) {
        const from = matcher.start(group);
        match.push(from < 0 ? undefined : [from, matcher.end(group)]);
      }
      return match;
    };
  }

  #program(): RE2JS {
    return (this.#compiled ??= compile(this.pattern));
  }

  /** Go lets several groups have one name. */
  #groupsNamed(name: string): readonly number[] {
    if (this.#names === undefined) {
      const names = new Map<string, number[]>();
      for (const [full, index] of Object.entries(this.#program().namedGroups())) {
        const shared = full.replace(COPY, "");
        names.set(shared, [...(names.get(shared) ?? []), index]);
      }
      this.#names = names;
    }
    return this.#names.get(name) ?? [];
  }

  #replace(text: string, replacement: (match: Match) => string): string {
    let out = "";
    let from = 0;
    for (const match of this.#matches(text, -1)) {
      const [start, end] = match[0] ?? [0, 0];
      out += text.slice(from, start) + replacement(match);
      from = end;
    }
    return out + text.slice(from);
  }

  #expand(template: string, text: string, match: Match): string {
    return template.replace(
      /\$(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu,
      (all, braced?: string, plain?: string) => {
        if (all === "$$") return "$";
        const name = braced ?? plain ?? "";
        const indexes = /^(0|[1-9]\d{0,8})$/.test(name) ? [Number(name)] : this.#groupsNamed(name);
        const range = indexes.map((index) => match[index]).find((one) => one !== undefined);
        return range === undefined ? "" : text.slice(range[0], range[1]);
      },
    );
  }
}

/** What the second and later groups of one name are called for the library, which wants names to differ. */
const COPY = /___copy\d+$/;

function compile(pattern: string): RE2JS {
  if (!pattern.isWellFormed()) {
    const rest = /(?<![\ud800-\udbff])[\udc00-\udfff].*$/s.exec(pattern)?.[0] ?? "";
    throw new Error(`error parsing regexp: invalid UTF-8: \`${rest}\``);
  }
  try {
    return re2().RE2JS.compile(pattern);
  } catch (error) {
    const text = (error instanceof Error ? error.message : String(error)).replace(/___copy\d+/g, "");
    if (text.includes("duplicate capture group name")) return compile(withDistinctNames(pattern));
    const isCut = text.endsWith("trailing backslash at end of expression");
    throw new Error(isCut ? `${text}: \`\`` : text, { cause: error });
  }
}

function withDistinctNames(pattern: string): string {
  const seen = new Set<string>();
  let copies = 0;
  return pattern.replace(/(\(\?P?<)(\w+)>/g, (group, open: string, name: string) => {
    if (!seen.has(name)) {
      seen.add(name);
      return group;
    }
    copies++;
    return `${open}${name}___copy${copies}>`;
  });
}
