import { YamlError } from "./error.ts";

/** Kinds of token, in the words of the YAML 1.1 specification. */
export const STREAM_END = 1;
export const VERSION_DIRECTIVE = 2;
export const TAG_DIRECTIVE = 3;
export const DOCUMENT_START = 4;
export const DOCUMENT_END = 5;
export const BLOCK_SEQUENCE_START = 6;
export const BLOCK_MAPPING_START = 7;
export const BLOCK_END = 8;
export const FLOW_SEQUENCE_START = 9;
export const FLOW_SEQUENCE_END = 10;
export const FLOW_MAPPING_START = 11;
export const FLOW_MAPPING_END = 12;
export const BLOCK_ENTRY = 13;
export const FLOW_ENTRY = 14;
export const KEY = 15;
export const VALUE = 16;
export const ALIAS = 17;
export const ANCHOR = 18;
export const TAG = 19;
export const SCALAR = 20;

export type ScalarStyle = "plain" | "single" | "double" | "literal" | "folded";

/** Deeper nesting than this is refused: everything that later walks a value does so by recursion. */
export const MAX_DEPTH = 1000;

export class Token {
  readonly type: number;
  /** Counted from 0, as are columns. */
  readonly line: number;
  readonly column: number;
  /** Text of a scalar, name of an anchor or alias, handle of a tag or tag directive. */
  readonly value: string;
  /** Suffix of a tag, prefix of a tag directive. */
  readonly suffix: string;
  readonly style: ScalarStyle;

  constructor(
    type: number,
    line: number,
    column: number,
    value = "",
    suffix = "",
    style: ScalarStyle = "plain",
  ) {
    this.type = type;
    this.line = line;
    this.column = column;
    this.value = value;
    this.suffix = suffix;
    this.style = style;
  }
}

const NUL = 0;
const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const NEL = 0x85;
const LS = 0x2028;
const PS = 0x2029;

/** A place where a key without `?` may have begun, one for each level of flow collections. */
interface SimpleKey {
  possible: boolean;
  required: boolean;
  /** Whether the token at its place waits in the queue until it is known if it is a key. */
  waits: boolean;
  tokenNumber: number;
  pos: number;
  line: number;
  column: number;
}

/**
 * Turns text into YAML 1.1 tokens as libyaml's rules say, errors included. Lines and columns are those of characters,
 * not of UTF-16 units.
 *
 * @see https://yaml.org/spec/1.1/ and the behaviour of goyaml.v2, which Helm reads values and manifests with
 */
export class Scanner {
  /** The input, ended by NULs, which cannot occur in it. */
  readonly #text: string;
  readonly #hasAstral: boolean;
  #pos = 0;
  #line = 0;
  #lineStart = 0;
  #indent = -1;
  readonly #indents: number[] = [];
  #flowLevel = 0;
  #simpleKeyAllowed = true;
  readonly #simpleKeys: SimpleKey[] = [noSimpleKey()];
  #tokens: Token[] = [];
  #head = 0;
  #taken = 0;
  #ended = false;

  constructor(text: string) {
    this.#text = `${text}\0\0\0\0`;
    this.#hasAstral = /[\ud800-\udbff]/.test(text);
    if (text.charCodeAt(0) === 0xfeff) {
      this.#pos = 1;
      this.#lineStart = 1;
    }
  }

  /** How far into the text the scanner has looked. */
  get position(): number {
    return this.#pos;
  }

