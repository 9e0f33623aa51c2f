import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { scratchDirectory } from "#disk";
import { findProgram, run } from "#process";
import { TOOL_PATH } from "./tools.ts";
import {
  isInUserNamespace,
  unshareVersion,
  userNamespaceCommand,
  userNamespaceProblems,
} from "./user-namespace.ts";

/** One line of `slipway doctor`. */
export interface SandboxFinding {
  readonly name: string;
  readonly isOk: boolean;
  /** What was found, for a person. */
  readonly detail: string;
  /** The next step, when something is wrong. */
  readonly hint?: string;
}

/**
 * Says whether commands can run in images on this machine, by trying it.
 *
 * @param directory where the store is or will be: overlayfs depends on the file system.
 * @param user who runs slipway; without root it needs subordinate ids.
 */
export async function probeSandbox(
  directory: string,
  user: { readonly name: string; readonly uid: number },
): Promise<readonly SandboxFinding[]> {
  const programs = await probePrograms();
  if (programs.some((finding) => !finding.isOk)) return programs;
  const privileges = await probePrivileges(user);
  if (privileges.some((finding) => !finding.isOk)) return [...programs, ...privileges];
  return [...programs, ...privileges, await probeOverlay(directory, user.uid !== 0)];
}

async function probePrograms(): Promise<readonly SandboxFinding[]> {
  const missing: string[] = [];
  for (const name of ["unshare", "mount", "setpriv", "env", "sh"]) {
    if ((await findProgram(name, TOOL_PATH)) === undefined) missing.push(name);
  }
  if (missing.length > 0) {
    const hint = "Install the packages util-linux and coreutils";
    return [{ name: "util-linux", isOk: false, detail: `${missing.join(", ")} not found`, hint }];
  }
  return [{ name: "util-linux", isOk: true, detail: (await unshareVersion()).join(".") }];
}

async function probePrivileges(user: {
  readonly name: string;
  readonly uid: number;
}): Promise<readonly SandboxFinding[]> {
  if (user.uid === 0) {
    const detail = (await isInUserNamespace()) ? "root of a user namespace" : "root";
    return [{ name: "privileges", isOk: true, detail }];
  }
  const problems = await userNamespaceProblems(user);
  if (problems.length === 0)
    return [{ name: "privileges", isOk: true, detail: `${user.name}, with user namespaces` }];
  return problems.map(({ message, hint }) => ({
    name: "privileges",
    isOk: false,
    detail: message,
    ...(hint === undefined ? {} : { hint }),
  }));
}

async function probeOverlay(directory: string, isPlainUser: boolean): Promise<SandboxFinding> {
  await using scratch = await scratchDirectory(directory, "probe");
  await Promise.all(["lower", "upper", "work", "merged"].map((name) => mkdir(join(scratch.path, name))));
  const isNested = isPlainUser || (await isInUserNamespace());
  const options = `lowerdir=lower,upperdir=upper,workdir=work${isNested ? ",userxattr" : ""}`;
  const script = `mount -n -t overlay overlay -o ${options} merged && : > merged/file && test -e upper/file`;
  const argv = ["unshare", "--mount", "sh", "-c", script];
  const [program = "", ...args] = isPlainUser ? userNamespaceCommand(argv) : argv;
  const { code, stderr } = await run(program, args, {
    cwd: scratch.path,
    env: { PATH: TOOL_PATH },
    accept: ANY_CODE,
  });
  if (code === 0) return { name: "overlayfs", isOk: true, detail: `works in ${directory}` };
  return {
    name: "overlayfs",
    isOk: false,
    detail: stderr.trim().split("\n")[0] ?? "",
    hint: isPlainUser
      ? "Use Linux 5.11 or later and a home directory on a local file system such as ext4 or xfs, or run slipway as root"
      : "Put the home directory of slipway (SLIPWAY_HOME) on a local file system such as ext4 or xfs; inside a container, start it with --privileged",
  };
}

const ANY_CODE = Array.from({ length: 256 }, (_, code) => code);
