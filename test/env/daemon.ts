import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readIfExists, writeAtomically } from "#disk";
import { cached, runDirectory } from "./cache.ts";
import { programEnv } from "./shell.ts";

export interface Daemon {
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A network namespace of `ip netns` to run in; entered by nsenter, which leaves /sys and so the cgroups alone. */
  readonly network?: string;
}

/** Where the output of a daemon goes; that of the one before it is beside it, as `.previous`. */
export function daemonLog(name: string): string {
  return cached("log", `${name}.log`);
}

/** Starts a program that outlives this process, unless it runs already with this very command. */
export async function startDaemon(daemon: Daemon): Promise<void> {
  const command = commandOf(daemon);
  const running = await runningDaemon(daemon.name);
  if (running !== undefined) {
    if (running.command === command.join("\0")) return;
    await stopDaemon(daemon.name);
  }
  mkdirSync(dirname(daemonLog(daemon.name)), { recursive: true });
  await rename(daemonLog(daemon.name), `${daemonLog(daemon.name)}.previous`).catch(() => undefined);
  const log = openSync(daemonLog(daemon.name), "a");
  const child = spawn(command[0] ?? "", command.slice(1), {
    cwd: "/",
    detached: true,
    stdio: ["ignore", log, log],
    env: programEnv(daemon.env),
  });
  closeSync(log);
  await new Promise<void>((resolve, reject) => void child.once("spawn", resolve).once("error", reject));
  child.unref();
  const pid = child.pid ?? 0;
  await writeAtomically(
    pidFile(daemon.name),
    JSON.stringify({ pid, started: await startTime(pid), command: command.join("\0") }),
  );
}

/** Ends a daemon: SIGTERM, and SIGKILL when it is still there after `graceMs`. */
export async function stopDaemon(name: string, graceMs = 5000): Promise<void> {
  const running = await runningDaemon(name);
  if (running !== undefined) await endProcess(running.pid, graceMs);
  await rm(pidFile(name), { force: true });
}

export async function isRunning(name: string): Promise<boolean> {
  return (await runningDaemon(name)) !== undefined;
}

export async function endProcess(pid: number, graceMs: number): Promise<void> {
  const started = await startTime(pid);
  for (const [signal, patienceMs] of [
    ["SIGTERM", graceMs],
    ["SIGKILL", 5000],
  ] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    const until = Date.now() + patienceMs;
    while (Date.now() < until) {
      if ((await startTime(pid)) !== started) return;
      await sleep(20);
    }
  }
}

/** Waits until `isReady`; gives up when the daemon that must bring it about has ended, or after two minutes. */
export async function until(what: string, daemon: string, isReady: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!(await isReady().catch(() => false))) {
    const isDead = !(await isRunning(daemon));
    if (isDead || Date.now() > deadline) {
      const why = isDead ? `${daemon} ended` : `${what} is not ready after two minutes`;
      const log = (await readIfExists(daemonLog(daemon))) ?? "";
      throw new Error(
        `${why}; the end of ${daemonLog(daemon)}:\n${log.trimEnd().split("\n").slice(-15).join("\n")}`,
      );
    }
    await sleep(100);
  }
}

interface Running {
  readonly pid: number;
  readonly started: string;
  readonly command: string;
}

async function runningDaemon(name: string): Promise<Running | undefined> {
  const text = await readIfExists(pidFile(name));
  if (text === undefined) return undefined;
  const running = JSON.parse(text) as Running;
  return running.started !== "" && (await startTime(running.pid)) === running.started ? running : undefined;
}

function commandOf(daemon: Daemon): readonly string[] {
  return daemon.network === undefined
    ? daemon.command
    : ["nsenter", `--net=/run/netns/${daemon.network}`, ...daemon.command];
}

function pidFile(name: string): string {
  return join(runDirectory, "daemons", `${name}.json`);
}

/** Start time of a living process in clock ticks since boot; empty when there is none, or only its corpse. */
async function startTime(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" ? "" : (fields[19] ?? "");
}
