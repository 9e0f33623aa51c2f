import { StringDecoder } from "node:string_decoder";
import type { Readable } from "node:stream";
import { startSandbox } from "./start.ts";
import type { SandboxResult, SandboxStep } from "./step.ts";

export interface RunInSandboxOptions {
  /** Ends every process of the step; the call then throws the signal's reason. */
  readonly signal?: AbortSignal;
  /** Output as it comes, whole lines with their end where the command writes such. */
  readonly onOutput?: (stream: "stdout" | "stderr", text: string) => void;
}

/**
 * Runs one command to its end. Its stdin is empty, its umask 022. A background process that it leaves is ended with it. What
 * the sandbox itself needed in the root, mount points included, is not in `upper` afterwards.
 *
 * The directories are the caller's, before and after. `upper` is not synced to disk: whoever keeps it does that.
 *
 * @throws {SlipwayError} SANDBOX_SETUP_FAILED, SANDBOX_PROGRAM_MISSING, SANDBOX_USER_UNKNOWN, SANDBOX_MOUNT_MISSING. A
 * command that fails is an answer, not an error.
 */
export async function runInSandbox(
  step: SandboxStep,
  options: RunInSandboxOptions = {},
): Promise<SandboxResult> {
  const { signal, onOutput } = options;
  signal?.throwIfAborted();
  await using sandbox = await startSandbox(step, { stdin: "ignore", output: "pipe" });
  const abort = (): void => sandbox.kill();
  signal?.addEventListener("abort", abort);
  if (signal?.aborted === true) abort();
  readLines(sandbox.stdout, (text) => onOutput?.("stdout", text));
  readLines(sandbox.stderr, (text) => onOutput?.("stderr", text));
  const code = await sandbox.ended.finally(() => signal?.removeEventListener("abort", abort));
  signal?.throwIfAborted();
  return { code, opaqueDirectories: await sandbox.opaqueDirectories() };
}

/** A line without an end is passed on at this length, and at the end of the output. */
const LONGEST_LINE = 65_536;

function readLines(stream: Readable | undefined, take: (text: string) => void): void {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  stream?.on("data", (chunk: Buffer) => {
    rest += decoder.write(chunk);
    const end = rest.length > LONGEST_LINE ? rest.length : rest.lastIndexOf("\n") + 1;
    if (end > 0) take(rest.slice(0, end));
    rest = rest.slice(end);
  });
  stream?.on("end", () => {
    rest += decoder.end();
    if (rest !== "") take(rest);
  });
}
