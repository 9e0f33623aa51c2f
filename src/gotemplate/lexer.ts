import { lazy } from "./lazy.ts";
import { byteLength } from "./bytes.ts";
import { isPrintable, quote } from "./strconv.ts";

export type TokenKind =
  | "error"
  | "bool"
  | "char"
  | "charConstant"
  | "complex"
  | "assign"
  | "declare"
  | "EOF"
  | "field"
  | "identifier"
  | "leftDelim"
  | "leftParen"
  | "number"
  | "pipe"
  | "rawString"
  | "rightDelim"
  | "rightParen"
  | "string"
  | "text"
  | "variable"
  | "dot"
  | "nil"
  | "block"
  | "break"
  | "continue"
  | "define"
  | "else"
  | "end"
  | "if"
  | "range"
  | "template"
  | "with";

export interface Token {
  readonly kind: TokenKind;
  /** Where it begins, in UTF-16 units. */
  readonly at: number;
  /** Where the white space before it begins, inside an action; the same where there is none. */
  readonly from: number;
  readonly text: string;
}

const KEYWORDS: ReadonlyMap<string, TokenKind> = new Map(
  (
    ["block", "break", "continue", "define", "else", "end", "if", "range", "nil", "template", "with"] as const
  ).map((word) => [word, word]),
);

const ASCII_WORD = /\w*/y;
const FIELDS = /(?:\.[A-Za-z_]\w*(?=[ \t\r\n.,|:)(]|\}\}))+/y;
const PLAIN_STRING = /"[^"\\\n]*"/y;
const letters = lazy(() => /[\p{L}\p{Nd}_]*/uy);
const CLOSE = "}}";

/**
 * The tokens of a template, as Go's lexer cuts it: text up to an action, then the parts of the action. Trim markers
 * take the white space of the text beside them; comments leave no token. After an error token there is nothing.
 */
export class Lexer {
  #input: string;
  #at = 0;
  #start = 0;
  #from = 0;
  #parens = 0;
  #isInAction = false;

  constructor(input: string) {
    this.#input = input;
  }

  next(): Token {
    return this.#isInAction ? this.#inAction() : this.#text();
  }

