import { Lexer, tokenText, type Token, type TokenKind } from "./lexer.ts";
import { unknownNameHint } from "./hints.ts";
import {
  isBlank,
  nodeText,
  type BranchNode,
  type CommandNode,
  type FieldNode,
  type JumpNode,
  type ListNode,
  type MarkNode,
  type NumberNode,
  type OperandNode,
  type PipeNode,
  type Source,
  type StatementNode,
  type TemplateNode,
  type VariableNode,
} from "./node.ts";
import { parseFloatLiteral, parseInteger, quote, unquote, unquoteChar } from "./strconv.ts";
import { lineAt, TemplateError } from "./template-error.ts";

/** What a named template is made of. */
export interface Tree {
  readonly name: string;
  readonly root: ListNode;
  readonly source: Source;
}

/** Go's limit of parentheses in each other. */
const MAX_PARENTHESES = 10_000;

/**
 * Parses a text into the template of that name and the templates that the text defines.
 *
 * @param functions by name; all other identifiers are errors.
 * @throws {TemplateError} with Go's message; it has a line and no column.
 */
export function parseTemplate(
  name: string,
  text: string,
  functions: ReadonlyMap<string, unknown>,
): Map<string, Tree> {
  const source = { name, text };
  const trees = new Map<string, Tree>();
  try {
    new TreeParser(name, source, new Lexer(text), trees, functions).parseFile();
  } catch (error) {
    throw error instanceof RangeError ? nestingError(name, source, error) : error;
  }
  return trees;
}

/** The error of a text whose parts are nested so deeply that the stack ends. */
export function nestingError(template: string, { name, text }: Source, cause: RangeError): TemplateError {
  const reason = "nesting is too deep";
  const facts = { phase: "parse", template, file: name, line: 1, reason } as const;
  return new TemplateError(`template: ${name}:1: ${reason}`, facts, text, { cause });
}

/** Parses one template; a definition inside it has a parser of its own that reads from the same lexer. */
class TreeParser {
  #name: string;
  readonly #source: Source;
  readonly #lexer: Lexer;
  readonly #trees: Map<string, Tree>;
  readonly #functions: ReadonlyMap<string, unknown>;
  #tokens: Token[] = [];
  #peeked = 0;
  #variables = ["$"];
  /** Where the action under way begins. */
  #actionAt: number | undefined;
  #rangeDepth = 0;
  #parentheses = 0;

  constructor(
    name: string,
    source: Source,
    lexer: Lexer,
    trees: Map<string, Tree>,
    functions: ReadonlyMap<string, unknown>,
  ) {
    this.#name = name;
    this.#source = source;
    this.#lexer = lexer;
    this.#trees = trees;
    this.#functions = functions;
  }

  parseFile(): void {
    const root = this.#list(this.#peek().at);
    while (this.#peek().kind !== "EOF") {
      if (this.#peek().kind === "leftDelim") {
        const open = this.#next();
        if (this.#next().kind === "define") {
          this.#child("definition").#definition();
          continue;
        }
        this.#backup2(open);
      }
      const node = this.#textOrAction();
      if (isMark(node)) this.#fail(`unexpected ${nodeText(node)}`);
      root.nodes.push(node);
    }
    this.#add(root);
  }

  #child(name: string): TreeParser {
    return new TreeParser(name, this.#source, this.#lexer, this.#trees, this.#functions);
  }

