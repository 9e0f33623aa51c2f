import { SlipwayError } from "#errors";
import { findProgram } from "#process";

/** Where util-linux and coreutils put what a sandbox is made of, whatever the user's PATH says. */
export const TOOL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export interface Tools {
  readonly sh: string;
  readonly mount: string;
  readonly unshare: string;
  readonly setpriv: string;
  readonly env: string;
  readonly mkfifo: string;
}

let found: Promise<Tools> | undefined;

/** @throws {SlipwayError} SANDBOX_PROGRAM_MISSING */
export function sandboxTools(): Promise<Tools> {
  found ??= findTools();
  return found;
}

async function findTools(): Promise<Tools> {
  const [sh, mount, unshare, setpriv, env, mkfifo] = await Promise.all([
    findTool("sh"),
    findTool("mount"),
    findTool("unshare"),
    findTool("setpriv"),
    findTool("env"),
    findTool("mkfifo"),
  ]);
  return { sh, mount, unshare, setpriv, env, mkfifo };
}

async function findTool(name: string): Promise<string> {
  const path = await findProgram(name, TOOL_PATH);
  if (path !== undefined) return path;
  throw new SlipwayError(
    "SANDBOX_PROGRAM_MISSING",
    `Cannot run a command in an image: ${name} is not installed`,
    {
      hint: "Install the packages util-linux and coreutils",
    },
  );
}
