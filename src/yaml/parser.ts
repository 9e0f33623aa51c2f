import { YamlError } from "./error.ts";
import {
  ALIAS,
  ANCHOR,
  BLOCK_END,
  BLOCK_ENTRY,
  BLOCK_MAPPING_START,
  BLOCK_SEQUENCE_START,
  DOCUMENT_END,
  DOCUMENT_START,
  FLOW_ENTRY,
  FLOW_MAPPING_END,
  FLOW_MAPPING_START,
  FLOW_SEQUENCE_END,
  FLOW_SEQUENCE_START,
  KEY,
  SCALAR,
  STREAM_END,
  Scanner,
  type ScalarStyle,
  TAG,
  TAG_DIRECTIVE,
  type Token,
  VALUE,
  VERSION_DIRECTIVE,
} from "./scanner.ts";

/** What the text says, before any scalar is understood as a number or a boolean. Lines and columns count from 0. */
export interface Node {
  readonly kind: "scalar" | "map" | "list" | "alias";
  readonly line: number;
  readonly column: number;
  /** The full tag of a scalar, `tag:yaml.org,2002:int`; empty when there is none. */
  readonly tag: string;
  /** Text of a scalar; name of an alias. */
  readonly value: string;
  readonly style: ScalarStyle;
  /** A plain scalar without a tag, whose type is found from its text. */
  readonly implicit: boolean;
  /** Items of a list; keys and values of a map by turns. */
  readonly children: Node[];
  /** What an alias stands for. */
  readonly target: Node | undefined;
}

const NO_CHILDREN: Node[] = [];
const DEFAULT_TAGS: readonly (readonly [string, string])[] = [
  ["!", "!"],
  ["!!", "tag:yaml.org,2002:"],
];

/**
 * Reads documents one after the other.
 *
 * @throws {YamlError} YAML_SYNTAX from `next`.
 */
export class Parser {
  readonly #text: string;
  readonly #scanner: Scanner;
  /** Whether there is no forbidden character. */
  readonly #isClean: boolean;
  #first = true;
  #anchors = new Map<string, Node>();
  #tags = new Map<string, string>();

  constructor(text: string) {
    this.#text = text;
    this.#scanner = new Scanner(text);
    this.#isClean = text.isWellFormed() && !CONTROL.test(text);
  }

