import { chmod, lstat, mkdir, readdir, rmdir, unlink, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { resolveInRoot } from "./rooted-path.ts";

/**
 * Finds a place for each mount of a sandbox in its merged root. The root's lowest directory already holds most of them (see
 * staging.ts), so that nothing needs to be made; where an image hides those or has a link into nowhere, the place is made in
 * the merged root, and undo() takes it out of the upper directory again, with every trace that making it left there.
 */
export class MountPoints {
  readonly #merged: string;
  readonly #upper: string;
  readonly #made: string[] = [];
  readonly #touched = new Map<string, Owner>();
  readonly #covered = new Set<string>();

  constructor(merged: string, upper: string) {
    this.#merged = merged;
    this.#upper = upper;
  }

  /** Paths of the root that something is mounted on. */
  get covered(): ReadonlySet<string> {
    return this.#covered;
  }

  /** Answers the path in the root, free of links, at which something of that kind can be mounted. */
  async place(target: string, kind: "file" | "directory"): Promise<string> {
    const { path, exists, missing } = await resolveInRoot(this.#merged, target);
    this.#covered.add(path);
    if (exists) return path;
    await this.#remember(dirname(missing[0] ?? path));
    for (const directory of missing) await this.#make(directory, "directory");
    await this.#make(path, kind);
    return path;
  }

  /** To be called once nothing is mounted any more. */
  async undo(): Promise<void> {
    for (const path of this.#made.toReversed()) await removeEmpty(this.#upper + path);
    const deepestFirst = [...this.#touched].sort(([a], [b]) => b.length - a.length);
    for (const [path, before] of deepestFirst) {
      const now = await lstat(this.#upper + path).catch(() => undefined);
      const isUnchanged = now?.mode === before.mode && now.uid === before.uid && now.gid === before.gid;
      if (isUnchanged && (await readdir(this.#upper + path)).length === 0) await rmdir(this.#upper + path);
    }
  }

  async #make(path: string, kind: "file" | "directory"): Promise<void> {
    if (kind === "directory") await mkdir(this.#merged + path);
    else await writeFile(this.#merged + path, "", { flag: "wx" });
    await chmod(this.#merged + path, kind === "directory" ? 0o755 : 0o644);
    this.#made.push(path);
  }

  /** Writing below a directory copies it, and those above it, into the upper directory. */
  async #remember(directory: string): Promise<void> {
    for (let at = directory; at !== "/"; at = dirname(at)) {
      if ((await lstat(this.#upper + at).catch(() => undefined)) !== undefined) return;
      if (!this.#touched.has(at)) this.#touched.set(at, await lstat(this.#merged + at));
    }
  }
}

interface Owner {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

async function removeEmpty(path: string): Promise<void> {
  const stats = await lstat(path).catch(() => undefined);
  if (stats?.isFile() === true && stats.size === 0) await unlink(path);
  if (stats?.isDirectory() === true && (await readdir(path)).length === 0) await rmdir(path);
}
