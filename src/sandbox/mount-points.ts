import { chmodSync, lstatSync, mkdirSync, readdirSync, rmdirSync, unlinkSync, writeFileSync } from "node:fs";
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
  place(target: string, kind: "file" | "directory"): string {
    const { path, exists, missing } = resolveInRoot(this.#merged, target);
    this.#covered.add(path);
    if (exists) return path;
    this.#remember(dirname(missing[0] ?? path));
    for (const directory of missing) this.#make(directory, "directory");
    this.#make(path, kind);
    return path;
  }

  /** To be called once nothing is mounted any more. */
  undo(): void {
    for (const path of this.#made.toReversed()) removeEmpty(this.#upper + path);
    const deepestFirst = [...this.#touched].sort(([a], [b]) => b.length - a.length);
    for (const [path, before] of deepestFirst) {
      const now = lstatSync(this.#upper + path, { throwIfNoEntry: false });
      const isUnchanged = now?.mode === before.mode && now.uid === before.uid && now.gid === before.gid;
      if (isUnchanged && readdirSync(this.#upper + path).length === 0) rmdirSync(this.#upper + path);
    }
  }

  #make(path: string, kind: "file" | "directory"): void {
    if (kind === "directory") mkdirSync(this.#merged + path);
    else writeFileSync(this.#merged + path, "", { flag: "wx" });
    chmodSync(this.#merged + path, kind === "directory" ? 0o755 : 0o644);
    this.#made.push(path);
  }

  /** Writing below a directory copies it, and those above it, into the upper directory. */
  #remember(directory: string): void {
    for (let at = directory; at !== "/"; at = dirname(at)) {
      if (lstatSync(this.#upper + at, { throwIfNoEntry: false }) !== undefined) return;
      if (!this.#touched.has(at)) this.#touched.set(at, lstatSync(this.#merged + at));
    }
  }
}

interface Owner {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

function removeEmpty(path: string): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() === true && stats.size === 0) unlinkSync(path);
  if (stats?.isDirectory() === true && readdirSync(path).length === 0) rmdirSync(path);
}
