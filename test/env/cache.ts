import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { exists, withLock } from "#disk";
import { say } from "./progress.ts";

/** Everything that is made or downloaded once and kept: outside the checkout, so that clones share it. */
export const cacheDirectory: string =
  process.env["SLIPWAY_TEST_CACHE"] ?? join(homedir(), ".cache", "slipway-test");

/** Sockets, mounts and process ids: what a reboot ends. A plain user may not write to /run. */
export const runDirectory: string =
  process.getuid?.() === 0 ? "/run/slipway-test" : join(cacheDirectory, "run");

export function cached(...names: readonly string[]): string {
  return join(cacheDirectory, ...names);
}

/** One process at a time works on a part; the others wait and then find it done. */
export async function alone<T>(part: string, work: () => Promise<T>): Promise<T> {
  return withLock(cached("locks", part), work, {
    timeoutMs: 45 * 60_000,
    onWait: (holder) => say(part, `process ${holder} is at it, waiting`),
  });
}

/** Makes `path` unless it is there; `make` must leave it whole or not at all. */
export async function madeOnce(part: string, path: string, make: () => Promise<void>): Promise<string> {
  if (await exists(path)) return path;
  await alone(part, async () => {
    if (!(await exists(path))) await make();
  });
  return path;
}

/** A short name for the content of files and texts: the same inputs, the same name. */
export async function fingerprint(files: readonly string[], texts: readonly string[] = []): Promise<string> {
  const hash = createHash("sha256");
  for (const file of files) hash.update(await readFile(file)).update("\0");
  for (const text of texts) hash.update(text).update("\0");
  return hash.digest("hex").slice(0, 12);
}
