import { sprintf, unescape } from "#gotemplate";

/** Texts, which are printed as they are, and expressions. */
export type Template = readonly (string | Expression)[];

/** What stands between braces: each step takes the values that the one before found. */
export type Expression = readonly Step[];

export type Step =
  | { readonly type: "field"; readonly name: string }
  /** Fields of a map, items of a list, bytes of a text. */
  | { readonly type: "every" }
  /** Everything below that holds something, at any depth. */
  | { readonly type: "below" }
  | { readonly type: "slice"; readonly slice: Slice }
  | { readonly type: "union"; readonly branches: readonly Expression[] }
  | { readonly type: "filter"; readonly filter: Filter }
  /** In the place of all values. */
  | { readonly type: "text"; readonly text: string }
  /** In the place of each value. */
  | { readonly type: "constant"; readonly value: bigint | number | boolean }
  /** `range`, `end`, or a word that means nothing. */
  | { readonly type: "word"; readonly word: string };

/** Items of a list; what is negative counts from its end. */
export interface Slice {
  readonly from: number;
  /** The item that is no more taken; the length of the list unless it is there. */
  readonly to: number | undefined;
  /** Whether the expression names one item, not a part of the list. */
  readonly isOne: boolean;
  readonly step: number;
}

/** Takes the items of a list for which the comparison holds; without an operator, those in which `left` finds anything. */
export interface Filter {
  readonly left: Expression;
  readonly operator?: string;
  readonly right: Expression;
}

/** A template that cannot be read; the message is that of Kubernetes' clients. */
export class JsonPathSyntaxError extends Error {}

/** @throws {JsonPathSyntaxError} */
export function parseJsonPath(text: string): Template {
  return new Parser(text).template();
}

