import { SlipwayError, sourceFrame } from "#errors";

/**
 * A text that is not the YAML it should be. `message` is what the Go programs of this trade print, to the byte;
 * `place` says where the fault really is (Go's line numbers are often one short).
 */
export class YamlError extends SlipwayError {
  /** Line and column of the fault in the text, counted from 1; absent when the text as a whole is at fault. */
  readonly position: { readonly line: number; readonly column: number } | undefined;

  constructor(
    code: "YAML_SYNTAX" | "YAML_VALUE" | "YAML_DUPLICATE_KEY" | "YAML_LIMIT",
    message: string,
    position?: { readonly line: number; readonly column: number },
    cause?: unknown,
  ) {
    super(code, message, cause === undefined ? {} : { cause });
    this.name = "YamlError";
    this.position = position;
  }

  /** The lines of `text` around the fault, or undefined when no place is known. */
  frame(text: string): string | undefined {
    return this.position === undefined ? undefined : sourceFrame(text, this.position.line);
  }

  /** The same fault under a longer message. */
  prefixed(prefix: string): YamlError {
    return new YamlError(this.code as "YAML_SYNTAX", prefix + this.message, this.position, this);
  }
}
