import { spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { constants as systemConstants } from "node:os";
import { join } from "node:path";
import { SlipwayError } from "#errors";
import { endTree } from "./end-tree.ts";

export interface RunOptions {
  readonly cwd?: string;
  /** The whole environment of the child. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  readonly signal?: AbortSignal;
  /** Called with each piece of output as it comes; the result then holds it too. */
  readonly onOutput?: (stream: "stdout" | "stderr", chunk: Buffer) => void;
  /** Exit codes that are an answer, not an error; [0] unless told. */
  readonly accept?: readonly number[];
}

/** Bytes that run() keeps of what a program writes: what fits into one text. */
const LONGEST_OUTPUT = 256 * 1024 * 1024;

export interface RunResult {
  readonly code: number;
  /** What has ended it, where that was a signal. */
  readonly signal: NodeJS.Signals | undefined;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  /** The exit code, or 128 + signal number. */
  readonly ended: Promise<number>;
}

/**
 * Runs a program to its end.
 *
 * @throws {SlipwayError} PROGRAM_MISSING when it cannot be started, PROGRAM_FAILED when its exit code is not accepted,
 *   PROGRAM_OUTPUT when it wrote more than can be kept, for which it is ended.
 */
export async function run(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const overflow = new AbortController();
  const signal = AbortSignal.any([
    overflow.signal,
    ...(options.signal === undefined ? [] : [options.signal]),
  ]);
  const { child, ended } = start(program, args, { ...options, signal }, ["pipe", "pipe", "pipe"]);
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  let length = 0;
  const keep = (chunks: Buffer[], stream: "stdout" | "stderr", chunk: Buffer): void => {
    length += chunk.length;
    if (length > LONGEST_OUTPUT) overflow.abort(tooMuch(program));
    if (signal.aborted) return;
    chunks.push(chunk);
    options.onOutput?.(stream, chunk);
  };
  child.stdout?.on("data", (chunk: Buffer) => keep(out, "stdout", chunk));
  child.stderr?.on("data", (chunk: Buffer) => keep(err, "stderr", chunk));
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(options.input);
  const code = await ended;
  signal.throwIfAborted();
  const stderr = Buffer.concat(err).toString();
  if (!(options.accept ?? [0]).includes(code)) {
    throw new SlipwayError(
      "PROGRAM_FAILED",
      `${program} ${args[0] ?? ""} ended with code ${code}: ${stderr.trim()}`,
    );
  }
  return { code, signal: child.signalCode ?? undefined, stdout: Buffer.concat(out), stderr };
}

function tooMuch(program: string): SlipwayError {
  return new SlipwayError("PROGRAM_OUTPUT", `${program} wrote more than ${LONGEST_OUTPUT} bytes`);
}

/** Starts a program and leaves its streams to the caller. When the signal comes, it and all that it has started end. */
export function start(
  program: string,
  args: readonly string[],
  options: Pick<RunOptions, "cwd" | "env" | "signal"> & {
    /** A session of its own: no terminal, and none of its signals. */
    readonly detached?: boolean;
  },
  stdio: StdioOptions,
): Started {
  const child = spawn(program, args, {
    stdio,
    detached: options.detached ?? false,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
  });
  const stop = (): void => {
    // A stream that a process of theirs keeps open does not hold what waits for the end.
    const leave = (): void => [child.stdout, child.stderr].forEach((stream) => stream?.destroy());
    if (child.pid !== undefined) void endTree(child.pid).finally(leave);
  };
  options.signal?.addEventListener("abort", stop, { once: true });
  const ended = new Promise<number>((resolve, reject) => {
    child.on("error", (cause) => {
      reject(
        new SlipwayError("PROGRAM_MISSING", `Cannot start ${program}: ${cause.message}`, {
          cause,
          hint: `Install ${program} or put it on the PATH`,
        }),
      );
    });
    child.on("close", (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : signalNumber(signal))));
  });
  void ended.catch(() => undefined).finally(() => options.signal?.removeEventListener("abort", stop));
  return { child, ended };
}

/** The full path of a program on the given PATH, or undefined. */
export async function findProgram(name: string, path: string): Promise<string | undefined> {
  for (const directory of path.split(":")) {
    const candidate = join(directory === "" ? "." : directory, name);
    if (
      await access(candidate, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return candidate;
  }
  return undefined;
}

function signalNumber(signal: NodeJS.Signals): number {
  return systemConstants.signals[signal];
}