  #definition(): void {
    const context = "define clause";
    const name = this.#next();
    if (name.kind !== "string" && name.kind !== "rawString") this.#unexpected(name, context);
    this.#name = this.#unquote(name.text);
    this.#expect("rightDelim", context);
    this.#body(context, this);
  }

  /** The list up to `{{end}}`, which becomes the template of this parser's name. */
  #body(context: string, blamed: TreeParser): void {
    const [list, end] = this.#itemList();
    if (end.type !== "end") blamed.#fail(`unexpected ${nodeText(end)} in ${context}`);
    this.#add(list);
  }

  #add(root: ListNode): void {
    const known = this.#trees.get(this.#name);
    if (known === undefined || isBlank(known.root)) {
      this.#trees.set(this.#name, { name: this.#name, root, source: this.#source });
    } else if (!isBlank(root)) {
      this.#fail(`template: multiple definition of template ${quote(this.#name)}`);
    }
  }

  #itemList(): [list: ListNode, end: MarkNode] {
    const list = this.#list(this.#peek().at);
    while (this.#peek().kind !== "EOF") {
      const node = this.#textOrAction();
      if (isMark(node)) return [list, node];
      list.nodes.push(node);
    }
    this.#fail("unexpected EOF");
  }

  #textOrAction(): StatementNode | MarkNode {
    const token = this.#next();
    if (token.kind === "text") return { type: "text", source: this.#source, at: token.at, text: token.text };
    if (token.kind !== "leftDelim") this.#unexpected(token, "input");
    this.#actionAt = token.at;
    const node = this.#action();
    this.#actionAt = undefined;
    return node;
  }

  #action(): StatementNode | MarkNode {
    const token = this.#next();
    switch (token.kind) {
      case "block":
        return this.#block();
      case "break":
      case "continue":
        return this.#jump(token.kind, token.at);
      case "else":
        return this.#else();
      case "end":
        return this.#mark("end", this.#expect("rightDelim", "end").at);
      case "if":
      case "range":
      case "with":
        return this.#control(token.kind);
      case "template":
        return this.#template();
      default:
    }
    this.#backup();
    const { at } = this.#peek();
    return { type: "action", source: this.#source, at, pipe: this.#pipeline("command", "rightDelim") };
  }

  #jump(type: "break" | "continue", at: number): JumpNode {
    const token = this.#next();
    if (token.kind !== "rightDelim") this.#unexpected(token, `{{${type}}}`);
    if (this.#rangeDepth === 0) this.#fail(`{{${type}}} outside {{range}}`);
    return { type, source: this.#source, at };
  }

  #else(): MarkNode {
    const token = this.#peek();
    if (token.kind === "if" || token.kind === "with") return this.#mark("else", token.at);
    return this.#mark("else", this.#expect("rightDelim", "else").at);
  }

  #control(type: BranchNode["type"]): BranchNode {
    const scope = this.#variables.length;
    const pipe = this.#pipeline(type, "rightDelim");
    if (type === "range") this.#rangeDepth++;
    const [list, next] = this.#itemList();
    if (type === "range") this.#rangeDepth--;
    let elseList: ListNode | undefined;
    if (next.type === "else") {
      const chained = this.#peek().kind;
      if (type !== "range" && chained === type) {
        this.#next();
        elseList = this.#list(next.at);
        elseList.nodes.push(this.#control(type));
      } else {
        const [otherwise, end] = this.#itemList();
        if (end.type !== "end") this.#fail(`expected end; found ${nodeText(end)}`);
        elseList = otherwise;
      }
    }
    this.#variables.length = scope;
    return { type, source: this.#source, at: pipe.at, pipe, list, elseList };
  }

  #block(): TemplateNode {
    const context = "block clause";
    const token = this.#next();
    const name = this.#templateName(token, context);
    const pipe = this.#pipeline(context, "rightDelim");
    this.#child(name).#body(context, this);
    return { type: "template", source: this.#source, at: token.at, name, pipe };
  }

  #template(): TemplateNode {
    const context = "template clause";
    const token = this.#next();
    const name = this.#templateName(token, context);
    let pipe: PipeNode | undefined;
    if (this.#next().kind !== "rightDelim") {
      this.#backup();
      pipe = this.#pipeline(context, "rightDelim");
    }
    return { type: "template", source: this.#source, at: token.at, name, pipe };
  }

  #templateName(token: Token, context: string): string {
    if (token.kind !== "string" && token.kind !== "rawString") this.#unexpected(token, context);
    return this.#unquote(token.text);
  }

  #pipeline(context: string, end: TokenKind): PipeNode {
    const { at } = this.#peek();
    const { isAssign, declared } = this.#declaration(context);
    const commands: CommandNode[] = [];
    for (let token = this.#next(); token.kind !== end; token = this.#next()) {
      if (!STARTS_COMMAND.has(token.kind)) this.#unexpected(token, context);
      this.#backup();
      commands.push(this.#command());
    }
    this.#checkCommands(commands, context);
    return { type: "pipe", source: this.#source, at, isAssign, declared, commands: exact(commands) };
  }

  /** `$x :=`, `$x =`, and in a range `$i, $x :=`. */
  #declaration(context: string): Declaration {
    let declared: readonly VariableNode[] = NO_DECLARATION.declared;
    for (;;) {
      const variable = this.#peek();
      if (variable.kind !== "variable") break;
      this.#next();
      const next = this.#peek();
      if (next.kind === "assign" || next.kind === "declare") {
        this.#next();
        return { isAssign: next.kind === "assign", declared: [...declared, this.#declare(variable)] };
      }
      if (next.kind === "char" && next.text === ",") {
        this.#next();
        declared = [...declared, this.#declare(variable)];
        if (context === "range" && declared.length < 2) {
          const { kind } = this.#peek();
          if (kind === "variable" || kind === "rightDelim" || kind === "rightParen") continue;
          this.#fail("range can only initialize variables");
        }
        this.#fail(`too many declarations in ${context}`);
      }
      this.#backup2(variable);
      break;
    }
    return declared.length === 0 ? NO_DECLARATION : { isAssign: false, declared };
  }

  #declare(token: Token): VariableNode {
    this.#variables.push(token.text);
    return this.#variable(token);
  }

  #checkCommands(commands: readonly CommandNode[], context: string): void {
    if (commands.length === 0) this.#fail(`missing value for ${context}`);
    for (let at = 1; at < commands.length; at++) {
      const first = commands[at]?.args[0]?.type;
      if (first === "bool" || first === "dot" || first === "nil" || first === "number" || first === "string")
        this.#fail(`non executable command in pipeline stage ${at + 1}`);
    }
  }

  #command(): CommandNode {
    const { at } = this.#peek();
    const args: OperandNode[] = [];
    for (;;) {
      const operand = this.#operand();
      if (operand !== undefined) {
        args.push(operand);
        if (isSpaced(this.#peek())) continue;
      }
      const token = this.#next();
      if (token.kind === "rightDelim" || token.kind === "rightParen") this.#backup();
      else if (token.kind !== "pipe") this.#unexpected(token, "operand");
      break;
    }
    if (args.length === 0) this.#fail("empty command");
    return { type: "command", source: this.#source, at, args: exact(args) };
  }

  #operand(): OperandNode | undefined {
    const node = this.#term();
    if (node === undefined || !isJoinedField(this.#peek())) return node;
    const { at } = this.#peek();
    const fields: string[] = [];
    while (isJoinedField(this.#peek())) fields.push(...fieldNames(this.#next()));
    switch (node.type) {
      case "field":
        return {
          type: "field",
          source: this.#source,
          at: node.names.length > 1 ? node.at : at,
          names: [...node.names, ...fields],
        };
      case "variable":
        return { type: "variable", source: this.#source, at, names: [...node.names, ...fields] };
      case "bool":
      case "string":
      case "number":
      case "nil":
      case "dot":
        this.#fail(`unexpected . after term ${quote(nodeText(node))}`, this.#peek().from);
      default:
        return { type: "chain", source: this.#source, at, node, fields };
    }
  }

  #term(): OperandNode | undefined {
    const token = this.#next();
    const { at } = token;
    const source = this.#source;
    switch (token.kind) {
      case "identifier":
        if (!this.#functions.has(token.text)) this.#failFunction(token.text);
        return { type: "identifier", source, at, name: token.text };
      case "dot":
      case "nil":
        return { type: token.kind, source, at };
      case "variable":
        return this.#use(token);
      case "field":
        return this.#field(token);
      case "bool":
        return { type: "bool", source, at, value: token.text === "true" };
      case "charConstant":
      case "complex":
      case "number":
        return this.#number(token);
      case "leftParen":
        return this.#parenthesized();
      case "string":
      case "rawString":
        return { type: "string", source, at, quoted: token.text, text: this.#unquote(token.text) };
      default:
        this.#backup();
        return undefined;
    }
  }

  /** Go places fields that stand together at the second. */
  #field(token: Token): FieldNode {
    const names = fieldNames(token);
    const at = names.length === 1 ? token.at : token.at + 1 + (names[0] ?? "").length;
    return { type: "field", source: this.#source, at, names };
  }

  #parenthesized(): PipeNode {
    if (this.#parentheses >= MAX_PARENTHESES) this.#fail("max expression depth exceeded");
    this.#parentheses++;
    const pipe = this.#pipeline("parenthesized pipeline", "rightParen");
    this.#parentheses--;
    return pipe;
  }

  #use(token: Token): VariableNode {
    const node = this.#variable(token);
    const name = node.names[0] ?? "";
    if (!this.#variables.includes(name)) this.#fail(`undefined variable ${quote(name)}`);
    return node;
  }

  #variable(token: Token): VariableNode {
    return { type: "variable", source: this.#source, at: token.at, names: token.text.split(".") };
  }

  #number(token: Token): NumberNode {
    try {
      return { type: "number", source: this.#source, at: token.at, ...readNumber(token) };
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
    }
  }

  #unquote(literal: string): string {
    try {
      return unquote(literal);
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
    }
  }

  #list(at: number): ListNode {
    return { type: "list", source: this.#source, at, nodes: [] };
  }

  #mark(type: MarkNode["type"], at: number): MarkNode {
    return { type, source: this.#source, at };
  }

  #next(): Token {
    if (this.#peeked > 0) this.#peeked--;
    else this.#tokens[0] = this.#lexer.next();
    return this.#tokens[this.#peeked] ?? NOTHING;
  }

  #backup(): void {
    this.#peeked++;
  }

  #backup2(token: Token): void {
    this.#tokens[1] = token;
    this.#peeked = 2;
  }

  #peek(): Token {
    if (this.#peeked === 0) {
      this.#tokens[0] = this.#lexer.next();
      this.#peeked = 1;
    }
    return this.#tokens[this.#peeked - 1] ?? NOTHING;
  }

  #expect(kind: TokenKind, context: string): Token {
    const token = this.#next();
    if (token.kind !== kind) this.#unexpected(token, context);
    return token;
  }

  #unexpected(token: Token, context: string): never {
    if (token.kind !== "error") this.#fail(`unexpected ${tokenText(token)} in ${context}`);
    let extra = "";
    const { name, text } = this.#source;
    const started = lineAt(text, this.#actionAt ?? token.at);
    if (started !== lineAt(text, token.at)) {
      const place = ` started at ${name}:${started}`;
      extra = token.text.endsWith(" action") ? place : ` in action${place}`;
    }
    this.#fail(token.text + extra);
  }

  #failFunction(name: string): never {
    const hint = unknownNameHint("function", name, [...this.#functions.keys()]);
    this.#fail(`function ${quote(name)} not defined`, undefined, hint);
  }

  /** Fails at the line of the token that was read last, or at that of another place. */
  #fail(reason: string, at = this.#tokens[0]?.at ?? 0, hint?: string): never {
    const { name, text } = this.#source;
    const line = lineAt(text, at);
    const facts = { phase: "parse", template: this.#name, file: name, line, reason } as const;
    throw new TemplateError(`template: ${name}:${line}: ${reason}`, facts, text, { hint });
  }
}

function isMark(node: StatementNode | MarkNode): node is MarkNode {
  return node.type === "end" || node.type === "else";
}

interface Declaration {
  readonly isAssign: boolean;
  readonly declared: readonly VariableNode[];
}

const NO_DECLARATION: Declaration = { isAssign: false, declared: [] };

/** A list without the room for sixteen more that it got when it grew: trees are small parts in large numbers. */
function exact<T>(items: readonly T[]): readonly T[] {
  return items.slice();
}

function fieldNames(token: Token): string[] {
  return token.text.slice(1).split(".");
}

function isSpaced(token: Token): boolean {
  return token.from < token.at;
}

/** Whether the token is a field of the operand before it, not the next operand. */
function isJoinedField(token: Token): boolean {
  return token.kind === "field" && !isSpaced(token);
}

const NOTHING: Token = { kind: "EOF", at: 0, from: 0, text: "EOF" };

const STARTS_COMMAND: ReadonlySet<TokenKind> = new Set<TokenKind>([
  "bool",
  "charConstant",
  "complex",
  "dot",
  "field",
  "identifier",
  "number",
  "nil",
  "rawString",
  "string",
  "variable",
  "leftParen",
]);

const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);
const MAX_UINT64 = 2n ** 64n - 1n;

type NumberFacts = Pick<NumberNode, "text" | "int" | "uint" | "float" | "complex">;

/** Reads a number as everything it can be: `1e3` is an int, a uint and a float. */
function readNumber({ kind, text }: Token): NumberFacts {
  if (kind === "charConstant") {
    const { rune, end } = unquoteChar(text, 1, "'");
    if (end !== text.length - 1) throw new Error(`malformed character constant: ${text}`);
    return { text, int: BigInt(rune), uint: BigInt(rune), float: rune, complex: undefined };
  }
  if (kind === "complex") return readComplex(text);
  if (/^(?:0|[1-9]\d{0,14})$/.test(text)) {
    const int = BigInt(text);
    return { text, int, uint: int, float: Number(text), complex: undefined };
  }
  if (text.endsWith("i")) {
    const imaginary = parseFloatLiteral(text.slice(0, -1));
    if (imaginary !== undefined) return simplified(text, 0, imaginary);
  }
  const integer = parseInteger(text);
  const isUnsigned = integer !== undefined && !/^[+-]/.test(text) && integer <= MAX_UINT64;
  const isSigned = integer !== undefined && integer >= MIN_INT64 && integer <= MAX_INT64;
  if (isSigned || isUnsigned) {
    return {
      text,
      int: isSigned ? integer : undefined,
      uint: isUnsigned || integer === 0n ? integer : undefined,
      float: Number(integer),
      complex: undefined,
    };
  }
  const float = parseFloatLiteral(text);
  if (float === undefined) throw new Error(`illegal number syntax: ${quote(text)}`);
  if (!/[.eEpP]/.test(text)) throw new Error(`integer overflow: ${quote(text)}`);
  return { text, ...wholeForms(float), float, complex: undefined };
}

function readComplex(text: string): NumberFacts {
  const split = /^(.*[^eEpP+-])([+-].*)i$/.exec(text);
  const real = parseFloatLiteral(split?.[1] ?? "");
  const imaginary = parseFloatLiteral(split?.[2] ?? "");
  if (real === undefined || imaginary === undefined) throw new Error("syntax error scanning complex number");
  return simplified(text, real, imaginary);
}

function simplified(text: string, real: number, imaginary: number): NumberFacts {
  const isReal = imaginary === 0;
  return {
    text,
    ...(isReal ? wholeForms(real) : { int: undefined, uint: undefined }),
    float: isReal ? real : undefined,
    complex: [real, imaginary],
  };
}

function wholeForms(float: number): { int: bigint | undefined; uint: bigint | undefined } {
  if (!Number.isInteger(float)) return { int: undefined, uint: undefined };
  const whole = BigInt(float);
  return {
    int: whole >= MIN_INT64 && whole <= MAX_INT64 ? whole : undefined,
    uint: whole >= 0n && whole <= MAX_UINT64 ? whole : undefined,
  };
}
