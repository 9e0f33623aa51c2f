import { errorChain, SlipwayError } from "#errors";

export interface ReportOptions {
  readonly write: (text: string) => void;
  readonly isDebug: boolean;
  readonly version: string;
}

/** Prints an error with its causes, place and hint, once; answers the exit code it stands for. */
export function reportError(error: unknown, options: ReportOptions): number {
  const chain = errorChain(error);
  const first = chain[0];
  if (!(first instanceof SlipwayError)) {
    const stack = first instanceof Error ? (first.stack ?? first.message) : String(first);
    options.write(
      `Error: this is a defect of slipway ${options.version} on Node ${process.version}; please report it with these lines:\n${stack}\n`,
    );
    return 70;
  }
  const messages: string[] = [];
  for (const one of chain) {
    const message = one instanceof Error ? one.message : String(one);
    if (!messages.some((said) => said.includes(message))) messages.push(message);
  }
  options.write(`Error: ${messages.join("\n  because: ")}\n`);
  for (const one of chain) {
    if (!(one instanceof SlipwayError)) continue;
    if (one.place?.frame !== undefined) {
      const { file, line, column } = one.place;
      options.write(
        `\n${file}${line === undefined ? "" : `:${line}`}${column === undefined ? "" : `:${column}`}\n${one.place.frame}\n`,
      );
    }
    if (one.hint !== undefined) options.write(`Next: ${one.hint}\n`);
  }
  if (options.isDebug && first.stack !== undefined) options.write(`${first.stack}\n`);
  return first.exitCode;
}
