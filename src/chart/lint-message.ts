import { SlipwayError } from "#errors";
import type { GoMap } from "#gotemplate";
import type { Capabilities } from "./capabilities.ts";

export type Severity = "INFO" | "WARNING" | "ERROR";

export interface LintMessage {
  readonly severity: Severity;
  readonly path: string;
  readonly text: string;
}

export interface LintOptions {
  readonly values: GoMap;
  readonly namespace: string;
  readonly capabilities: Capabilities;
  readonly skipSchema: boolean;
  /** How the chart is named in messages; the directory unless told. */
  readonly name?: string;
  /** Called for what Helm warns of on the standard error. */
  readonly onWarning?: (message: string) => void;
}

/** Takes a message. */
export type Say = (severity: Severity, path: string, text: string) => void;

/** What a fault of the chart says. @throws what is none */
export function messageOf(error: unknown): string {
  if (error instanceof SlipwayError) return error.message;
  throw error;
}
