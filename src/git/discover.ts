import { readFile, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { SlipwayError } from "#errors";

export interface Place {
  readonly workTree: string;
  /** Holds HEAD and the index; in a linked work tree its own directory. */
  readonly gitDir: string;
  /** Holds objects and branches; shared by all work trees. */
  readonly commonDir: string;
}

/**
 * Finds the work tree that holds a directory by looking for `.git` upward: a directory, or, in linked work trees and
 * submodules, a file that names one.
 *
 * @throws {SlipwayError} GIT_NO_REPOSITORY
 */
export async function discover(directory: string): Promise<Place> {
  for (let at = resolve(directory); ; at = dirname(at)) {
    const gitDir = await gitDirectoryOf(join(at, ".git"));
    if (gitDir !== undefined) {
      const common = await readFile(join(gitDir, "commondir"), "utf8").catch(() => ".");
      return { workTree: at, gitDir, commonDir: resolve(gitDir, common.trim()) };
    }
    if (at === dirname(at)) break;
  }
  throw new SlipwayError("GIT_NO_REPOSITORY", `${resolve(directory)} is not in a Git repository`, {
    hint: "Run slipway in a clone, or make one: git init && git add . && git commit",
  });
}

async function gitDirectoryOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  const gitDir = found.isDirectory() ? path : await linkedDirectory(path);
  if (gitDir === undefined) return undefined;
  const head = await stat(join(gitDir, "HEAD")).catch(() => undefined);
  return head?.isFile() ? gitDir : undefined;
}

async function linkedDirectory(path: string): Promise<string | undefined> {
  const named = /^gitdir: (.+)$/m.exec(await readFile(path, "utf8"));
  return named === null ? undefined : resolve(dirname(path), named[1] ?? "");
}