  #text(): Token {
    for (;;) {
      const open = this.#input.indexOf("{{", this.#at);
      if (open < 0) {
        this.#at = this.#input.length;
        return this.#at > this.#start ? this.#token("text") : this.#token("EOF");
      }
      if (open > this.#at) {
        const isTrimmed = hasLeftTrim(this.#input, open + 2);
        this.#at = isTrimmed ? trimmedEnd(this.#input, this.#start, open) : open;
        const hasText = this.#at > this.#start;
        const token = hasText ? this.#token("text") : undefined;
        this.#at = open;
        this.#ignore();
        if (token !== undefined) return token;
      }
      const isTrimmed = hasLeftTrim(this.#input, open + 2);
      if (this.#input.startsWith("/*", open + (isTrimmed ? 4 : 2))) {
        this.#at = open + (isTrimmed ? 4 : 2);
        this.#ignore();
        const problem = this.#comment();
        if (problem !== undefined) return problem;
        continue;
      }
      this.#at = open + 2;
      const token = this.#token("leftDelim");
      this.#isInAction = true;
      if (isTrimmed) this.#at += 2;
      this.#ignore();
      this.#parens = 0;
      return token;
    }
  }

  /** Skips a comment and the white space that its trim marker takes. */
  #comment(): Token | undefined {
    const end = this.#input.indexOf("*/", this.#at + 2);
    if (end < 0) return this.#error("unclosed comment");
    this.#at = end + 2;
    const isTrimmed = hasRightTrim(this.#input, this.#at);
    if (!isTrimmed && !this.#input.startsWith(CLOSE, this.#at)) {
      return this.#error("comment ends before closing delimiter");
    }
    this.#at += isTrimmed ? 4 : 2;
    if (isTrimmed) this.#skipSpaces();
    this.#ignore();
    return undefined;
  }

  #inAction(): Token {
    const input = this.#input;
    this.#skipSpaces();
    if (this.#at > this.#start && input.startsWith("-}}", this.#at)) return this.#rightDelim(true);
    this.#start = this.#at;
    const character = input[this.#at];
    if (character === undefined) return this.#error("unclosed action");
    switch (character) {
      case "}":
        if (input.startsWith(CLOSE, this.#at)) return this.#rightDelim(false);
        break;
      case "=":
        return this.#single("assign");
      case ":":
        this.#at++;
        if (input[this.#at] !== "=") {
          this.#at++;
          return this.#error("expected :=");
        }
        return this.#single("declare");
      case "|":
        return this.#single("pipe");
      case '"':
        return this.#string();
      case "'":
        return this.#quoted("'", "charConstant", "unterminated character constant");
      case "`":
        return this.#rawString();
      case "$":
        return this.#fieldOrVariable("variable");
      case "(":
        this.#parens++;
        return this.#single("leftParen");
      case ")":
        this.#parens--;
        return this.#parens < 0 ? this.#error("unexpected right paren") : this.#single("rightParen");
      case ".":
        return isDigit(input[this.#at + 1]) || this.#at + 1 >= input.length ? this.#number() : this.#fields();
      default:
    }
    if (character === "+" || character === "-" || isDigit(character)) return this.#number();
    if (this.#skipWord()) return this.#identifier();
    if (character >= " " && character <= "~") return this.#single("char");
    return this.#error(`unrecognized character in action: ${this.#shown()}`);
  }

  /** `}}`, or `-}}`, which takes one blank before it. */
  #rightDelim(isTrimmed: boolean): Token {
    if (this.#parens > 0) {
      this.#start = isTrimmed ? this.#at - 1 : this.#at;
      return this.#error("unclosed left paren");
    }
    this.#start = isTrimmed ? this.#at + 1 : this.#at;
    this.#at = this.#start + CLOSE.length;
    const token = this.#token("rightDelim");
    if (isTrimmed) {
      this.#skipSpaces();
      this.#ignore();
    }
    this.#isInAction = false;
    return token;
  }

  #identifier(): Token {
    const word = this.#input.slice(this.#start, this.#at);
    if (!this.#isAtTerminator()) return this.#error(`bad character ${this.#shown()}`);
    return this.#token(KEYWORDS.get(word) ?? (word === "true" || word === "false" ? "bool" : "identifier"));
  }

  #fieldOrVariable(kind: "field" | "variable"): Token {
    this.#at++;
    if (this.#isAtTerminator()) return this.#token(kind === "variable" ? "variable" : "dot");
    this.#skipWord();
    return this.#isAtTerminator() ? this.#token(kind) : this.#error(`bad character ${this.#shown()}`);
  }

  /** `.a`, and the whole of `.a.b.c` as far as it is well-formed: the parser would join it anyway. */
  #fields(): Token {
    FIELDS.lastIndex = this.#at;
    if (!FIELDS.test(this.#input)) return this.#fieldOrVariable("field");
    this.#at = FIELDS.lastIndex;
    return this.#token("field");
  }

  #number(): Token {
    if (!this.#scanNumber()) return this.#badNumber();
    const sign = this.#input[this.#at];
    if (sign !== "+" && sign !== "-") return this.#token("number");
    return this.#scanNumber() && this.#input[this.#at - 1] === "i"
      ? this.#token("complex")
      : this.#badNumber();
  }

  #badNumber(): Token {
    return this.#error(`bad number syntax: ${quote(this.#input.slice(this.#start, this.#at))}`);
  }

  #scanNumber(): boolean {
    this.#accept("+-");
    let digits = "0123456789_";
    if (this.#accept("0")) {
      if (this.#accept("xX")) digits = "0123456789abcdefABCDEF_";
      else if (this.#accept("oO")) digits = "01234567_";
      else if (this.#accept("bB")) digits = "01_";
    }
    this.#acceptRun(digits);
    if (this.#accept(".")) this.#acceptRun(digits);
    if (digits.length === 11 && this.#accept("eE")) this.#acceptExponent();
    if (digits.length === 23 && this.#accept("pP")) this.#acceptExponent();
    this.#accept("i");
    const end = this.#at;
    if (!this.#skipWord()) return true;
    this.#at = end + ((this.#input.codePointAt(end) ?? 0) > 0xffff ? 2 : 1);
    return false;
  }

  #acceptExponent(): void {
    this.#accept("+-");
    this.#acceptRun("0123456789_");
  }

  #accept(characters: string): boolean {
    const character = this.#input[this.#at];
    if (character === undefined || !characters.includes(character)) return false;
    this.#at++;
    return true;
  }

  #acceptRun(characters: string): void {
    while (this.#accept(characters));
  }

  #string(): Token {
    PLAIN_STRING.lastIndex = this.#at;
    if (!PLAIN_STRING.test(this.#input)) return this.#quoted('"', "string", "unterminated quoted string");
    this.#at = PLAIN_STRING.lastIndex;
    return this.#token("string");
  }

  #quoted(mark: string, kind: TokenKind, problem: string): Token {
    for (let at = this.#at + 1; ; at++) {
      let character = this.#input[at];
      if (character === "\\") {
        character = this.#input[++at];
        if (character !== undefined && character !== "\n") continue;
      }
      if (character === undefined || character === "\n") return this.#error(problem);
      if (character === mark) {
        this.#at = at + 1;
        return this.#token(kind);
      }
    }
  }

  #rawString(): Token {
    const end = this.#input.indexOf("`", this.#at + 1);
    if (end < 0) return this.#error("unterminated raw quoted string");
    this.#at = end + 1;
    return this.#token("rawString");
  }

  #isAtTerminator(): boolean {
    const character = this.#input[this.#at];
    return (
      character === undefined ||
      " \t\r\n.,|:)(".includes(character) ||
      this.#input.startsWith(CLOSE, this.#at)
    );
  }

  /** The character here as `%#U` shows it: `U+0040 '@'`. */
  #shown(): string {
    const code = this.#input.codePointAt(this.#at) ?? 0xfffd;
    const rune = code >= 0xd800 && code <= 0xdfff ? 0xfffd : code;
    const hex = rune.toString(16).toUpperCase().padStart(4, "0");
    return isPrintable(rune) ? `U+${hex} '${String.fromCodePoint(rune)}'` : `U+${hex}`;
  }

  #skipSpaces(): void {
    const input = this.#input;
    let at = this.#at;
    for (let c = input.charCodeAt(at); c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09;)
      c = input.charCodeAt(++at);
    this.#at = at;
  }

  #skipWord(): boolean {
    const input = this.#input;
    ASCII_WORD.lastIndex = this.#at;
    ASCII_WORD.test(input);
    let at = ASCII_WORD.lastIndex;
    if (input.charCodeAt(at) > 0x7f) {
      const rest = letters();
      rest.lastIndex = at;
      rest.test(input);
      at = rest.lastIndex;
    }
    const hasMoved = at > this.#at;
    this.#at = at;
    return hasMoved;
  }

  #single(kind: TokenKind): Token {
    this.#at++;
    return this.#token(kind);
  }

  #token(kind: TokenKind): Token {
    const text = kind === "EOF" ? "EOF" : this.#input.slice(this.#start, this.#at);
    const token = { kind, at: this.#start, from: this.#from, text };
    this.#ignore();
    return token;
  }

  #ignore(): void {
    this.#start = this.#from = this.#at;
  }

  #error(text: string): Token {
    const token: Token = { kind: "error", at: this.#start, from: this.#from, text };
    this.#input = "";
    this.#at = this.#start = this.#from = 0;
    return token;
  }
}

/** A token as it is named in errors. */
export function tokenText(token: Token): string {
  if (token.kind === "EOF") return "EOF";
  if (token.kind === "error") return token.text;
  if (KEYWORDS.has(token.kind) || token.kind === "dot") return `<${token.text}>`;
  // Of fields that stand together, Go's lexer has given the first.
  const text = token.kind === "field" ? token.text.replace(/(?<=.)\..*/, "") : token.text;
  if (byteLength(text) <= 10) return quote(text);
  return `${quote([...text].slice(0, 10).join(""))}...`;
}

function hasLeftTrim(input: string, at: number): boolean {
  return input[at] === "-" && isSpace(input[at + 1]);
}

/** Whether ` -}}` stands here. */
function hasRightTrim(input: string, at: number): boolean {
  return isSpace(input[at]) && input.startsWith("-}}", at + 1);
}

function isSpace(character: string | undefined): boolean {
  return character === " " || character === "\t" || character === "\r" || character === "\n";
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= "0" && character <= "9";
}

/** The end of input[from:to] without the white space at its end. */
function trimmedEnd(input: string, from: number, to: number): number {
  let end = to;
  while (end > from && isSpace(input[end - 1])) end--;
  return end;
}
