import { spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { constants as systemConstants } from "node:os";
import { join } from "node:path";
import { SlipwayError } from "#errors";

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

export interface RunResult {
  readonly code: number;
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
 * @throws {SlipwayError} PROGRAM_MISSING when it cannot be started, PROGRAM_FAILED when its exit code is not accepted.
 */
export async function run(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const { child, ended } = start(program, args, options, ["pipe", "pipe", "pipe"]);
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => {
    out.push(chunk);
    options.onOutput?.("stdout", chunk);
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    err.push(chunk);
    options.onOutput?.("stderr", chunk);
  });
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(options.input);
  const code = await ended;
  options.signal?.throwIfAborted();
  const stderr = Buffer.concat(err).toString();
  if (!(options.accept ?? [0]).includes(code)) {
    throw new SlipwayError(
      "PROGRAM_FAILED",
      `${program} ${args[0] ?? ""} ended with code ${code}: ${stderr.trim()}`,
    );
  }
  return { code, stdout: Buffer.concat(out), stderr };
}

/** Starts a program and leaves its streams to the caller. */
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
  const stop = (): void => void child.kill("SIGTERM");
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
