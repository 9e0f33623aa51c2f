import { randomBytes } from "node:crypto";
import { open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { makeDirectory } from "./directory.ts";

/**
 * Writes a file so that readers see either the old content or the whole new one, also after a power cut:
 * hidden temporary name beside it, fsync, rename, fsync of the directory. Missing directories are made. What killed
 * writers of the same file have left is removed after an hour, when nobody can be writing it still.
 */
export async function writeAtomically(
  path: string,
  content: string | Uint8Array,
  mode = 0o644,
): Promise<void> {
  const directory = dirname(path);
  await makeDirectory(directory);
  const prefix = `.${basename(path)}.tmp-`;
  const temporary = join(directory, `${prefix}${process.pid}-${randomBytes(4).toString("hex")}`);
  try {
    const file = await open(temporary, "wx", mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(directory);
  await removeOld(directory, prefix);
}

const HOUR_MS = 3_600_000;

async function removeOld(directory: string, prefix: string): Promise<void> {
  for (const name of await readdir(directory).catch(() => [])) {
    if (!name.startsWith(prefix)) continue;
    const left = join(directory, name);
    const found = await stat(left).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > HOUR_MS) await rm(left, { force: true });
  }
}

/** The text of a file, or undefined when there is none. */
export async function readIfExists(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function isAbsent(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === "ENOENT" || code === "ENOTDIR";
}
