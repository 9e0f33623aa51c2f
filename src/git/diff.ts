import { pathBytes } from "#disk";
import type { ObjectReader } from "./object-reader.ts";
import type { PathMatcher } from "./path-matcher.ts";
import { listFiles, readTree, type FileMode, type TreeEntry } from "./tree.ts";

/** One file that differs between two commits: added, modified (content or mode), deleted, or of another type. */
export interface FileChange {
  readonly status: "A" | "M" | "D" | "T";
  readonly path: string;
  readonly oldMode?: FileMode;
  readonly newMode?: FileMode;
  readonly oldHash?: string;
  readonly newHash?: string;
}

/** Differences of two trees; only directories whose hashes differ are read. A rename is a deletion and an addition. */
export async function diffTrees(
  reader: ObjectReader,
  from: string,
  to: string,
  matcher: PathMatcher | undefined,
): Promise<FileChange[]> {
  const changes = await diffDirectories(reader, from, to, "", matcher);
  const keyed = changes.map((change) => ({ change, key: pathBytes(change.path) }));
  return keyed.toSorted((a, b) => a.key.compare(b.key)).map(({ change }) => change);
}

async function diffDirectories(
  reader: ObjectReader,
  from: string,
  to: string,
  prefix: string,
  matcher: PathMatcher | undefined,
): Promise<FileChange[]> {
  if (from === to) return [];
  const [before, after] = await Promise.all([readTree(reader, from, prefix), readTree(reader, to, prefix)]);
  const wanted = new Map(after.map((entry) => [entry.path, entry]));
  const found: Promise<FileChange[]>[] = [];
  for (const old of before) {
    const now = wanted.get(old.path);
    wanted.delete(old.path);
    if (now?.hash === old.hash && now.mode === old.mode) continue;
    found.push(diffEntry(reader, old, now, matcher));
  }
  for (const now of wanted.values()) found.push(diffEntry(reader, undefined, now, matcher));
  return (await Promise.all(found)).flat();
}

async function diffEntry(
  reader: ObjectReader,
  old: TreeEntry | undefined,
  now: TreeEntry | undefined,
  matcher: PathMatcher | undefined,
): Promise<FileChange[]> {
  if (old?.type === "tree" && now?.type === "tree") {
    const reach = matcher?.directory(old.path) ?? "whole";
    if (reach === "skip") return [];
    return diffDirectories(reader, old.hash, now.hash, old.path, reach === "whole" ? undefined : matcher);
  }
  if (old?.type === "tree" || now?.type === "tree") {
    const [removed, added] = await Promise.all([
      filesOf(reader, old, matcher),
      filesOf(reader, now, matcher),
    ]);
    return [
      ...removed.map((file) => changeOf(file, undefined)),
      ...added.map((file) => changeOf(undefined, file)),
    ];
  }
  const path = (old ?? now)?.path;
  if (path === undefined || matcher?.matches(path) === false) return [];
  return [changeOf(old, now)];
}

async function filesOf(
  reader: ObjectReader,
  entry: TreeEntry | undefined,
  matcher: PathMatcher | undefined,
): Promise<TreeEntry[]> {
  if (entry === undefined) return [];
  if (entry.type === "tree") {
    const reach = matcher?.directory(entry.path) ?? "whole";
    return reach === "skip" ? [] : listFiles(reader, entry.hash, entry.path, matcher);
  }
  return matcher === undefined || matcher.matches(entry.path) ? [entry] : [];
}

function changeOf(old: TreeEntry | undefined, now: TreeEntry | undefined): FileChange {
  const before = old && { oldMode: old.mode, oldHash: old.hash };
  const after = now && { newMode: now.mode, newHash: now.hash };
  const path = (now ?? old)?.path ?? "";
  if (old === undefined) return { status: "A", path, ...after };
  if (now === undefined) return { status: "D", path, ...before };
  const isOtherType = old.mode.slice(0, 3) !== now.mode.slice(0, 3);
  return { status: isOtherType ? "T" : "M", path, ...before, ...after };
}