  /** The next document's root, or undefined at the end of the text. */
  next(): Node | undefined {
    if (this.#isClean) return this.#document();
    const forbidden = FORBIDDEN.exec(this.#text) as RegExpExecArray;
    try {
      const node = this.#document();
      if (node === undefined || this.#scanner.position + LOOKAHEAD > forbidden.index)
        throw forbiddenCharacter(this.#text, forbidden);
      return node;
    } catch (error) {
      if (this.#scanner.position + LOOKAHEAD > forbidden.index)
        throw forbiddenCharacter(this.#text, forbidden);
      throw error;
    }
  }

  #document(): Node | undefined {
    let token = this.#scanner.peek();
    if (!this.#first) {
      while (token.type === DOCUMENT_END) token = this.#advance();
    }
    if (token.type === STREAM_END) return undefined;
    this.#anchors = new Map();
    this.#tags = new Map();
    const explicit =
      !this.#first ||
      token.type === VERSION_DIRECTIVE ||
      token.type === TAG_DIRECTIVE ||
      token.type === DOCUMENT_START;
    this.#first = false;
    this.#directives();
    let root: Node;
    if (explicit) {
      token = this.#scanner.peek();
      if (token.type !== DOCUMENT_START) throw this.#error("did not find expected <document start>", token);
      token = this.#advance();
      root = endsDocument(token.type) ? emptyScalar(token) : this.#node(true, false);
    } else {
      root = this.#node(true, false);
    }
    if (this.#scanner.peek().type === DOCUMENT_END) this.#scanner.take();
    return root;
  }

  #directives(): void {
    let versions = 0;
    for (let token = this.#scanner.peek(); ; token = this.#advance()) {
      if (token.type === VERSION_DIRECTIVE) {
        if (versions++ > 0) throw this.#error("found duplicate %YAML directive", token);
        if (token.value !== "1.1") throw this.#error("found incompatible YAML document", token);
      } else if (token.type === TAG_DIRECTIVE) {
        if (this.#tags.has(token.value)) throw this.#error("found duplicate %TAG directive", token);
        this.#tags.set(token.value, token.suffix);
      } else break;
    }
    for (const [handle, prefix] of DEFAULT_TAGS) {
      if (!this.#tags.has(handle)) this.#tags.set(handle, prefix);
    }
  }

  #advance(): Token {
    this.#scanner.take();
    return this.#scanner.peek();
  }

  /** The fault in Go's words, which counts the line of a token from 0. */
  #error(problem: string, token: Token, contextLine = 0): YamlError {
    const line = token.line > 0 ? token.line : contextLine;
    const where = line > 0 ? `line ${line}: ` : "";
    return new YamlError("YAML_SYNTAX", `yaml: ${where}${problem}`, {
      line: token.line + 1,
      column: token.column + 1,
    });
  }

  #node(block: boolean, indentless: boolean): Node {
    let token = this.#scanner.peek();
    const { line, column } = token;
    if (token.type === ALIAS) return this.#alias(token);
    let anchor = "";
    let tagToken: Token | undefined;
    if (token.type === ANCHOR || token.type === TAG) {
      for (let part = 0; part < 2; part++) {
        if (token.type === ANCHOR && anchor === "") anchor = token.value;
        else if (token.type === TAG && tagToken === undefined) tagToken = token;
        else break;
        token = this.#advance();
      }
    }
    const tag = tagToken === undefined ? "" : this.#tag(tagToken, line);
    let node: Node;
    switch (token.type) {
      case SCALAR:
        node = {
          kind: "scalar",
          line,
          column,
          tag,
          value: token.value,
          style: token.style,
          implicit: (tag === "" && token.style === "plain") || tag === "!",
          children: NO_CHILDREN,
          target: undefined,
        };
        if (anchor !== "") this.#anchors.set(anchor, node);
        this.#scanner.take();
        return node;
      case FLOW_SEQUENCE_START:
        node = this.#collection("list", line, column, anchor);
        this.#flowSequence(node.children, token);
        return node;
      case FLOW_MAPPING_START:
        node = this.#collection("map", line, column, anchor);
        this.#flowMapping(node.children, token);
        return node;
      case BLOCK_SEQUENCE_START:
        if (!block) break;
        node = this.#collection("list", line, column, anchor);
        this.#blockSequence(node.children, token);
        return node;
      case BLOCK_MAPPING_START:
        if (!block) break;
        node = this.#collection("map", line, column, anchor);
        this.#blockMapping(node.children, token);
        return node;
      case BLOCK_ENTRY:
        if (!indentless) break;
        node = this.#collection("list", line, column, anchor);
        this.#indentlessSequence(node.children);
        return node;
      default:
        break;
    }
    if (anchor === "" && tag === "") throw this.#error("did not find expected node content", token, line);
    node = { ...emptyScalar(token), line, column, tag, implicit: tag === "" };
    if (anchor !== "") this.#anchors.set(anchor, node);
    return node;
  }

  #collection(kind: "map" | "list", line: number, column: number, anchor: string): Node {
    const node: Node = {
      kind,
      line,
      column,
      tag: "",
      value: "",
      style: "plain",
      implicit: false,
      children: [],
      target: undefined,
    };
    if (anchor !== "") this.#anchors.set(anchor, node);
    return node;
  }

  #alias(token: Token): Node {
    const target = this.#anchors.get(token.value);
    if (target === undefined) {
      throw new YamlError("YAML_SYNTAX", `yaml: unknown anchor '${token.value}' referenced`, {
        line: token.line + 1,
        column: token.column + 1,
      });
    }
    this.#scanner.take();
    return { ...emptyScalar(token), kind: "alias", value: token.value, implicit: false, target };
  }

  #tag(token: Token, contextLine: number): string {
    if (token.value === "") return token.suffix;
    const prefix = this.#tags.get(token.value);
    if (prefix === undefined) throw this.#error("found undefined tag handle", token, contextLine);
    return prefix + token.suffix;
  }

  #blockSequence(items: Node[], start: Token): void {
    this.#scanner.take();
    for (;;) {
      let token = this.#scanner.peek();
      if (token.type === BLOCK_END) break;
      if (token.type !== BLOCK_ENTRY)
        throw this.#error("did not find expected '-' indicator", token, start.line);
      const entry = token;
      token = this.#advance();
      const empty = token.type === BLOCK_ENTRY || token.type === BLOCK_END;
      items.push(empty ? emptyScalar(entry) : this.#node(true, false));
    }
    this.#scanner.take();
  }

  #indentlessSequence(items: Node[]): void {
    for (let token = this.#scanner.peek(); token.type === BLOCK_ENTRY; token = this.#scanner.peek()) {
      const entry = token;
      const { type } = this.#advance();
      items.push(type === BLOCK_ENTRY || endsMapPart(type) ? emptyScalar(entry) : this.#node(true, false));
    }
  }

  #blockMapping(pairs: Node[], start: Token): void {
    this.#scanner.take();
    for (;;) {
      let token = this.#scanner.peek();
      if (token.type === BLOCK_END) break;
      if (token.type !== KEY) throw this.#error("did not find expected key", token, start.line);
      let part = token;
      token = this.#advance();
      pairs.push(endsMapPart(token.type) ? emptyScalar(part) : this.#node(true, true));
      token = this.#scanner.peek();
      if (token.type !== VALUE) {
        pairs.push(emptyScalar(token));
        continue;
      }
      part = token;
      token = this.#advance();
      pairs.push(endsMapPart(token.type) ? emptyScalar(part) : this.#node(true, true));
    }
    this.#scanner.take();
  }

  #flowSequence(items: Node[], start: Token): void {
    let token = this.#advance();
    for (let first = true; token.type !== FLOW_SEQUENCE_END; first = false) {
      if (!first) {
        if (token.type !== FLOW_ENTRY)
          throw this.#error("did not find expected ',' or ']'", token, start.line);
        token = this.#advance();
      }
      if (token.type === KEY) items.push(this.#flowPair(token));
      else if (token.type !== FLOW_SEQUENCE_END) items.push(this.#node(false, false));
      token = this.#scanner.peek();
    }
    this.#scanner.take();
  }

  /** A map of one pair, written without braces inside a flow sequence. */
  #flowPair(start: Token): Node {
    const map = this.#collection("map", start.line, start.column, "");
    let token = this.#advance();
    if (token.type === VALUE || token.type === FLOW_ENTRY || token.type === FLOW_SEQUENCE_END) {
      // goyaml drops this token, so that `[? , a]` fails later as it does there.
      map.children.push(emptyScalar(token));
      token = this.#advance();
    } else {
      map.children.push(this.#node(false, false));
      token = this.#scanner.peek();
    }
    if (token.type === VALUE) {
      token = this.#advance();
      if (token.type !== FLOW_ENTRY && token.type !== FLOW_SEQUENCE_END) {
        map.children.push(this.#node(false, false));
        return map;
      }
    }
    map.children.push(emptyScalar(token));
    return map;
  }

  #flowMapping(pairs: Node[], start: Token): void {
    let token = this.#advance();
    for (let first = true; token.type !== FLOW_MAPPING_END; first = false) {
      if (!first) {
        if (token.type !== FLOW_ENTRY)
          throw this.#error("did not find expected ',' or '}'", token, start.line);
        token = this.#advance();
      }
      if (token.type === KEY) {
        token = this.#advance();
        const empty = token.type === VALUE || token.type === FLOW_ENTRY || token.type === FLOW_MAPPING_END;
        pairs.push(empty ? emptyScalar(token) : this.#node(false, false));
        token = this.#scanner.peek();
        if (token.type === VALUE) {
          token = this.#advance();
          const valueless = token.type === FLOW_ENTRY || token.type === FLOW_MAPPING_END;
          pairs.push(valueless ? emptyScalar(token) : this.#node(false, false));
        } else {
          pairs.push(emptyScalar(token));
        }
      } else if (token.type !== FLOW_MAPPING_END) {
        pairs.push(this.#node(false, false));
        pairs.push(emptyScalar(this.#scanner.peek()));
      }
      token = this.#scanner.peek();
    }
    this.#scanner.take();
  }
}

function endsMapPart(type: number): boolean {
  return type === KEY || type === VALUE || type === BLOCK_END;
}

function endsDocument(type: number): boolean {
  return (
    type === VERSION_DIRECTIVE ||
    type === TAG_DIRECTIVE ||
    type === DOCUMENT_START ||
    type === DOCUMENT_END ||
    type === STREAM_END
  );
}

function emptyScalar(at: Token): Node {
  return {
    kind: "scalar",
    line: at.line,
    column: at.column,
    tag: "",
    value: "",
    style: "plain",
    implicit: true,
    children: NO_CHILDREN,
    target: undefined,
  };
}

/** goyaml reads its input in pieces and notices a forbidden character when its piece is read. */
const LOOKAHEAD = 512;

// oxlint-disable-next-line no-control-regex -- these are the characters that YAML forbids
const CONTROL = /[\0-\x08\v\f\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/;
// Control characters, and lone surrogates, which stand for bytes that are not UTF-8.
// oxlint-disable-next-line no-control-regex -- these are the characters that YAML forbids
const FORBIDDEN =
  /[\0-\x08\v\f\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

function forbiddenCharacter(text: string, match: RegExpExecArray): YamlError {
  const before = text.slice(0, match.index);
  const line = before.split("\n").length;
  const position = { line, column: match.index - (before.lastIndexOf("\n") + 1) + 1 };
  const code = text.charCodeAt(match.index);
  let problem = "control characters are not allowed";
  if (code >= 0xd800 && code <= 0xdfff) {
    const octet = code - 0xdc00;
    const width = (octet & 0xe0) === 0xc0 ? 2 : (octet & 0xf0) === 0xe0 ? 3 : (octet & 0xf8) === 0xf0 ? 4 : 0;
    if (width === 0) problem = "invalid leading UTF-8 octet";
    else if (match.index + width > text.length) problem = "incomplete UTF-8 octet sequence";
    else problem = "invalid trailing UTF-8 octet";
  }
  return new YamlError("YAML_SYNTAX", `yaml: ${problem}`, position);
}
