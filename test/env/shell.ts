import { findProgram, run, type RunOptions, type RunResult } from "#process";

/** The PATH that parts are looked for on: the caller's, and where Debian and Go put what a plain PATH may lack. */
export const searchPath: string = [
  process.env["PATH"] ?? "",
  "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  "/usr/local/go/bin",
].join(":");

/** The environment that every program of the test environment gets. */
export function programEnv(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const inherited = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return { ...Object.fromEntries(inherited), PATH: searchPath, LC_ALL: "C.UTF-8", ...extra };
}

/** Runs a program of this machine to its end with programEnv. */
export async function shell(
  program: string,
  args: readonly string[],
  options: Omit<RunOptions, "env"> & { readonly env?: Readonly<Record<string, string>> } = {},
): Promise<RunResult> {
  return run(program, args, { ...options, env: programEnv(options.env) });
}

export async function has(program: string): Promise<boolean> {
  return (await findProgram(program, searchPath)) !== undefined;
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}
