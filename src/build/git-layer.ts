import { posix } from "node:path";
import { pathText } from "#disk";
import type { FileChange, TreeEntry } from "#git";
import type { TarEntry } from "#oci";
import { ownerIds, type Owner } from "./accounts.ts";
import type { RootView } from "./root-view.ts";
import type { Source, Sources } from "./sources.ts";

/** A layer's content before its files are read: what stands where. */
export interface LayerPlan {
  readonly entries: readonly PlannedEntry[];
  /** Things that a person should know. */
  readonly notices: readonly string[];
}

type PlannedEntry =
  | {
      readonly type: "file" | "symlink";
      readonly path: string;
      readonly hash: string;
      readonly mode: number;
      readonly owner: Owner;
    }
  | {
      readonly type: "directory";
      readonly path: string;
      readonly mode: number;
      readonly owner: Owner;
      readonly mtime: number;
    }
  | { readonly type: "whiteout"; readonly path: string };

const ROOT: Owner = { uid: 0, gid: 0 };

/**
 * The layer that holds all files of the mappings as they are in the present commit.
 *
 * @param view the image below, without layers from Git.
 */
export async function planArchive(
  mappings: readonly Source[],
  sources: Sources,
  view: RootView,
): Promise<LayerPlan> {
  const draft = new Draft(view, sources.commitTime);
  const notices: string[] = [];
  for (const source of mappings) {
    const target = await targetOf(source, sources, view);
    notices.push(...target.notices);
    for (const file of await sources.files(source)) draft.addFile(target, file.path, file.mode, file.hash);
  }
  return { entries: draft.entries(), notices };
}

/** What a mapping changed since the commit that a stage below holds. */
export interface MappingChange {
  readonly source: Source;
  readonly changes: readonly FileChange[];
}

/**
 * The layer that brings files of the mappings to the present commit: whole files for what is new or changed, whiteouts for
 * what is gone. A directory that deletions leave without any entry is removed too, up to the target of its mapping.
 *
 * @param view the image below, without layers from Git.
 * @param commands looks into what commands wrote since Git's files came; a change found there is replaced, and told.
 */
export async function planPatch(
  changed: readonly MappingChange[],
  sources: Sources,
  view: RootView,
  commands: RootView | undefined,
): Promise<LayerPlan> {
  const draft = new Draft(view, sources.commitTime);
  const replaced: string[] = [];
  for (const { source, changes } of changed) {
    const target = await targetOf(source, sources, view);
    for (const change of changes) {
      const path = draft.placeOf(target, change.path);
      if (commands?.stat(path) !== undefined && !commands.stat(path)?.isDirectory()) replaced.push(path);
      if (change.status === "D") draft.remove(target, path);
      else draft.addFile(target, change.path, change.newMode ?? "", change.newHash ?? "");
    }
    if (changes.some((change) => change.status === "D")) {
      for (const file of await sources.files(source)) draft.keep(draft.placeOf(target, file.path));
    }
  }
  draft.removeEmptied();
  const notices =
    replaced.length === 0
      ? []
      : [
          `Commands of the build changed files that Git changed too; Git's are taken: ${shorten(replaced.map((path) => `/${path}`))}`,
        ];
  return { entries: draft.entries(), notices };
}

/** The entries of a tar, contents read from Git in one pass. */
export async function* layerEntries(plan: LayerPlan, sources: Sources): AsyncIterable<TarEntry> {
  const hashes = plan.entries.flatMap((entry) => ("hash" in entry ? [entry.hash] : []));
  const blobs = sources.readBlobs(hashes)[Symbol.asyncIterator]();
  const mtime = sources.commitTime;
  for (const entry of plan.entries) {
    if (entry.type === "whiteout")
      yield { path: entry.path, type: "whiteout", mode: 0, uid: 0, gid: 0, mtime };
    else if (entry.type === "directory") {
      yield { path: entry.path, type: "directory", mode: entry.mode, ...entry.owner, mtime: entry.mtime };
    } else {
      const blob = await blobs.next();
      const content = blob.done === true ? Buffer.alloc(0) : blob.value.content;
      yield {
        path: entry.path,
        type: entry.type,
        mode: entry.mode,
        ...entry.owner,
        mtime,
        ...(entry.type === "file" ? { size: content.length, content } : { linkName: pathText(content) }),
      };
    }
  }
}

/** A few names of many. */
export function shorten(names: readonly string[], most = 10): string {
  const shown = names.slice(0, most).join(", ");
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}

interface Target {
  readonly source: Source;
  /** The directory that the mapping fills, links of the image followed. */
  readonly directory: string;
  readonly isFile: boolean;
  readonly owner: Owner;
  readonly hasOwner: boolean;
  readonly notices: readonly string[];
}

async function targetOf(source: Source, sources: Sources, view: RootView): Promise<Target> {
  const { add, to, owner, group } = source.mapping;
  const isFile = await sources.isFile(source);
  const directory = view.resolve(isFile ? posix.dirname(to) : to);
  const isRenamed = isFile && posix.basename(add) !== posix.basename(to);
  return {
    source,
    directory,
    isFile,
    owner: ownerIds(view, owner, group),
    hasOwner: owner !== undefined || group !== undefined,
    notices: isRenamed
      ? [`${add} is a file: it is put into ${posix.dirname(to)} under its own name, not as ${to}`]
      : [],
  };
}

