import { lstat, readlink, realpath, symlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Invocation } from "../command.ts";
import { fault } from "./arguments.ts";

/** `slipway helm --install-link DIR`: a link with the name helm, under which this program is Helm. */
export async function runInstallLink(call: Invocation): Promise<undefined> {
  const directory = call.args[0] ?? ".";
  const program = await realpath(process.argv[1] ?? "");
  const link = join(resolve(call.context.cwd, directory), "helm");
  const present = await lstat(link).catch(() => undefined);
  if (present !== undefined) {
    const target = present.isSymbolicLink() ? await readlink(link) : undefined;
    if (target !== program)
      throw fault(`${link} is there already and is not a link to ${program}; nothing was changed`);
    call.context.out(`${link} is there already\n`);
    return undefined;
  }
  await symlink(program, link).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT")
      throw fault(`cannot make the link ${link}: there is no directory ${directory}; make it first`);
    throw fault(`cannot make the link ${link}: ${(error as Error).message}`, error);
  });
  call.context.out(`${link} is ${program}\n`);
  return undefined;
}
