import { redact } from "./redact.ts";

/** Where in a person's file an error is. Lines and columns count from 1; columns are characters. */
export interface SourcePlace {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  /** The lines around the place, already laid out for a terminal. */
  readonly frame?: string;
}

export interface ErrorOptions {
  /** The next step for the person who reads it. */
  readonly hint?: string;
  readonly cause?: unknown;
  readonly place?: SourcePlace;
  /** Exit code of the process when this error ends it; 1 unless told. */
  readonly exitCode?: number;
}

/**
 * An error that a user can act on. `message` is one sentence: what was done, to which named thing, what came back.
 * Credentials are taken out of message and hint when the error is made.
 */
export class SlipwayError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly place: SourcePlace | undefined;
  readonly exitCode: number;

  constructor(code: string, message: string, options: ErrorOptions = {}) {
    super(redact(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "SlipwayError";
    this.code = code;
    this.hint = options.hint === undefined ? undefined : redact(options.hint);
    this.place = options.place;
    this.exitCode = options.exitCode ?? 1;
  }
}

/** The error and its causes, outermost first. */
export function errorChain(error: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  for (
    let at = error;
    at !== undefined && at !== null && !chain.includes(at);
    at = (at as { cause?: unknown }).cause
  ) {
    chain.push(at);
  }
  return chain;
}
