import { randomBytes } from "node:crypto";
import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";
import { processStartTime } from "#process";

/**
 * Who holds a lease: `HOST PID START PIDSPACE RANDOM`, so that a holder of this machine that is dead is known to be dead.
 * PIDSPACE tells containers of one host apart.
 */
export async function newHolder(): Promise<string> {
  return [
    hostname(),
    process.pid,
    (await processStartTime(process.pid)) ?? "-",
    await pidSpace(),
    randomBytes(4).toString("hex"),
  ].join(" ");
}

/** Whether a holder was a process of this machine that has ended. */
export async function isDead(holder: string): Promise<boolean> {
  const [host, pid, start, space] = holder.split(" ");
  if (host !== hostname() || space === undefined || space === "-" || space !== (await pidSpace()))
    return false;
  return ((await processStartTime(Number(pid))) ?? "-") !== start;
}

/** The host and process of a holder, for people. */
export function holderName(holder: string): string {
  const [host, pid] = holder.split(" ");
  return pid === undefined ? holder : `process ${pid} on ${host}`;
}

async function pidSpace(): Promise<string> {
  const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "");
  const link = await readlink("/proc/self/ns/pid").catch(() => "");
  const inode = /\d+/.exec(link)?.[0];
  return boot === "" || inode === undefined ? "-" : `${boot.trim().slice(0, 8)}-${inode}`;
}
