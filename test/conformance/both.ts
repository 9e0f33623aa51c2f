import { run } from "#process";
import type { Context } from "../../src/cli/command.ts";
import { ROOT } from "../../src/cli/commands.ts";
import { dispatch } from "../../src/cli/dispatch.ts";

/** How a run of helm ended, the real one or ours. */
export interface Outcome {
  readonly code: number;
  readonly output: string;
  /** What a failure says first. */
  readonly error: string;
}

process.env["TZ"] = "UTC";

export async function byHelm(helm: string, words: readonly string[], home: string): Promise<Outcome> {
  const { code, stdout, stderr } = await run(helm, words, { env: environment(home), accept: [0, 1] });
  return { code, output: stdout.toString(), error: firstFault(stderr) };
}

/** The same words by slipway, in this process, from the command line down. */
export async function bySlipway(words: readonly string[], home: string): Promise<Outcome> {
  let output = "";
  let talk = "";
  const context: Context = {
    calledAs: "helm",
    version: "dev",
    env: environment(home),
    cwd: process.cwd(),
    userHome: home,
    isTerminal: false,
    isOutputTerminal: false,
    width: 140,
    signal: new AbortController().signal,
    stoppedBy: () => undefined,
    now: () => new Date(),
    out: (text) => (output += text),
    err: (text) => (talk += text),
  };
  const code = await dispatch(ROOT, words, context);
  return { code, output, error: firstFault(talk) };
}

function environment(home: string): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "", HOME: home, TZ: "UTC" };
}

function firstFault(text: string): string {
  return text.split("\n").find((line) => line.startsWith("Error: ")) ?? text.split("\n")[0] ?? "";
}
