import { SlipwayError } from "#errors";

/** One complaint in the body of a registry's answer. */
export interface RegistryFault {
  readonly code?: string;
  readonly message?: string;
  readonly detail?: unknown;
}

/** The request that failed and what came of it. */
export interface Exchange {
  readonly method: string;
  readonly url: string;
  /** Absent when no answer came. */
  readonly status?: number;
  readonly errors: readonly RegistryFault[];
  /** The registry asked for a login that nobody has given. */
  readonly isLoginMissing?: boolean;
  /** How the connection failed. */
  readonly broken?: Error;
}

/** A registry said no, or nothing; those who have to say it in a peer's words find the facts in `exchange`. */
export class RegistryError extends SlipwayError {
  readonly exchange: Exchange;

  constructor(code: string, message: string, hint: string | undefined, exchange: Exchange) {
    super(code, message, hint === undefined ? {} : { hint });
    this.exchange = exchange;
  }
}
