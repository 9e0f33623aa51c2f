import { userInfo } from "node:os";
import { join } from "node:path";
import { whatNetworkLacks } from "#containers";
import { findProgram, run } from "#process";
import { probeSandbox } from "#sandbox";
import { table } from "#terminal";
import type { Invocation } from "./command.ts";
import { homeDirectory } from "./open.ts";

/** Tries what builds need on this machine and says what is missing; the exit code is 1 when something is. */
export async function runDoctor(call: Invocation): Promise<number> {
  const { context } = call;
  const { username, uid } = userInfo();
  const findings = [
    { name: "node", isOk: true, detail: process.version },
    await probeGit(context.env["PATH"] ?? ""),
    await probeAttributes(context.env["PATH"] ?? ""),
    ...(await probeSandbox(join(homeDirectory(call.flags, context), "store"), { name: username, uid })),
    await probeNetwork(uid !== 0),
  ];
  context.out(
    `${table(findings.map((one) => [one.isOk ? "ok" : "MISSING", one.name, one.detail])).join("\n")}\n`,
  );
  const broken = findings.filter((one) => !one.isOk);
  for (const one of broken)
    if ("hint" in one && one.hint !== undefined) context.out(`Next for ${one.name}: ${one.hint}\n`);
  return broken.length === 0 ? 0 : 1;
}

async function probeGit(
  path: string,
): Promise<{ name: string; isOk: boolean; detail: string; hint?: string }> {
  if ((await findProgram("git", path)) === undefined) {
    return { name: "git", isOk: false, detail: "not on the PATH", hint: "Install git 2.18 or later" };
  }
  const { stdout } = await run("git", ["--version"], { env: { PATH: path } });
  return { name: "git", isOk: true, detail: stdout.toString().trim() };
}

/** Not needed by most builds, so its absence is told and nothing more. */
async function probeAttributes(path: string): Promise<{ name: string; isOk: true; detail: string }> {
  const isThere = (await findProgram("getfattr", path)) !== undefined;
  const lost =
    'not installed: file capabilities (setcap) of build commands are lost; install the package "attr"';
  return { name: "attr", isOk: true, detail: isThere ? "getfattr is there" : lost };
}

/** Builds do without, and so does a container with the machine's own network: told as attributes are. */
async function probeNetwork(isPlainUser: boolean): Promise<{ name: string; isOk: true; detail: string }> {
  const lack = await whatNetworkLacks(isPlainUser);
  const detail =
    lack === undefined ? "containers get one of their own" : `run works with --network host only: ${lack}`;
  return { name: "network", isOk: true, detail };
}
