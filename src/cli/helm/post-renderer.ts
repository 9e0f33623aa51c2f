import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { SlipwayError } from "#errors";
import { findProgram, run } from "#process";
import type { Context, Invocation } from "../command.ts";
import { fault } from "./arguments.ts";

/** Gives the objects of a chart to a program and answers what it makes of them. */
export type PostRenderer = (objects: string) => Promise<string>;

/** The program of `--post-renderer`; undefined where there is none. */
export async function postRendererOf(call: Invocation): Promise<PostRenderer | undefined> {
  const { flags, context } = call;
  const word = flags.text("post-renderer") ?? "";
  if (word === "") return undefined;
  const path = await pathOf(word, context);
  const args = flags.list("post-renderer-args");
  return async (objects) => {
    const { env, cwd, signal } = context;
    const outcome = await run(path, args, { env, cwd, signal, input: objects, accept: ANY_CODE }).catch(
      (error: unknown) => {
        if (!(error instanceof SlipwayError)) throw error;
        if (error.code === "PROGRAM_OUTPUT") throw failed(path, "", error.message);
        throw error.code === "PROGRAM_MISSING"
          ? failed(path, "", `fork/exec ${path}: ${whyNotStarted(error.cause)}`, error)
          : error;
      },
    );
    if (outcome.signal !== undefined) {
      throw failed(path, outcome.stderr, `signal: ${SIGNALS.get(outcome.signal) ?? outcome.signal}`);
    }
    if (outcome.code !== 0) throw failed(path, outcome.stderr, `exit status ${outcome.code}`);
    return outcome.stdout.toString();
  };
}

const ANY_CODE = Array.from({ length: 256 }, (_, code) => code);

/** As Go names them, where a program is likely to end by one. */
const SIGNALS: ReadonlyMap<NodeJS.Signals, string> = new Map([
  ["SIGHUP", "hangup"],
  ["SIGINT", "interrupt"],
  ["SIGQUIT", "quit"],
  ["SIGABRT", "aborted"],
  ["SIGKILL", "killed"],
  ["SIGSEGV", "segmentation fault"],
  ["SIGPIPE", "broken pipe"],
  ["SIGTERM", "terminated"],
]);

/** The system's words; a file that is no program has its own code, which differs from system to system. */
function whyNotStarted(cause: unknown): string {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === "ENOENT") return "no such file or directory";
  return code === "EACCES" ? "permission denied" : "exec format error";
}

/** As Go finds a program: a name on the PATH, or a path that can be run. */
async function pathOf(word: string, { env, cwd }: Context): Promise<string> {
  const missing = (reason: string): SlipwayError =>
    fault(
      `invalid argument "${word}" for "--post-renderer" flag: unable to find binary at ${word}: exec: "${word}": ${reason}`,
    );
  if (!word.includes("/")) {
    const found = await findProgram(word, env["PATH"] ?? "");
    if (found === undefined) throw missing("executable file not found in $PATH");
    return resolve(cwd, found);
  }
  const path = resolve(cwd, word);
  const info = await stat(path).catch(() => undefined);
  if (info === undefined) throw missing(`stat ${word}: no such file or directory`);
  if (info.isDirectory()) throw missing("is a directory");
  const mayRun = await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!mayRun) throw missing("permission denied");
  return path;
}

function failed(path: string, said: string, how: string, cause?: unknown): SlipwayError {
  return new SlipwayError(
    "HELM_POST_RENDERER",
    `error while running post render on files: error while running command ${path}. error output:\n${said}: ${how}`,
    cause === undefined ? {} : { cause },
  );
}
