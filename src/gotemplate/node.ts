import { quote } from "./strconv.ts";

/** The text that a tree was parsed from. Several trees share one when a file has definitions. */
export interface Source {
  /** The name of the template that was being parsed: what locations in errors begin with. */
  readonly name: string;
  readonly text: string;
}

interface Positioned {
  readonly source: Source;
  /** Where it begins in the source, in UTF-16 units. */
  readonly at: number;
}

export interface TextNode extends Positioned {
  readonly type: "text";
  readonly text: string;
}

export interface ActionNode extends Positioned {
  readonly type: "action";
  readonly pipe: PipeNode;
}

export interface BranchNode extends Positioned {
  readonly type: "if" | "range" | "with";
  readonly pipe: PipeNode;
  readonly list: ListNode;
  readonly elseList: ListNode | undefined;
}

export interface TemplateNode extends Positioned {
  readonly type: "template";
  readonly name: string;
  readonly pipe: PipeNode | undefined;
}

export interface JumpNode extends Positioned {
  readonly type: "break" | "continue";
}

/** `{{end}}` and `{{else}}`, which end a list and are not part of a tree. */
export interface MarkNode extends Positioned {
  readonly type: "end" | "else";
}

export interface ListNode extends Positioned {
  readonly type: "list";
  readonly nodes: StatementNode[];
}

export type StatementNode = TextNode | ActionNode | BranchNode | TemplateNode | JumpNode;

export interface PipeNode extends Positioned {
  readonly type: "pipe";
  readonly isAssign: boolean;
  readonly declared: readonly VariableNode[];
  readonly commands: readonly CommandNode[];
}

export interface CommandNode extends Positioned {
  readonly type: "command";
  readonly args: readonly OperandNode[];
}

export interface FieldNode extends Positioned {
  readonly type: "field";
  readonly names: readonly string[];
}

export interface VariableNode extends Positioned {
  readonly type: "variable";
  /** The variable with its `$`, then fields. */
  readonly names: readonly string[];
}

export interface ChainNode extends Positioned {
  readonly type: "chain";
  readonly node: OperandNode;
  readonly fields: readonly string[];
}

export interface IdentifierNode extends Positioned {
  readonly type: "identifier";
  readonly name: string;
}

export interface NumberNode extends Positioned {
  readonly type: "number";
  readonly text: string;
  readonly int: bigint | undefined;
  readonly uint: bigint | undefined;
  readonly float: number | undefined;
  readonly complex: readonly [real: number, imaginary: number] | undefined;
}

export interface StringNode extends Positioned {
  readonly type: "string";
  readonly quoted: string;
  readonly text: string;
}

export interface BoolNode extends Positioned {
  readonly type: "bool";
  readonly value: boolean;
}

export interface DotNode extends Positioned {
  readonly type: "dot";
}

export interface NilNode extends Positioned {
  readonly type: "nil";
}

export type OperandNode =
  | PipeNode
  | FieldNode
  | VariableNode
  | ChainNode
  | IdentifierNode
  | NumberNode
  | StringNode
  | BoolNode
  | DotNode
  | NilNode;

export type Node = StatementNode | MarkNode | ListNode | CommandNode | OperandNode;

/** A node as Go writes it in its errors. */
export function nodeText(node: Node): string {
  switch (node.type) {
    case "text":
      return node.text;
    case "action":
      return `{{${nodeText(node.pipe)}}}`;
    case "if":
    case "range":
    case "with": {
      const otherwise = node.elseList === undefined ? "" : `{{else}}${nodeText(node.elseList)}`;
      return `{{${node.type} ${nodeText(node.pipe)}}}${nodeText(node.list)}${otherwise}{{end}}`;
    }
    case "template":
      return `{{template ${quote(node.name)}${node.pipe === undefined ? "" : ` ${nodeText(node.pipe)}`}}}`;
    case "break":
    case "continue":
    case "end":
    case "else":
      return `{{${node.type}}}`;
    case "list":
      return node.nodes.map(nodeText).join("");
    case "pipe":
      return pipeText(node);
    case "command":
      return node.args.map(inParentheses).join(" ");
    case "field":
      return node.names.map((name) => `.${name}`).join("");
    case "variable":
      return node.names.join(".");
    case "chain":
      return inParentheses(node.node) + node.fields.map((name) => `.${name}`).join("");
    case "identifier":
      return node.name;
    case "number":
      return node.text;
    case "string":
      return node.quoted;
    case "bool":
      return String(node.value);
    case "dot":
      return ".";
    case "nil":
      return "nil";
    default:
      return node satisfies never;
  }
}

function pipeText(pipe: PipeNode): string {
  const declared = pipe.declared.map(nodeText).join(", ");
  const commands = pipe.commands.map(nodeText).join(" | ");
  return declared === "" ? commands : `${declared} ${pipe.isAssign ? "=" : ":="} ${commands}`;
}

function inParentheses(node: OperandNode): string {
  return node.type === "pipe" ? `(${nodeText(node)})` : nodeText(node);
}

/** Whether nothing but white space is written by the list, so that it does not replace a definition that has more. */
export function isBlank(list: ListNode): boolean {
  return list.nodes.every(
    (node) => node.type === "text" && /^[\s\u0085]*$/.test(node.text) && !/\ufeff/.test(node.text),
  );
}
