import { readFile } from "node:fs/promises";
import { SlipwayError } from "#errors";
import { findProgram, run } from "#process";
import { TOOL_PATH } from "./tools.ts";

/** Whether this process lives in a user namespace, where root is only root over what is mapped. */
export async function isInUserNamespace(): Promise<boolean> {
  const map = await readFile("/proc/self/uid_map", "utf8").catch(() => "");
  return map.trim() !== "" && !/^\s*0\s+0\s+4294967295\s*$/.test(map);
}

/**
 * The argument array that runs a whole program as root of a user namespace of its own, with the subordinate ids of the user
 * and a private view of the mounts. Files and processes that it leaves behind belong to the user; whatever later works on
 * them, such as a cleaning of the store, must be run in the same way.
 *
 * @see unshare(1), subuid(5)
 */
export function userNamespaceCommand(argv: readonly string[]): readonly string[] {
  return ["unshare", "--user", "--map-root-user", "--map-auto", "--mount", "--", ...argv];
}

/**
 * Makes sure, before a program is started with userNamespaceCommand(), that it will start.
 *
 * @param user name and number of the user, as /etc/subuid may have either.
 * @throws {SlipwayError} SANDBOX_NO_USER_NAMESPACES, SANDBOX_NO_SUBORDINATE_IDS, SANDBOX_NO_NEWUIDMAP,
 * SANDBOX_PROGRAM_TOO_OLD; each with the next step.
 */
export async function assertUserNamespaces(user: {
  readonly name: string;
  readonly uid: number;
}): Promise<void> {
  for (const problem of await userNamespaceProblems(user)) throw problem;
}

export async function userNamespaceProblems(user: {
  name: string;
  uid: number;
}): Promise<readonly SlipwayError[]> {
  const problems: SlipwayError[] = [];
  const [major = 0, minor = 0] = await unshareVersion();
  if (major < 2 || (major === 2 && minor < 38)) {
    problems.push(
      new SlipwayError(
        "SANDBOX_PROGRAM_TOO_OLD",
        `Cannot work without root: unshare is version ${major}.${minor}, 2.38 is needed`,
        {
          hint: "Install util-linux 2.38 or later, or run slipway as root",
        },
      ),
    );
  }
  if (
    (await findProgram("newuidmap", TOOL_PATH)) === undefined ||
    (await findProgram("newgidmap", TOOL_PATH)) === undefined
  ) {
    problems.push(
      new SlipwayError(
        "SANDBOX_NO_NEWUIDMAP",
        "Cannot work without root: newuidmap and newgidmap are not installed",
        {
          hint: "Install them, apt-get install uidmap or dnf install shadow-utils, or run slipway as root",
        },
      ),
    );
  }
  for (const [file, flag] of [
    ["/etc/subuid", "--add-subuids"],
    ["/etc/subgid", "--add-subgids"],
  ] as const) {
    if (hasSubordinateIds(await readFile(file, "utf8").catch(() => ""), user)) continue;
    problems.push(
      new SlipwayError(
        "SANDBOX_NO_SUBORDINATE_IDS",
        `Cannot work without root: ${file} has no range for ${user.name}`,
        {
          hint: `Have root run: usermod ${flag} 100000-165535 ${user.name}`,
        },
      ),
    );
  }
  if (problems.length > 0) return problems;
  const tried = await run(
    "unshare",
    userNamespaceCommand(["mount", "-t", "tmpfs", "none", "/tmp"]).slice(1),
    {
      env: { PATH: TOOL_PATH },
      accept: ANY_CODE,
    },
  );
  if (tried.code === 0) return [];
  const said = tried.stderr.trim().split("\n").at(-1) ?? "";
  return [
    new SlipwayError(
      "SANDBOX_NO_USER_NAMESPACES",
      `Cannot work without root: the kernel gives no user namespace (${said})`,
      {
        hint: await namespaceHint(),
      },
    ),
  ];
}

/** Pure part of the check of subuid(5): a range of at least 65536 ids, under the name or the number. */
export function hasSubordinateIds(
  text: string,
  user: { readonly name: string; readonly uid: number },
): boolean {
  return text.split("\n").some((line) => {
    const [owner, , count] = line.split(":");
    return (owner === user.name || owner === String(user.uid)) && Number(count) >= 65536;
  });
}

export async function unshareVersion(): Promise<readonly number[]> {
  const { stdout } = await run("unshare", ["--version"], { env: { PATH: TOOL_PATH } });
  return (/(\d+)\.(\d+)/.exec(stdout.toString()) ?? []).slice(1).map(Number);
}

/** The switches of distributions, most likely first. */
async function namespaceHint(): Promise<string> {
  for (const [name, off, on] of [
    ["kernel/apparmor_restrict_unprivileged_userns", "1", "0"],
    ["kernel/unprivileged_userns_clone", "0", "1"],
    ["user/max_user_namespaces", "0", "28633"],
  ] as const) {
    const value = await readFile(`/proc/sys/${name}`, "utf8").catch(() => "");
    if (value.trim() === off)
      return `Have root run: sysctl -w ${name.replaceAll("/", ".")}=${on}; or run slipway as root`;
  }
  return "Run slipway as root; inside a container, start that container with --privileged";
}

const ANY_CODE = Array.from({ length: 256 }, (_, code) => code);