  peek(): Token {
    while (this.#needsMore()) this.#fetch();
    return this.#tokens[this.#head] as Token;
  }

  /** Takes the token that `peek` has shown. */
  take(): void {
    this.#head++;
    this.#taken++;
    if (this.#head > 1024) {
      this.#tokens = this.#tokens.slice(this.#head);
      this.#head = 0;
    }
  }

  #needsMore(): boolean {
    if (this.#head === this.#tokens.length) return true;
    // The first token waits while it may still turn out to be a key.
    for (const key of this.#simpleKeys) {
      if (key.possible && key.waits && key.tokenNumber === this.#taken) return this.#isValid(key);
    }
    return false;
  }

  #fetch(): void {
    if (this.#ended) throw this.#error("did not find expected <stream-start>", 0);
    this.#skipToNextToken();
    const column = this.#column();
    if (this.#flowLevel === 0 && this.#indent > column) this.#unrollIndent(column);
    const text = this.#text;
    const pos = this.#pos;
    const c = text.charCodeAt(pos);
    if (c === NUL) return this.#fetchStreamEnd();
    if (column === 0) {
      if (c === 0x25) return this.#fetchDirective();
      if (this.#atDocumentIndicator())
        return this.#fetchDocumentIndicator(c === 0x2d ? DOCUMENT_START : DOCUMENT_END);
    }
    const next = text.charCodeAt(pos + 1);
    switch (c) {
      case 0x5b: // [
        return this.#fetchFlowStart(FLOW_SEQUENCE_START);
      case 0x7b: // {
        return this.#fetchFlowStart(FLOW_MAPPING_START);
      case 0x5d: // ]
        return this.#fetchFlowEnd(FLOW_SEQUENCE_END);
      case 0x7d: // }
        return this.#fetchFlowEnd(FLOW_MAPPING_END);
      case 0x2c: // ,
        return this.#fetchFlowEntry();
      case 0x2d: // -
        if (isBlankOrEnd(next)) return this.#fetchBlockEntry();
        break;
      case 0x3f: // ?
        if (this.#flowLevel > 0 || isBlankOrEnd(next)) return this.#fetchKey();
        break;
      case 0x3a: // :
        if (this.#flowLevel > 0 || isBlankOrEnd(next)) return this.#fetchValue();
        break;
      case 0x2a: // *
        return this.#fetchAnchor(ALIAS);
      case 0x26: // &
        return this.#fetchAnchor(ANCHOR);
      case 0x21: // !
        return this.#fetchTag();
      case 0x7c: // |
        if (this.#flowLevel === 0) return this.#fetchBlockScalar(true);
        break;
      case 0x3e: // >
        if (this.#flowLevel === 0) return this.#fetchBlockScalar(false);
        break;
      case 0x27: // '
        return this.#fetchQuoted(true);
      case 0x22: // "
        return this.#fetchQuoted(false);
      default:
        break;
    }
    if (
      !(isBlankOrEnd(c) || isIndicator(c)) ||
      (c === 0x2d && next !== SPACE && next !== TAB) ||
      (this.#flowLevel === 0 && (c === 0x3f || c === 0x3a) && !isBlankOrEnd(next))
    ) {
      return this.#fetchPlain();
    }
    throw this.#error("found character that cannot start any token", this.#line);
  }

  #column(): number {
    return this.#columnOf(this.#pos);
  }

  #columnOf(pos: number): number {
    return this.#hasAstral ? this.#characters(this.#lineStart, pos) : pos - this.#lineStart;
  }

  #characters(from: number, to: number): number {
    let count = to - from;
    if (!this.#hasAstral) return count;
    for (let i = from; i < to; i++) {
      const c = this.#text.charCodeAt(i);
      if (c >= 0xdc00 && c <= 0xdfff) count--;
    }
    return count;
  }

  /** The fault in Go's words; `contextLine` is where the construct at fault began. */
  #error(problem: string, contextLine: number): YamlError {
    const line = this.#line > 0 ? this.#line + 1 : contextLine;
    const where = line > 0 ? `line ${line}: ` : "";
    return new YamlError("YAML_SYNTAX", `yaml: ${where}${problem}`, {
      line: this.#line + 1,
      column: this.#column() + 1,
    });
  }

  #push(token: Token): void {
    this.#tokens.push(token);
  }

  /** One more token of one character. */
  #pushIndicator(type: number, width = 1): void {
    this.#push(new Token(type, this.#line, this.#column()));
    this.#pos += width;
  }

  #skipToNextToken(): void {
    const text = this.#text;
    for (;;) {
      let c = text.charCodeAt(this.#pos);
      while (c === SPACE || (c === TAB && (this.#flowLevel > 0 || !this.#simpleKeyAllowed))) {
        c = text.charCodeAt(++this.#pos);
      }
      if (c === 0x23) {
        while (!isBreakOrEnd(c)) c = text.charCodeAt(++this.#pos);
      }
      if (!isBreak(c)) return;
      this.#skipBreak(c);
      if (this.#flowLevel === 0) this.#simpleKeyAllowed = true;
    }
  }

  #skipBreak(c: number): void {
    this.#pos += c === CR && this.#text.charCodeAt(this.#pos + 1) === LF ? 2 : 1;
    this.#line++;
    this.#lineStart = this.#pos;
  }

  /** Skips a line break and answers what it stands for in a scalar. */
  #readBreak(c: number): string {
    this.#skipBreak(c);
    return c === LS || c === PS ? String.fromCharCode(c) : "\n";
  }

  #atDocumentIndicator(): boolean {
    const text = this.#text;
    const pos = this.#pos;
    const c = text.charCodeAt(pos);
    return (
      (c === 0x2d || c === 0x2e) &&
      text.charCodeAt(pos + 1) === c &&
      text.charCodeAt(pos + 2) === c &&
      isBlankOrEnd(text.charCodeAt(pos + 3))
    );
  }

  #isValid(key: SimpleKey): boolean {
    if (!key.possible) return false;
    const far = this.#pos - key.pos > 1024 && this.#characters(key.pos, this.#pos) > 1024;
    if (key.line < this.#line || far) {
      if (key.required) throw this.#error("could not find expected ':'", key.line);
      key.possible = false;
      return false;
    }
    return true;
  }

  #saveSimpleKey(): void {
    if (!this.#simpleKeyAllowed) return;
    this.#removeSimpleKey();
    const key = this.#simpleKeys[this.#flowLevel] as SimpleKey;
    const column = this.#column();
    key.possible = true;
    key.required = this.#flowLevel === 0 && this.#indent === column;
    key.waits = true;
    key.tokenNumber = this.#nextNumber();
    key.pos = this.#pos;
    key.line = this.#line;
    key.column = column;
  }

  #removeSimpleKey(): void {
    const key = this.#simpleKeys[this.#flowLevel] as SimpleKey;
    if (key.possible && key.required) throw this.#error("could not find expected ':'", key.line);
    key.possible = false;
  }

  #rollIndent(column: number, line: number, type: number, tokenNumber: number): void {
    if (this.#flowLevel > 0 || this.#indent >= column) return;
    this.#indents.push(this.#indent);
    this.#indent = column;
    this.#limitDepth();
    const token = new Token(type, line, column);
    if (tokenNumber < 0) this.#push(token);
    else this.#insert(tokenNumber, token);
  }

  #nextNumber(): number {
    return this.#taken + (this.#tokens.length - this.#head);
  }

  /** Puts a token before another, or at the end when that one is gone already, as goyaml does. */
  #insert(number: number, token: Token): void {
    if (number < this.#taken) this.#push(token);
    else this.#tokens.splice(this.#head + number - this.#taken, 0, token);
  }

  #limitDepth(): void {
    if (this.#indents.length + this.#flowLevel > MAX_DEPTH) {
      throw this.#error(`exceeded max depth of ${MAX_DEPTH}`, this.#line);
    }
  }

  #unrollIndent(column: number): void {
    if (this.#flowLevel > 0) return;
    while (this.#indent > column) {
      this.#push(new Token(BLOCK_END, this.#line, this.#column()));
      this.#indent = this.#indents.pop() as number;
    }
  }

  #fetchStreamEnd(): void {
    if (this.#column() !== 0) {
      this.#line++;
      this.#lineStart = this.#pos;
    }
    this.#unrollIndent(-1);
    this.#removeSimpleKey();
    this.#simpleKeyAllowed = false;
    this.#push(new Token(STREAM_END, this.#line, 0));
    this.#ended = true;
  }

  #fetchDocumentIndicator(type: number): void {
    this.#unrollIndent(-1);
    this.#removeSimpleKey();
    this.#simpleKeyAllowed = false;
    this.#pushIndicator(type, 3);
  }

