import { SlipwayError, sourceFrame } from "#errors";
import { byteLength } from "./bytes.ts";
import { nodeText, type Node } from "./node.ts";
import { quote } from "./strconv.ts";

export interface TemplateErrorFacts {
  /** `parse`: the text is no template. `execution`: it is, and something went wrong when it ran. */
  readonly phase: "parse" | "execution";
  /** The template that was being parsed or run. */
  readonly template: string;
  /** The file, or whatever the text was parsed as, in which the place is. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** In bytes from 0, as Go counts; undefined for parse errors, which have none. */
  readonly column?: number;
  /** The part of the template that failed, as Go writes it. */
  readonly expression?: string;
  /** What went wrong, without the place. */
  readonly reason: string;
}

/**
 * A template that cannot be parsed, or that fails. The message is Go's, to the byte. The cause is what a function
 * threw; a template that was run by `include` is a TemplateError too, so causes are the chain of includes.
 */
export class TemplateError extends SlipwayError {
  readonly facts: TemplateErrorFacts;

  constructor(
    message: string,
    facts: TemplateErrorFacts,
    text: string,
    options: { hint?: string | undefined; cause?: unknown } = {},
  ) {
    const line = text.split("\n", facts.line).at(-1) ?? "";
    super(facts.phase === "parse" ? "TEMPLATE_PARSE" : "TEMPLATE_EXECUTION", message, {
      place: {
        file: facts.file,
        line: facts.line,
        ...(facts.column === undefined ? {} : { column: characterColumn(line, facts.column) }),
        frame: sourceFrame(text, facts.line),
      },
      ...(options.hint === undefined ? {} : { hint: options.hint }),
      ...(options.cause === undefined ? {} : { cause: options.cause }),
    });
    // The peer's text is the contract here, so an address with a password that a template holds stays as it is.
    this.message = message.toWellFormed();
    this.facts = facts;
  }
}

/** The characters, from 1, where Go counts bytes from 0. */
function characterColumn(line: string, bytes: number): number {
  return Buffer.from(line).subarray(0, bytes).toString().length + 1;
}

/** The error of a node that failed while `template` ran. */
export function executionError(
  node: Node,
  template: string,
  reason: string,
  options: { hint?: string | undefined; cause?: unknown } = {},
): TemplateError {
  const { name, text } = node.source;
  const before = text.slice(0, node.at);
  const line = lineAt(text, node.at);
  const column = byteLength(before.slice(before.lastIndexOf("\n") + 1));
  const expression = nodeText(node);
  const message = `template: ${name}:${line}:${column}: executing ${quote(template)} at <${expression}>: ${reason}`;
  return new TemplateError(
    message,
    { phase: "execution", template, file: name, line, column, expression, reason },
    text,
    options,
  );
}

/** The line, from 1, of a place in a text. */
export function lineAt(text: string, place: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < place; at = text.indexOf("\n", at + 1)) line++;
  return line;
}