const LETTER_OR_DIGIT = /^[_\p{L}\p{Nd}]/u;
const DIGIT = /^\p{Nd}/u;

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  template(): Template {
    const parts: (string | Expression)[] = [];
    while (this.#at < this.#text.length) {
      const text = this.#take(/[^{]*/y);
      if (text !== "") parts.push(text);
      if (this.#skip("{")) parts.push(this.expression());
    }
    return parts;
  }

  /** Steps up to the closing brace, which is read too. */
  expression(): Expression {
    const steps: Step[] = [];
    while (!this.#skip("}")) this.#step(steps);
    return steps;
  }

  #step(steps: Step[]): void {
    if (this.#skip("[?(")) {
      steps.push({ type: "filter", filter: this.#filter() });
      return;
    }
    if (this.#skip("..")) {
      if (steps.at(-1)?.type === "below") throw new JsonPathSyntaxError("invalid multiple recursive descent");
      steps.push({ type: "below" });
      if (LETTER_OR_DIGIT.test(this.#rest)) steps.push(this.#field());
      return;
    }
    const next = this.#peek();
    switch (next) {
      case "":
      case "\r":
      case "\n":
        throw new JsonPathSyntaxError("unclosed action");
      case " ":
      case "@":
      case "$":
        this.#at++;
        return;
      case "[":
        steps.push(...this.#brackets());
        return;
      case '"':
      case "'":
        steps.push({ type: "text", text: this.#quoted(next) });
        return;
      case ".":
        this.#at++;
        steps.push(this.#field());
        return;
      default:
    }
    if (next === "+" || next === "-" || DIGIT.test(next)) {
      steps.push({ type: "constant", value: this.#number() });
    } else if (LETTER_OR_DIGIT.test(next)) {
      const word = this.#take(/[^ \t\r\n.,[\]$@{}]*/y);
      const isBoolean = word === "true" || word === "false";
      steps.push(isBoolean ? { type: "constant", value: word === "true" } : { type: "word", word });
    } else {
      throw new JsonPathSyntaxError(
        sprintf("unrecognized character in action: %#U", [BigInt(next.codePointAt(0) ?? 0)]),
      );
    }
  }

  #field(): Step {
    const name = this.#take(/(?:\\[^]?|[^\\ \t\r\n.,[\]$@{}])*/uy);
    return name === "*" ? { type: "every" } : { type: "field", name: name.replaceAll("\\", "") };
  }

  #number(): bigint | number {
    const text = this.#take(/[+-]?[\p{Nd}.]*/uy);
    if (/^[+-]?[0-9]+$/.test(text)) {
      const value = BigInt(text.replace("+", ""));
      if (BigInt.asIntN(64, value) === value) return value;
    }
    const value = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)$/.test(text) ? Number(text) : Infinity;
    if (!Number.isFinite(value)) throw new JsonPathSyntaxError(`cannot parse number ${text}`);
    return value;
  }

  /** A text in quotes: one behind a backslash does not end it, whatever stands before that. */
  #quoted(mark: string): string {
    const from = this.#at++;
    for (;;) {
      const next = this.#next();
      if (next === "" || next === "\n") throw new JsonPathSyntaxError("unterminated quoted string");
      if (next === mark && this.#text[this.#at - 2] !== "\\") break;
    }
    const literal = this.#text.slice(from, this.#at);
    const inside = literal.slice(1, -1);
    if (!inside.includes("\\")) return inside;
    try {
      return unescape(inside, mark);
    } catch {
      throw new JsonPathSyntaxError(`unquote string ${literal} error invalid syntax`);
    }
  }

  /** What stands in brackets: they end at the first that closes, even within quotes. */
  #brackets(): readonly Step[] {
    const text = this.#take(/\[[^\]\n]*/y).slice(1);
    if (!this.#skip("]")) throw new JsonPathSyntaxError("unterminated array");
    const branches = text.split(",");
    if (branches.length > 1) {
      return [
        { type: "union", branches: branches.map((one) => expressionOf(`[${one.replace(/^ +| +$/g, "")}]`)) },
      ];
    }
    const key = /^'([^']*)'$/.exec(text)?.[1];
    return key === undefined ? [{ type: "slice", slice: sliceOf(text) }] : expressionOf(`.${key}`);
  }

  #filter(): Filter {
    const text = this.#filterText();
    const [, left, operator, right = ""] = /^([^!<>=]+)([!<>=]+)([^\n]+)$/.exec(text) ?? [];
    if (left === undefined || operator === undefined) return { left: expressionOf(text), right: [] };
    return { left: expressionOf(left), operator, right: expressionOf(right) };
  }

  /** The text up to `)]`: a parenthesis between the first quote and the one that pairs with it is not the end. */
  #filterText(): string {
    const from = this.#at;
    let mark = "";
    let isPaired = false;
    for (;;) {
      const next = this.#next();
      if (next === "" || next === "\n") throw new JsonPathSyntaxError("unterminated filter");
      if (next === ")" && (mark === "" || isPaired)) break;
      if (next !== '"' && next !== "'") continue;
      if (mark === "") mark = next;
      else if (next === mark && this.#text[this.#at - 2] !== "\\") isPaired = true;
    }
    if (!this.#skip("]")) throw new JsonPathSyntaxError("unclosed array expect ]");
    return this.#text.slice(from, this.#at - 2);
  }

  get #rest(): string {
    return this.#text.slice(this.#at);
  }

  /** The character that is next; nothing at the end. */
  #peek(): string {
    const rune = this.#text.codePointAt(this.#at);
    return rune === undefined ? "" : String.fromCodePoint(rune);
  }

  #next(): string {
    const next = this.#peek();
    this.#at += next.length;
    return next;
  }

  #skip(text: string): boolean {
    const isThere = this.#text.startsWith(text, this.#at);
    if (isThere) this.#at += text.length;
    return isThere;
  }

  /** What a sticky expression finds here. */
  #take(expression: RegExp): string {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }
}

/** An expression without its braces; one that closes ends it, and what follows is not read as one. */
function expressionOf(text: string): Expression {
  const [expression] = new Parser(`{${text}}`).template();
  return typeof expression === "object" ? expression : [];
}

function sliceOf(text: string): Slice {
  if (text === "*") return { from: 0, to: undefined, isOne: false, step: 1 };
  const found = /^(-?[0-9]*)(:-?[0-9]*)?(:-?[0-9]*)?$/.exec(text);
  if (found === null) throw new JsonPathSyntaxError(`invalid array index ${text}`);
  const [, first = "", second, third] = found;
  const from = first === "" ? 0 : indexOf(first);
  const to = second === undefined ? from + 1 : boundOf(second);
  return { from, to, isOne: second === undefined, step: boundOf(third ?? ":") ?? 1 };
}

/** A bound with the colon before it. */
function boundOf(text: string): number | undefined {
  return text === ":" ? undefined : indexOf(text.slice(1));
}

function indexOf(digits: string): number {
  const value = /[0-9]/.test(digits) ? BigInt(digits) : undefined;
  if (value === undefined || BigInt.asIntN(64, value) !== value)
    throw new JsonPathSyntaxError(`array index ${digits} is not a number`);
  return Number(value);
}