  #fetchFlowStart(type: number): void {
    this.#saveSimpleKey();
    this.#flowLevel++;
    this.#limitDepth();
    if (this.#simpleKeys.length <= this.#flowLevel) this.#simpleKeys.push(noSimpleKey());
    const key = this.#simpleKeys[this.#flowLevel] as SimpleKey;
    key.possible = false;
    key.tokenNumber = this.#nextNumber();
    this.#simpleKeyAllowed = true;
    this.#pushIndicator(type);
  }

  #fetchFlowEnd(type: number): void {
    this.#removeSimpleKey();
    if (this.#flowLevel > 0) {
      const inner = this.#simpleKeys[this.#flowLevel--] as SimpleKey;
      const outer = this.#simpleKeys[this.#flowLevel] as SimpleKey;
      // goyaml forgets here that `{}` or `[]`, with no key inside, may be a key itself.
      if (inner.tokenNumber === outer.tokenNumber) outer.waits = false;
    }
    this.#simpleKeyAllowed = false;
    this.#pushIndicator(type);
  }

  #fetchFlowEntry(): void {
    this.#removeSimpleKey();
    this.#simpleKeyAllowed = true;
    this.#pushIndicator(FLOW_ENTRY);
  }

  #fetchBlockEntry(): void {
    if (this.#flowLevel === 0) {
      if (!this.#simpleKeyAllowed) {
        throw this.#error("block sequence entries are not allowed in this context", this.#line);
      }
      this.#rollIndent(this.#column(), this.#line, BLOCK_SEQUENCE_START, -1);
    }
    this.#removeSimpleKey();
    this.#simpleKeyAllowed = true;
    this.#pushIndicator(BLOCK_ENTRY);
  }

  #fetchKey(): void {
    if (this.#flowLevel === 0) {
      if (!this.#simpleKeyAllowed)
        throw this.#error("mapping keys are not allowed in this context", this.#line);
      this.#rollIndent(this.#column(), this.#line, BLOCK_MAPPING_START, -1);
    }
    this.#removeSimpleKey();
    this.#simpleKeyAllowed = this.#flowLevel === 0;
    this.#pushIndicator(KEY);
  }

  #fetchValue(): void {
    const key = this.#simpleKeys[this.#flowLevel] as SimpleKey;
    if (this.#isValid(key)) {
      const token = new Token(KEY, key.line, key.column);
      this.#insert(key.tokenNumber, token);
      this.#rollIndent(key.column, key.line, BLOCK_MAPPING_START, key.tokenNumber);
      key.possible = false;
      this.#simpleKeyAllowed = false;
    } else {
      if (this.#flowLevel === 0) {
        if (!this.#simpleKeyAllowed) {
          throw this.#error("mapping values are not allowed in this context", this.#line);
        }
        this.#rollIndent(this.#column(), this.#line, BLOCK_MAPPING_START, -1);
      }
      this.#simpleKeyAllowed = this.#flowLevel === 0;
    }
    this.#pushIndicator(VALUE);
  }

  #fetchAnchor(type: number): void {
    this.#saveSimpleKey();
    this.#simpleKeyAllowed = false;
    const line = this.#line;
    const column = this.#column();
    const start = ++this.#pos;
    const end = this.#skipWord();
    const after = this.#text.charCodeAt(end);
    if (end === start || !(isBlankOrEnd(after) || "?:,]}%@`".includes(String.fromCharCode(after)))) {
      throw this.#error("did not find expected alphabetic or numeric character", line);
    }
    this.#push(new Token(type, line, column, this.#text.slice(start, end)));
  }

  #skipWord(): number {
    while (isWord(this.#text.charCodeAt(this.#pos))) this.#pos++;
    return this.#pos;
  }

  #fetchTag(): void {
    this.#saveSimpleKey();
    this.#simpleKeyAllowed = false;
    const line = this.#line;
    const column = this.#column();
    let handle = "";
    let suffix: string;
    if (this.#text.charCodeAt(this.#pos + 1) === 0x3c) {
      this.#pos += 2;
      suffix = this.#scanTagUri("", line);
      if (this.#text.charCodeAt(this.#pos) !== 0x3e) throw this.#error("did not find the expected '>'", line);
      this.#pos++;
    } else {
      handle = this.#scanTagHandle(false, line);
      if (handle.length > 1 && handle.endsWith("!")) {
        suffix = this.#scanTagUri("", line);
      } else {
        suffix = this.#scanTagUri(handle, line);
        handle = "!";
        if (suffix === "") [handle, suffix] = [suffix, handle];
      }
    }
    if (!isBlankOrEnd(this.#text.charCodeAt(this.#pos))) {
      throw this.#error("did not find expected whitespace or line break", line);
    }
    this.#push(new Token(TAG, line, column, handle, suffix));
  }

  #scanTagHandle(directive: boolean, contextLine: number): string {
    const start = this.#pos;
    if (this.#text.charCodeAt(start) !== 0x21) throw this.#error("did not find expected '!'", contextLine);
    this.#pos++;
    this.#skipWord();
    if (this.#text.charCodeAt(this.#pos) === 0x21) this.#pos++;
    else if (directive && this.#pos !== start + 1)
      throw this.#error("did not find expected '!'", contextLine);
    return this.#text.slice(start, this.#pos);
  }

  /** `head` is a handle that turned out to be the beginning of the tag. */
  #scanTagUri(head: string, contextLine: number): string {
    let uri = head.slice(1);
    let found = head !== "";
    for (;;) {
      const c = this.#text.charCodeAt(this.#pos);
      if (c === 0x25) uri += this.#scanUriEscape(contextLine);
      else if (isWord(c) || (c !== NUL && ";/?:@&=+$,.!~*'()[]".includes(String.fromCharCode(c)))) {
        uri += String.fromCharCode(c);
        this.#pos++;
      } else break;
      found = true;
    }
    if (!found) throw this.#error("did not find expected tag URI", contextLine);
    return uri;
  }

  #scanUriEscape(contextLine: number): string {
    const octets: number[] = [];
    let width = 1;
    while (octets.length < width) {
      const digits = this.#text.slice(this.#pos + 1, this.#pos + 3);
      if (this.#text.charCodeAt(this.#pos) !== 0x25 || !/^[0-9a-f]{2}$/i.test(digits)) {
        throw this.#error("did not find URI escaped octet", contextLine);
      }
      const octet = Number.parseInt(digits, 16);
      if (octets.length === 0) {
        width =
          octet < 0x80
            ? 1
            : (octet & 0xe0) === 0xc0
              ? 2
              : (octet & 0xf0) === 0xe0
                ? 3
                : (octet & 0xf8) === 0xf0
                  ? 4
                  : 0;
        if (width === 0) throw this.#error("found an incorrect leading UTF-8 octet", contextLine);
      } else if ((octet & 0xc0) !== 0x80) {
        throw this.#error("found an incorrect trailing UTF-8 octet", contextLine);
      }
      octets.push(octet);
      this.#pos += 3;
    }
    return Buffer.from(octets).toString("utf8");
  }

  #fetchDirective(): void {
    this.#unrollIndent(-1);
    this.#removeSimpleKey();
    this.#simpleKeyAllowed = false;
    const line = this.#line;
    const start = ++this.#pos;
    const name = this.#text.slice(start, this.#skipWord());
    if (name === "") throw this.#error("could not find expected directive name", line);
    if (!isBlankOrEnd(this.#text.charCodeAt(this.#pos))) {
      throw this.#error("found unexpected non-alphabetical character", line);
    }
    let token: Token;
    if (name === "YAML") {
      this.#skipBlanks();
      const major = this.#scanVersionNumber(line);
      if (this.#text.charCodeAt(this.#pos) !== 0x2e) {
        throw this.#error("did not find expected digit or '.' character", line);
      }
      this.#pos++;
      token = new Token(VERSION_DIRECTIVE, line, 0, `${major}.${this.#scanVersionNumber(line)}`);
    } else if (name === "TAG") {
      this.#skipBlanks();
      const handle = this.#scanTagHandle(true, line);
      if (!isBlank(this.#text.charCodeAt(this.#pos)))
        throw this.#error("did not find expected whitespace", line);
      this.#skipBlanks();
      const prefix = this.#scanTagUri("", line);
      if (!isBlankOrEnd(this.#text.charCodeAt(this.#pos))) {
        throw this.#error("did not find expected whitespace or line break", line);
      }
      token = new Token(TAG_DIRECTIVE, line, 0, handle, prefix);
    } else {
      throw this.#error("found unknown directive name", line);
    }
    this.#skipToLineEnd(line);
    this.#push(token);
  }

  #scanVersionNumber(contextLine: number): number {
    const start = this.#pos;
    while (isDigit(this.#text.charCodeAt(this.#pos))) {
      if (this.#pos - start === 2) throw this.#error("found extremely long version number", contextLine);
      this.#pos++;
    }
    if (this.#pos === start) throw this.#error("did not find expected version number", contextLine);
    return Number(this.#text.slice(start, this.#pos));
  }

  #skipBlanks(): void {
    while (isBlank(this.#text.charCodeAt(this.#pos))) this.#pos++;
  }

  /** Blanks, a comment and the line break. */
  #skipToLineEnd(contextLine: number): void {
    this.#skipBlanks();
    let c = this.#text.charCodeAt(this.#pos);
    if (c === 0x23) {
      while (!isBreakOrEnd(c)) c = this.#text.charCodeAt(++this.#pos);
    }
    if (!isBreakOrEnd(c)) throw this.#error("did not find expected comment or line break", contextLine);
    if (c !== NUL) this.#skipBreak(c);
  }

  #fetchBlockScalar(literal: boolean): void {
    this.#removeSimpleKey();
    this.#simpleKeyAllowed = true;
    const line = this.#line;
    const column = this.#column();
    this.#pos++;
    const { chomping, increment } = this.#scanBlockHeader(line);
    this.#skipToLineEnd(line);
    let indent = increment === 0 ? 0 : Math.max(this.#indent, 0) + increment;
    const text = this.#text;
    const parts: string[] = [];
    let leadingBreak = "";
    let trailingBreaks: string;
    let leadingBlank = false;
    [indent, trailingBreaks] = this.#scanBlockBreaks(indent, line);
    while (this.#column() === indent && text.charCodeAt(this.#pos) !== NUL) {
      const blank = isBlank(text.charCodeAt(this.#pos));
      if (!literal && leadingBreak === "\n" && !leadingBlank && !blank) {
        if (trailingBreaks === "") parts.push(" ");
      } else if (leadingBreak !== "") {
        parts.push(leadingBreak);
      }
      if (trailingBreaks !== "") parts.push(trailingBreaks);
      leadingBlank = blank;
      const start = this.#pos;
      let c = text.charCodeAt(start);
      while (!isBreakOrEnd(c)) c = text.charCodeAt(++this.#pos);
      parts.push(text.slice(start, this.#pos));
      leadingBreak = c === NUL ? "" : this.#readBreak(c);
      [indent, trailingBreaks] = this.#scanBlockBreaks(indent, line);
    }
    if (chomping !== "-") parts.push(leadingBreak);
    if (chomping === "+") parts.push(trailingBreaks);
    this.#push(new Token(SCALAR, line, column, parts.join(""), "", literal ? "literal" : "folded"));
  }

  #scanBlockHeader(contextLine: number): { chomping: string; increment: number } {
    let chomping = "";
    let increment = 0;
    for (let part = 0; part < 2; part++) {
      const c = this.#text.charCodeAt(this.#pos);
      if (chomping === "" && (c === 0x2b || c === 0x2d)) {
        chomping = String.fromCharCode(c);
      } else if (increment === 0 && isDigit(c)) {
        if (c === 0x30) throw this.#error("found an indentation indicator equal to 0", contextLine);
        increment = c - 0x30;
      } else break;
      this.#pos++;
    }
    return { chomping, increment };
  }

  /** Skips indentation and empty lines; finds the indentation when it is not known yet (0). */
  #scanBlockBreaks(known: number, contextLine: number): [indent: number, breaks: string] {
    const text = this.#text;
    let breaks = "";
    let widest = 0;
    for (;;) {
      let column = this.#column();
      let c = text.charCodeAt(this.#pos);
      while (c === SPACE && (known === 0 || column < known)) {
        c = text.charCodeAt(++this.#pos);
        column++;
      }
      if (column > widest) widest = column;
      if (c === TAB && (known === 0 || column < known)) {
        throw this.#error("found a tab character where an indentation space is expected", contextLine);
      }
      if (!isBreak(c)) break;
      breaks += this.#readBreak(c);
    }
    return [known === 0 ? Math.max(widest, this.#indent + 1, 1) : known, breaks];
  }

  #fetchQuoted(single: boolean): void {
    this.#saveSimpleKey();
    this.#simpleKeyAllowed = false;
    const line = this.#line;
    const column = this.#column();
    const text = this.#text;
    const quote = single ? 0x27 : 0x22;
    this.#pos++;
    let value = "";
    for (;;) {
      if (this.#pos === this.#lineStart && this.#atDocumentIndicator()) {
        throw this.#error("found unexpected document indicator", line);
      }
      let c = text.charCodeAt(this.#pos);
      if (c === NUL) throw this.#error("found unexpected end of stream", line);
      let start = this.#pos;
      let leadingBlanks = false;
      while (!isBlankOrEnd(c)) {
        if (c === quote) {
          if (!single || text.charCodeAt(this.#pos + 1) !== quote) break;
          value += text.slice(start, ++this.#pos);
          start = this.#pos + 1;
        } else if (c === 0x5c && !single) {
          value += text.slice(start, this.#pos);
          const escaped = text.charCodeAt(this.#pos + 1);
          if (isBreak(escaped)) {
            this.#pos++;
            this.#skipBreak(escaped);
            start = this.#pos;
            leadingBlanks = true;
            break;
          }
          value += this.#scanEscape(line);
          start = this.#pos;
          c = text.charCodeAt(start);
          continue;
        }
        c = text.charCodeAt(++this.#pos);
      }
      value += text.slice(start, this.#pos);
      c = text.charCodeAt(this.#pos);
      if (c === quote) break;
      value += this.#scanFold(leadingBlanks);
    }
    this.#pos++;
    this.#push(new Token(SCALAR, line, column, value, "", single ? "single" : "double"));
  }

  /** Blanks and breaks inside a quoted scalar, folded. */
  #scanFold(afterEscapedBreak: boolean): string {
    const text = this.#text;
    const start = this.#pos;
    let c = text.charCodeAt(start);
    while (isBlank(c)) c = text.charCodeAt(++this.#pos);
    if (!afterEscapedBreak && !isBreak(c)) return text.slice(start, this.#pos);
    let leadingBreak = "";
    let trailingBreaks = "";
    let first = !afterEscapedBreak;
    while (isBlank(c) || isBreak(c)) {
      if (isBlank(c)) this.#pos++;
      else if (first) {
        leadingBreak = this.#readBreak(c);
        first = false;
      } else trailingBreaks += this.#readBreak(c);
      c = text.charCodeAt(this.#pos);
    }
    if (leadingBreak === "\n") return trailingBreaks === "" ? " " : trailingBreaks;
    return leadingBreak + trailingBreaks;
  }

  #scanEscape(contextLine: number): string {
    const c = this.#text.charCodeAt(this.#pos + 1);
    const plain = ESCAPES.get(c);
    if (plain !== undefined) {
      this.#pos += 2;
      return plain;
    }
    const length = c === 0x78 ? 2 : c === 0x75 ? 4 : c === 0x55 ? 8 : 0;
    if (length === 0) throw this.#error("found unknown escape character", contextLine);
    this.#pos += 2;
    const digits = this.#text.slice(this.#pos, this.#pos + length);
    if (digits.length !== length || !/^[0-9a-fA-F]+$/.test(digits)) {
      throw this.#error("did not find expected hexdecimal number", contextLine);
    }
    const code = Number.parseInt(digits, 16);
    if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) {
      throw this.#error("found invalid Unicode character escape code", contextLine);
    }
    this.#pos += length;
    return String.fromCodePoint(code);
  }

  #fetchPlain(): void {
    this.#saveSimpleKey();
    this.#simpleKeyAllowed = false;
    const line = this.#line;
    const startColumn = this.#column();
    const text = this.#text;
    const indent = this.#indent + 1;
    const inFlow = this.#flowLevel > 0;
    let value = "";
    let joint = "";
    let leadingBlanks = false;
    for (;;) {
      if (this.#pos === this.#lineStart && this.#atDocumentIndicator()) break;
      let c = text.charCodeAt(this.#pos);
      if (c === 0x23) break;
      const start = this.#pos;
      while (!isBlankOrEnd(c)) {
        if (c === 0x3a && isBlankOrEnd(text.charCodeAt(this.#pos + 1))) break;
        if (inFlow && (c === 0x2c || c === 0x3f || c === 0x5b || c === 0x5d || c === 0x7b || c === 0x7d))
          break;
        c = text.charCodeAt(++this.#pos);
      }
      if (this.#pos > start) {
        const word = text.slice(start, this.#pos);
        value = value === "" ? word : value + joint + word;
        leadingBlanks = false;
      }
      if (!(isBlank(c) || isBreak(c))) break;
      const blanks = this.#pos;
      while (isBlank(c)) c = text.charCodeAt(++this.#pos);
      if (!isBreak(c)) {
        joint = text.slice(blanks, this.#pos);
        if (!inFlow && this.#column() < indent) break;
        continue;
      }
      leadingBlanks = true;
      const leadingBreak = this.#readBreak(c);
      let trailingBreaks = "";
      for (;;) {
        c = text.charCodeAt(this.#pos);
        if (isBlank(c)) {
          if (c === TAB && this.#column() < indent) {
            throw this.#error("found a tab character that violates indentation", line);
          }
          this.#pos++;
        } else if (isBreak(c)) trailingBreaks += this.#readBreak(c);
        else break;
      }
      joint =
        leadingBreak === "\n"
          ? trailingBreaks === ""
            ? " "
            : trailingBreaks
          : leadingBreak + trailingBreaks;
      if (!inFlow && this.#column() < indent) break;
    }
    this.#push(new Token(SCALAR, line, startColumn, value));
    if (leadingBlanks) this.#simpleKeyAllowed = true;
  }
}

const ESCAPES = new Map<number, string>(
  Object.entries({
    "0": "\0",
    a: "\x07",
    b: "\b",
    t: "\t",
    "\t": "\t",
    n: "\n",
    v: "\v",
    f: "\f",
    r: "\r",
    e: "\x1b",
    " ": " ",
    '"': '"',
    "'": "'",
    "\\": "\\",
    N: "\x85",
    _: "\xa0",
    L: "\u2028",
    P: "\u2029",
  }).map(([name, text]) => [name.charCodeAt(0), text]),
);

function noSimpleKey(): SimpleKey {
  return { possible: false, required: false, waits: false, tokenNumber: 0, pos: 0, line: 0, column: 0 };
}

function isBlank(c: number): boolean {
  return c === SPACE || c === TAB;
}

function isBreak(c: number): boolean {
  return c === LF || c === CR || c === NEL || c === LS || c === PS;
}

function isBreakOrEnd(c: number): boolean {
  return c <= CR ? c === LF || c === CR || c === NUL : c >= NEL && (c === NEL || c === LS || c === PS);
}

function isBlankOrEnd(c: number): boolean {
  return c <= SPACE ? c === SPACE || c === LF || c === TAB || c === CR || c === NUL : c >= NEL && isBreak(c);
}

function isDigit(c: number): boolean {
  return c >= 0x30 && c <= 0x39;
}

function isWord(c: number): boolean {
  return isDigit(c) || (c >= 0x61 && c <= 0x7a) || (c >= 0x41 && c <= 0x5a) || c === 0x5f || c === 0x2d;
}

const INDICATORS = new Set([..."-?:,[]{}#&*!|>'\"%@`"].map((c) => c.charCodeAt(0)));

function isIndicator(c: number): boolean {
  return c < 128 && INDICATORS.has(c);
}
