import type { Stats } from "node:fs";
import { lstat, readlink } from "node:fs/promises";
import { SlipwayError } from "#errors";

/** Where a path of a root really is. */
export interface RootedPath {
  /** Path from the root, without links, with a leading slash. */
  readonly path: string;
  readonly exists: boolean;
  /** The directories that are missing above it, outermost first. */
  readonly missing: readonly string[];
}

/**
 * Follows a path inside a root as a process in it would: links are read against the root, and `..` never leaves it.
 * A path that does not exist keeps its remaining words.
 *
 * @param root a directory of this machine.
 * @throws {SlipwayError} SANDBOX_LINK_LOOP
 */
export async function resolveInRoot(root: string, path: string): Promise<RootedPath> {
  const waiting = words(path);
  const walked: string[] = [];
  const missing: string[] = [];
  let links = 0;
  let exists = true;
  while (waiting.length > 0) {
    const word = waiting.shift() ?? "";
    if (word === "..") {
      walked.pop();
      continue;
    }
    const here = `/${[...walked, word].join("/")}`;
    const found: Stats | undefined = exists ? await lstat(root + here).catch(ignoreAbsent) : undefined;
    if (found?.isSymbolicLink() === true) {
      if (++links > 40)
        throw new SlipwayError("SANDBOX_LINK_LOOP", `Cannot follow ${path} in the image: too many links`);
      const target = await readlink(root + here);
      if (target.startsWith("/")) walked.length = 0;
      waiting.unshift(...words(target));
      continue;
    }
    walked.push(word);
    exists = found !== undefined;
    if (!exists && waiting.length > 0) missing.push(here);
  }
  return { path: `/${walked.join("/")}`, exists, missing };
}

function words(path: string): string[] {
  return path.split("/").filter((word) => word !== "" && word !== ".");
}

function ignoreAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
  throw error;
}