/** The entries of a layer while they are collected. */
class Draft {
  readonly #view: RootView;
  readonly #mtime: number;
  readonly #entries = new Map<string, PlannedEntry>();
  readonly #directories = new Map<string, string>();
  readonly #removed = new Map<string, Target>();
  readonly #kept = new Set<string>();

  constructor(view: RootView, mtime: number) {
    this.#view = view;
    this.#mtime = mtime;
  }

  /** Where a file of the repository goes. */
  placeOf({ source, directory, isFile }: Target, path: string): string {
    const name = isFile
      ? posix.basename(path)
      : source.base === ""
        ? path
        : path.slice(source.base.length + 1);
    const place = directory === "" ? name : `${directory}/${name}`;
    return `${this.#realDirectory(posix.dirname(place))}${posix.basename(place)}`;
  }

  addFile(target: Target, path: string, mode: TreeEntry["mode"] | string, hash: string): void {
    const place = this.placeOf(target, path);
    this.#addDirectories(target, posix.dirname(place));
    const isLink = mode === "120000";
    this.#entries.set(place, {
      type: isLink ? "symlink" : "file",
      path: place,
      hash,
      mode: isLink ? 0o777 : mode === "100755" ? 0o755 : 0o644,
      owner: target.owner,
    });
    this.#removed.delete(place);
  }

  remove(target: Target, place: string): void {
    if (!this.#entries.has(place)) this.#removed.set(place, target);
  }

  /** A file of Git that stays: its directories are not empty. */
  keep(place: string): void {
    for (let at = posix.dirname(place); at !== "." && !this.#kept.has(at); at = posix.dirname(at))
      this.#kept.add(at);
  }

  /** Turns removals into whiteouts, of whole directories where nothing is left in them. */
  removeEmptied(): void {
    const gone = new Map(this.#removed);
    const directories = new Map<string, Target>();
    for (const [path, target] of gone) {
      for (let at = posix.dirname(path); at !== "." && at !== target.directory; at = posix.dirname(at))
        directories.set(at, target);
    }
    for (const [path, target] of [...directories].toSorted(
      ([a], [b]) => b.split("/").length - a.split("/").length,
    )) {
      const isEmpty =
        !this.#kept.has(path) &&
        !this.#entries.has(path) &&
        this.#view.list(path).every((name) => gone.has(`${path}/${name}`));
      if (isEmpty) gone.set(path, target);
    }
    for (const [path, target] of gone) {
      if (gone.has(posix.dirname(path)) || this.#isBelowFile(path)) continue;
      if (this.#entries.get(path) !== undefined) continue;
      this.#addDirectories(target, posix.dirname(path));
      this.#entries.set(path, { type: "whiteout", path });
    }
  }

  entries(): readonly PlannedEntry[] {
    return [...this.#entries.values()].toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  }

  /** A directory of the repository became a file: what was below it is hidden by that. */
  #isBelowFile(path: string): boolean {
    for (let at = posix.dirname(path); at !== "."; at = posix.dirname(at)) {
      const entry = this.#entries.get(at);
      if (entry !== undefined && entry.type !== "directory") return true;
    }
    return false;
  }

  #addDirectories(target: Target, directory: string): void {
    for (let at = directory; at !== "." && at !== ""; at = posix.dirname(at)) {
      const known = this.#entries.get(at);
      const isTarget = at === target.directory;
      if (known?.type === "directory" && !(isTarget && target.hasOwner)) continue;
      this.#entries.set(at, this.#directory(target, at, isTarget));
      this.#removed.delete(at);
    }
  }

  /** A directory that is there keeps its mode and owner; `owner` of a mapping is for its target and what is made below. */
  #directory(target: Target, path: string, isTarget: boolean): PlannedEntry {
    const isWithin = isTarget || target.directory === "" || path.startsWith(`${target.directory}/`);
    const stats = this.#view.stat(path);
    if (stats?.isDirectory() !== true) {
      return {
        type: "directory",
        path,
        mode: 0o755,
        owner: isWithin ? target.owner : ROOT,
        mtime: this.#mtime,
      };
    }
    return {
      type: "directory",
      path,
      mode: stats.mode & 0o7777,
      owner: isTarget && target.hasOwner ? target.owner : { uid: stats.uid, gid: stats.gid },
      mtime: Math.min(Math.floor(stats.mtimeMs / 1000), this.#mtime),
    };
  }

  /** A directory with the links of the image followed, ending with a slash; "" for the root. */
  #realDirectory(directory: string): string {
    if (directory === ".") return "";
    let real = this.#directories.get(directory);
    if (real === undefined) {
      const path = `${this.#realDirectory(posix.dirname(directory))}${posix.basename(directory)}`;
      real = `${this.#view.stat(path)?.isSymbolicLink() === true ? this.#view.resolve(path) : path}/`;
      this.#directories.set(directory, real);
    }
    return real;
  }
}
