import { lstatSync, readlinkSync, type Stats } from "node:fs";
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
export function resolveInRoot(root: string, path: string): RootedPath {
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
    const found: Stats | undefined = exists ? lstatSync(root + here, { throwIfNoEntry: false }) : undefined;
    if (found?.isSymbolicLink() === true) {
      if (++links > 40)
        throw new SlipwayError("SANDBOX_LINK_LOOP", `Cannot follow ${path} in the image: too many links`);
      const target = readlinkSync(root + here);
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
