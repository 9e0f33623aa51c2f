import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a directory and those above it that are missing. Node's own recursive mkdir never returns where the
 * parent is there and nothing can be made in it: /proc, a working directory that somebody has removed.
 *
 * @param mode of what is made.
 * @returns the uppermost directory that was made; undefined when all were there.
 */
export async function makeDirectory(path: string, mode = 0o777): Promise<string | undefined> {
  try {
    return await makeOne(path, mode);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || dirname(path) === path) throw error;
  }
  const above = await makeDirectory(dirname(path), mode);
  const made = await makeOne(path, mode);
  return above ?? made;
}

/** Whoever made it, the directory is there; anything else in its place is the error it was. */
async function makeOne(path: string, mode: number): Promise<string | undefined> {
  try {
    await mkdir(path, { mode });
    return path;
  } catch (error) {
    const isThere = await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (!isThere) throw error;
    return undefined;
  }
}
