import { errorChain, SlipwayError, type SourcePlace } from "#errors";
import { visible } from "#terminal";

export interface ReportOptions {
  readonly write: (text: string) => void;
  readonly isDebug: boolean;
  /** One line of JSON, as every line of the log then is. */
  readonly asJson?: boolean;
  readonly version: string;
}

/** Prints an error with its causes, place and next steps, once; answers the exit code it stands for. */
export function reportError(error: unknown, options: ReportOptions): number {
  const chain = errorChain(known(error));
  const first = chain[0];
  if (!(first instanceof SlipwayError)) {
    const stack = first instanceof Error ? (first.stack ?? first.message) : String(first);
    const message = `this is a defect of slipway ${options.version} on Node ${process.version}; please report it with these lines:\n${stack}`;
    options.write(
      options.asJson === true ? jsonLine({ code: "DEFECT", message }) : visible(`Error: ${message}\n`),
    );
    return 70;
  }
  const messages: string[] = [];
  for (const one of chain) {
    const message = one instanceof Error ? one.message : String(one);
    if (!messages.some((said) => said.includes(message))) messages.push(message);
  }
  const ours = chain.filter((one) => one instanceof SlipwayError);
  const hints = [...new Set(ours.flatMap(({ hint }) => (hint === undefined ? [] : [hint])))];
  const places = placesOf(ours);
  if (options.asJson === true) {
    options.write(jsonLine({ code: first.code, message: messages.join(": "), hints, places }));
    return first.exitCode;
  }
  const say = (text: string): void => options.write(visible(text));
  say(`Error: ${messages.join("\n  because: ")}\n`);
  for (const { file, line, column, frame } of places) {
    if (frame === undefined) continue;
    say(
      `\n${file}${line === undefined ? "" : `:${line}`}${column === undefined ? "" : `:${column}`}\n${frame}\n`,
    );
  }
  for (const hint of hints) say(`Next: ${hint}\n`);
  if (options.isDebug && first.stack !== undefined) say(`${first.stack}\n`);
  return first.exitCode;
}

/** Each place once, under the outermost name: a cause may know the file by the engine's name for it. */
function placesOf(errors: readonly SlipwayError[]): readonly SourcePlace[] {
  const places: SourcePlace[] = [];
  for (const { place } of errors) {
    if (place === undefined) continue;
    const isKnown = places.some(
      (one) => one.frame !== undefined && one.frame === place.frame && one.line === place.line,
    );
    if (!isKnown) places.push(place);
  }
  return places;
}

/** What the machine refused, wherever it was met, is no defect: an error with its next step. */
function known(error: unknown): unknown {
  if (error instanceof SlipwayError) return error;
  const { code, path, syscall } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  if (code === undefined || (syscall === undefined && MACHINE[code] === undefined)) return error;
  const hint = MACHINE[code];
  const at = path === undefined ? "" : ` ${path}`;
  return new SlipwayError(
    code === "ENOSPC" || code === "EDQUOT" ? "DISK_FULL" : "MACHINE",
    `The machine refused${at}`,
    {
      cause: error,
      ...(hint === undefined ? {} : { hint }),
    },
  );
}

const ROOM = "Make room there, or put slipway's home elsewhere: --home-dir";
const MACHINE: Readonly<Record<string, string>> = {
  ENOSPC: ROOM,
  EDQUOT: ROOM,
  EACCES: "Give this user access to it, or put slipway's home elsewhere: --home-dir",
  EPERM: "Give this user access to it, or put slipway's home elsewhere: --home-dir",
  ENOTDIR: "A part of that path is a file; correct the path, or put slipway's home elsewhere: --home-dir",
  EISDIR: "That path is a directory where a file is needed; correct it",
  EROFS: "Put slipway's home where it may write: --home-dir",
  EMFILE: "Allow more open files: ulimit -n 65536",
};

function jsonLine(facts: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify({ time: new Date().toISOString(), type: "error", ...facts })}\n`;
}
