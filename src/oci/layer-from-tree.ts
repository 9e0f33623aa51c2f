import {
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  createReadStream,
  type Stats,
} from "node:fs";
import { pathBytes, pathText } from "#disk";
import { SlipwayError } from "#errors";
import { run } from "#process";
import { CAPABILITY, readCapabilities } from "./capabilities.ts";
import type { Layer } from "./image.ts";
import { diffIdOf, layerFromEntries, type LayerOptions } from "./layer-write.ts";
import type { ContentStore } from "./store.ts";
import { SYSTEM_PATH } from "./system-path.ts";
import type { TarEntry } from "./tar-entry.ts";
import { readTar } from "./tar-read.ts";

export interface TreeLayerOptions extends LayerOptions {
  /** Times after this one, in seconds, become this one: what a command wrote carries the commit's time, not the clock's. */
  readonly mtime: number;
  /** The directories that were below the tree while it was written, top first; none when it stands alone. */
  readonly lower?: readonly string[];
  /** `later` only names the layer; its blob is made when it is pushed. `now` unless told. */
  readonly blob?: "now" | "later";
}

/**
 * Makes a layer of the upper directory of an overlay that is a tree of the store. Members are sorted by the bytes of their
 * paths; hard links are told by inode; a character device 0:0 is a whiteout. A directory that overlayfs marked as
 * opaque becomes an opaque member when a directory of that path lies below, where alone it makes a difference.
 *
 * Of other extended attributes only the capabilities of files are carried over, as builders of images do.
 */
export async function layerFromTree(
  store: ContentStore,
  treeId: string,
  options: TreeLayerOptions,
): Promise<Layer> {
  const root = store.treePath(treeId);
  const opaque = await opaqueDirectories(root, options.lower ?? []);
  const capabilities = await readCapabilities(root);
  const entries = treeEntries(root, options.mtime, { opaque, capabilities });
  if (options.blob === "later") return { diffId: await diffIdOf(entries, options.signal), tree: treeId };
  return { ...(await layerFromEntries(entries, store, options)), tree: treeId };
}

/** Files up to this size are read in one call. */
const SMALL = 4 << 20;

/** What extended attributes tell of the paths of a tree. */
interface Marks {
  readonly opaque: ReadonlySet<string>;
  readonly capabilities: ReadonlyMap<string, Buffer>;
}

async function* treeEntries(
  root: string,
  mtime: number,
  { opaque, capabilities }: Marks,
): AsyncGenerator<TarEntry, void, void> {
  const seen = new Map<string, string>();
  const walk = function* (directory: string): Generator<TarEntry, void, void> {
    for (const name of sortedNames(root, directory)) {
      const path = directory === "" ? name : `${directory}/${name}`;
      const found = lstatSync(fsPath(root, path));
      const entry = entryOf(root, path, found, mtime, seen);
      if (entry === undefined) continue;
      const capability = capabilities.get(path);
      yield capability === undefined || entry.type !== "file"
        ? entry
        : { ...entry, xattrs: { [CAPABILITY]: capability } };
      if (entry.type !== "directory") continue;
      if (opaque.has(path)) yield { ...entry, type: "opaque" };
      yield* walk(path);
    }
  };
  yield* walk("");
}

function entryOf(
  root: string,
  path: string,
  found: Stats,
  latest: number,
  seen: Map<string, string>,
): TarEntry | undefined {
  const common = {
    path,
    mode: found.mode & 0o7777,
    uid: found.uid,
    gid: found.gid,
    mtime: Math.min(Math.floor(found.mtimeMs / 1000), latest),
  };
  if (found.isDirectory()) return { ...common, type: "directory" };
  if (isWhiteout(found)) return { ...common, type: "whiteout", mode: 0, uid: 0, gid: 0, mtime: latest };
  if (found.nlink > 1) {
    const key = `${found.dev}:${found.ino}`;
    const first = seen.get(key);
    if (first !== undefined) return { ...common, type: "hardlink", linkName: first };
    seen.set(key, path);
  }
  if (found.isSymbolicLink()) {
    return {
      ...common,
      type: "symlink",
      mode: 0o777,
      linkName: pathText(readlinkSync(fsPath(root, path), "buffer")),
    };
  }
  if (found.isFile()) {
    const full = fsPath(root, path);
    const content =
      found.size <= SMALL ? readFileSync(full) : (createReadStream(full) as AsyncIterable<Buffer>);
    return { ...common, type: "file", size: found.size, content };
  }
  if (found.isFIFO()) return { ...common, type: "fifo" };
  if (found.isCharacterDevice() || found.isBlockDevice()) {
    return { ...common, type: found.isBlockDevice() ? "block" : "char", device: deviceOf(found.rdev) };
  }
  return undefined;
}

/** @see glibc's gnu_dev_major and gnu_dev_minor */
function deviceOf(rdev: number): { major: number; minor: number } {
  return { major: (rdev >>> 8) & 0xfff, minor: (rdev & 0xff) | ((rdev >>> 12) & 0xfff00) };
}

function isWhiteout(found: Stats): boolean {
  return found.isCharacterDevice() && found.rdev === 0;
}

function sortedNames(root: string, directory: string): string[] {
  const names = readdirSync(fsPath(root, directory), { encoding: "buffer" });
  return names.toSorted(Buffer.compare).map(pathText);
}

/** What Node's file functions take for a path below a directory, with names that are no UTF-8 too. */
export function fsPath(root: string, path: string): string | Buffer {
  const full = path === "" ? root : `${root}/${path}`;
  return full.isWellFormed() ? full : pathBytes(full);
}

/**
 * Directories of an upper directory that hide what lies below them. Only a mark in an extended attribute tells, which Node cannot
 * read; GNU tar can. It is asked only when a directory of the same path exists below.
 */
async function opaqueDirectories(root: string, lower: readonly string[]): Promise<ReadonlySet<string>> {
  const candidates = [...directoriesOver(root, "", lower)];
  if (candidates.length === 0) return new Set();
  const { stdout } = await run(
    "tar",
    [
      "--create",
      "--file=-",
      "--format=pax",
      "--no-recursion",
      "--xattrs",
      "--xattrs-include=*.overlay.opaque",
      "--directory",
      root,
      "--null",
      "--verbatim-files-from",
      "--files-from=-",
    ],
    {
      input: Buffer.concat(candidates.flatMap((path) => [pathBytes(`./${path}`), Buffer.of(0)])),
      env: { PATH: SYSTEM_PATH },
    },
  ).catch((cause: unknown) => {
    throw new SlipwayError("OCI_OPAQUE", "Cannot tell which directories a command replaced", {
      hint: "Install GNU tar; slipway reads overlay marks with it",
      cause,
    });
  });
  const opaque = new Set<string>();
  for await (const entry of readTar(once(stdout))) {
    const marks = Object.entries(entry.xattrs ?? {});
    if (marks.some(([name, value]) => name.endsWith("overlay.opaque") && value.toString() === "y"))
      opaque.add(entry.path);
  }
  return opaque;
}

function* directoriesOver(root: string, directory: string, lower: readonly string[]): Generator<string> {
  for (const found of readdirSync(fsPath(root, directory), { withFileTypes: true, encoding: "buffer" })) {
    if (!found.isDirectory()) continue;
    const name = pathText(found.name);
    const path = directory === "" ? name : `${directory}/${name}`;
    const over = lower.filter((below) => isDirectory(fsPath(below, path)));
    if (over.length === 0) continue;
    yield path;
    yield* directoriesOver(root, path, over);
  }
}

function isDirectory(path: string | Buffer): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer, void, void> {
  yield bytes;
}
