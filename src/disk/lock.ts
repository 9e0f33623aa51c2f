import { randomBytes } from "node:crypto";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SlipwayError } from "#errors";
import { makeDirectory } from "./directory.ts";

export interface LockOptions {
  readonly signal?: AbortSignal;
  /** How long to wait for another holder; 10 minutes unless told. */
  readonly timeoutMs?: number;
  /** Called once when somebody else holds the lock. */
  readonly onWait?: (holder: string) => void;
}

/**
 * Runs `work` while holding the lock file `path`. The file names its holder by process id and start time, so the lock of a
 * killed process is taken over at once, and a reused process id is not mistaken for its holder.
 *
 * @throws {SlipwayError} LOCK_TIMEOUT when another process holds it for longer than `timeoutMs`.
 */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  const token = await acquire(path, options);
  try {
    return await work();
  } finally {
    if ((await holderOf(path)) === token) await rm(path, { force: true });
  }
}

async function acquire(path: string, options: LockOptions): Promise<string> {
  await makeDirectory(dirname(path));
  const token = `${process.pid} ${await startTime(process.pid)} ${randomBytes(6).toString("hex")}`;
  const mine = `${path}.${process.pid}-${randomBytes(4).toString("hex")}`;
  const deadline = Date.now() + (options.timeoutMs ?? 600_000);
  let isWaiting = false;
  await writeFile(mine, token);
  try {
    for (;;) {
      if (await tryLink(mine, path)) return token;
      const holder = await holderOf(path);
      if (holder !== undefined && !(await isAlive(holder))) {
        await takeAway(path, holder);
        continue;
      }
      if (!isWaiting) options.onWait?.(holder?.split(" ")[0] ?? "unknown");
      isWaiting = true;
      if (Date.now() > deadline) {
        throw new SlipwayError(
          "LOCK_TIMEOUT",
          `Cannot lock ${path}: process ${holder?.split(" ")[0]} holds it`,
          {
            hint: "Wait for that process to end, or end it, and run the command again",
          },
        );
      }
      await sleep(50, undefined, options.signal ? { signal: options.signal } : {});
    }
  } finally {
    await rm(mine, { force: true });
  }
}

/** Moves a dead holder's file aside first, so that two takers cannot remove each other's new lock. */
async function takeAway(path: string, holder: string): Promise<void> {
  const aside = `${path}.dead-${randomBytes(4).toString("hex")}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  if ((await holderOf(aside)) !== holder) await tryLink(aside, path);
  await rm(aside, { force: true });
}

async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function holderOf(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch(() => undefined);
}

async function isAlive(holder: string): Promise<boolean> {
  const [pid, started] = holder.split(" ");
  const now = await startTime(Number(pid));
  return now !== "" && now === started;
}

/** Start time of a process in clock ticks since boot; empty when there is no such process, or only its exit code. */
async function startTime(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" ? "" : (fields[19] ?? "");
}
