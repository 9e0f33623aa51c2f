import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, start } from "#process";

const root = join(import.meta.dirname, "../..");

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  /** What was said: the log, and errors. */
  readonly stderr: string;
}

/** An example, copied to a directory of its own and committed there, with a home of slipway's own. */
export interface ExampleProject extends AsyncDisposable {
  readonly directory: string;
  readonly home: string;
  commit(message: string): Promise<void>;
  edit(file: string, change: (text: string) => string): Promise<void>;
  git(...args: readonly string[]): Promise<string>;
  /** Runs the shipped program in the project's directory. */
  slipway(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Outcome>;
  /** Starts it, to be stopped on the way. */
  begin(args: readonly string[], env?: Readonly<Record<string, string>>): Begun;
}

export interface Begun {
  /** Resolves once the log matches; rejects when the program ends first. */
  said(pattern: RegExp): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Outcome>;
}

const IDENTITY = ["-c", "user.name=Example", "-c", "user.email=example@example.com"];
const DATES = { GIT_AUTHOR_DATE: "2024-05-01T10:00:00Z", GIT_COMMITTER_DATE: "2024-05-01T10:00:00Z" };

/** Works without any git configuration: who commits is said on the command line. */
export async function copyExample(
  example: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<ExampleProject> {
  const top = await mkdtemp(join(tmpdir(), "slipway-example-"));
  const directory = join(top, "project");
  const home = join(top, "home");
  await cp(join(root, "examples", example), directory, { recursive: true });
  const base = { PATH: process.env["PATH"] ?? "", HOME: top, GIT_CONFIG_NOSYSTEM: "1", LANG: "C.UTF-8" };
  const git = async (...args: readonly string[]): Promise<string> =>
    (await run("git", [...IDENTITY, ...args], { cwd: directory, env: { ...base, ...DATES } })).stdout
      .toString()
      .trim();
  await git("init", "--quiet", "--initial-branch=main");
  await git("add", "--all");
  await git("commit", "--quiet", "--message=first");
  return {
    directory,
    home,
    git,
    async commit(message) {
      await git("add", "--all");
      await git("commit", "--quiet", `--message=${message}`);
    },
    async edit(file, change) {
      const path = join(directory, file);
      await writeFile(path, change(await readFile(path, "utf8")));
    },
    begin(args, env = {}) {
      const { child, ended } = start(
        process.execPath,
        [join(root, "bin/slipway.js"), ...args],
        { cwd: directory, env: { ...base, SLIPWAY_HOME: home, CI: "true", ...settings, ...env } },
        ["ignore", "pipe", "pipe"],
      );
      let stdout = "";
      let stderr = "";
      child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
      child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
      return {
        said: (pattern) =>
          new Promise((resolve, reject) => {
            const look = (): void => {
              if (pattern.test(stderr)) resolve();
            };
            child.stderr?.on("data", look);
            look();
            void ended.then(() =>
              reject(new Error(`it ended without saying ${String(pattern)}:\n${stderr}`)),
            );
          }),
        kill: (signal) => void child.kill(signal),
        ended: ended.then((code) => ({ code, stdout, stderr })),
      };
    },
    async slipway(args, env = {}) {
      const result = await run(process.execPath, [join(root, "bin/slipway.js"), ...args], {
        cwd: directory,
        env: { ...base, SLIPWAY_HOME: home, CI: "true", ...settings, ...env },
        accept: Array.from({ length: 256 }, (_, code) => code),
      });
      return { code: result.code, stdout: result.stdout.toString(), stderr: result.stderr };
    },
    [Symbol.asyncDispose]: () => rm(top, { recursive: true, force: true }),
  };
}
