import {
  closeSync,
  fchmodSync,
  fchownSync,
  futimesSync,
  lchownSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  chmodSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeSync,
  type Stats,
} from "node:fs";
import { pathBytes, pathText } from "#disk";
import { SlipwayError } from "#errors";
import { run } from "#process";
import { CAPABILITY, writeCapabilities } from "./capabilities.ts";
import { fsPath } from "./layer-from-tree.ts";
import { SYSTEM_PATH } from "./system-path.ts";
import type { TarEntry } from "./tar-entry.ts";

/**
 * What happens to what a layer deletes: `apply` removes it from the directory, which holds the layers below already; `mark`
 * leaves a character device 0:0 for overlayfs; the layers below are other directories, given top first.
 */
export type Deletions =
  | { readonly mode: "apply" }
  | { readonly mode: "mark"; readonly lower: readonly string[] };

/**
 * Writes the members of one layer into a directory. Nothing outside of it is touched, whatever the names and links say: `..`
 * is refused, and a symbolic link among the parents of a member is followed as if the directory were the root of the world.
 * Owners are set when this process may set them. Device nodes are left out where they cannot be made.
 *
 * @throws {SlipwayError} OCI_UNSAFE_PATH, OCI_TAR
 */
export async function extractLayer(
  entries: AsyncIterable<TarEntry>,
  root: string,
  deletions: Deletions,
): Promise<void> {
  const extraction = new Extraction(root, deletions);
  for await (const entry of entries) await extraction.add(entry);
  await extraction.finish();
}

class Extraction {
  readonly #root: string;
  readonly #deletions: Deletions;
  readonly #mayOwn = process.geteuid?.() === 0;
  /** Directories of the tar's names → where they really are below the root. */
  readonly #places = new Map<string, string>();
  /** What this layer has brought; its own deletions do not concern it. */
  readonly #brought = new Set<string>();
  /** Times of directories are set last, since filling them changes them; one that no layer describes has the time 0. */
  readonly #directoryTimes = new Map<string, number>();
  readonly #nodes: { readonly path: string; readonly entry: TarEntry }[] = [];
  readonly #whiteouts: string[] = [];
  readonly #capabilities = new Map<string, Buffer>();

  constructor(root: string, deletions: Deletions) {
    this.#root = root;
    this.#deletions = deletions;
  }

  async add(entry: TarEntry): Promise<void> {
    if (entry.path.split("/").includes("..")) throw unsafe(entry.path);
    if (entry.type === "opaque") return this.#makeOpaque(this.#directory(entry.path));
    if (entry.path === "") {
      if (entry.type === "directory") this.#setDirectory("", entry);
      return;
    }
    const slash = entry.path.lastIndexOf("/");
    const parent = this.#directory(entry.path.slice(0, Math.max(0, slash)));
    const name = entry.path.slice(slash + 1);
    const path = parent === "" ? name : `${parent}/${name}`;
    if (entry.type === "whiteout") return this.#hide(path);
    this.#brought.add(path);
    const present = this.#stat(path);
    if (entry.type === "directory") {
      if (present !== undefined && !present.isDirectory()) this.#clear(path, present);
      if (present?.isDirectory() !== true) mkdirSync(this.#full(path));
      this.#setDirectory(path, entry);
      return;
    }
    if (present !== undefined) this.#clear(path, present);
    await this.#write(path, entry);
  }

  async finish(): Promise<void> {
    await makeNodes(this.#root, this.#nodes);
    for (const { path, entry } of this.#nodes) {
      if (this.#stat(path) !== undefined) this.#own(path, entry);
    }
    await this.#makeWhiteouts();
    await writeCapabilities(this.#root, this.#capabilities);
    for (const [path, mtime] of [...this.#directoryTimes].reverse()) {
      if (this.#stat(path)?.isDirectory() === true) utimesSync(this.#full(path), mtime, mtime);
    }
  }

  async #write(path: string, entry: TarEntry): Promise<void> {
    const full = this.#full(path);
    switch (entry.type) {
      case "file": {
        const file = openSync(full, "wx", 0o600);
        try {
          for await (const chunk of contentOf(entry)) {
            for (let at = 0; at < chunk.length;) at += writeSync(file, chunk, at);
          }
          if (this.#mayOwn && (entry.uid !== 0 || entry.gid !== 0))
            owning(entry, () => fchownSync(file, entry.uid, entry.gid));
          fchmodSync(file, entry.mode);
          futimesSync(file, entry.mtime, entry.mtime);
          const capability = entry.xattrs?.[CAPABILITY];
          if (capability !== undefined) this.#capabilities.set(path, capability);
        } finally {
          closeSync(file);
        }
        return;
      }
      case "symlink":
        symlinkSync(bytesFor(entry.linkName ?? ""), full);
        this.#places.clear();
        if (this.#mayOwn && (entry.uid !== 0 || entry.gid !== 0))
          owning(entry, () => lchownSync(full, entry.uid, entry.gid));
        lutimesSync(full, entry.mtime, entry.mtime);
        return;
      case "hardlink": {
        const target = entry.linkName ?? "";
        if (target.split("/").includes("..")) throw unsafe(target);
        const slash = target.lastIndexOf("/");
        const parent = this.#directory(target.slice(0, Math.max(0, slash)));
        const real = parent === "" ? target.slice(slash + 1) : `${parent}/${target.slice(slash + 1)}`;
        if (this.#stat(real)?.isDirectory() !== false) {
          throw new SlipwayError(
            "OCI_TAR",
            `Cannot unpack a layer: ${entry.path} is a link to ${target}, which is no file of it`,
          );
        }
        linkSync(this.#full(real), full);
        return;
      }
      default:
        this.#nodes.push({ path, entry });
    }
  }

  /** The real place of a directory of the tar's names, made when it is missing. */
  #directory(path: string): string {
    const known = this.#places.get(path);
    if (known !== undefined) return known;
    const place = this.#resolve(path, 0);
    this.#places.set(path, place);
    return place;
  }

  #resolve(path: string, depth: number): string {
    if (depth > 40)
      throw new SlipwayError(
        "OCI_UNSAFE_PATH",
        `Cannot unpack a layer: the links at ${path} go round in circles`,
      );
    let at: string[] = [];
    const names = path.split("/").filter((name) => name !== "" && name !== ".");
    for (const [index, name] of names.entries()) {
      if (name === "..") {
        at = at.slice(0, -1);
        continue;
      }
      const next = [...at, name].join("/");
      const present = this.#stat(next);
      if (present?.isSymbolicLink() === true) {
        const target = pathText(readlinkSync(this.#full(next), "buffer"));
        const from = target.startsWith("/") ? "" : at.join("/");
        return this.#resolve([from, target, ...names.slice(index + 1)].join("/"), depth + 1);
      }
      if (present?.isDirectory() !== true) {
        if (present !== undefined) this.#clear(next, present);
        mkdirSync(this.#full(next), 0o755);
        chmodSync(this.#full(next), 0o755);
      }
      if (!this.#directoryTimes.has(next))
        this.#directoryTimes.set(next, present?.isDirectory() === true ? present.mtimeMs / 1000 : 0);
      at.push(name);
    }
    return at.join("/");
  }

  #setDirectory(path: string, entry: TarEntry): void {
    this.#own(path, entry);
    this.#directoryTimes.set(path, entry.mtime);
  }

  #own(path: string, entry: TarEntry): void {
    const full = this.#full(path);
    if (this.#mayOwn) owning(entry, () => lchownSync(full, entry.uid, entry.gid));
    chmodSync(full, entry.mode);
  }

  #hide(path: string): void {
    if (this.#brought.has(path)) return;
    if (this.#deletions.mode === "mark") {
      this.#whiteouts.push(path);
      return;
    }
    const present = this.#stat(path);
    if (present !== undefined) this.#clear(path, present);
  }

  #makeOpaque(directory: string): void {
    const isOfLowerLayers = (name: string): boolean =>
      !this.#brought.has(directory === "" ? name : `${directory}/${name}`);
    const places = this.#deletions.mode === "apply" ? [this.#root] : this.#deletions.lower;
    const names = new Set(places.flatMap((place) => namesIn(fsPath(place, directory))));
    for (const name of [...names].filter(isOfLowerLayers))
      this.#hide(directory === "" ? name : `${directory}/${name}`);
  }

  #clear(path: string, present: Stats): void {
    this.#capabilities.delete(path);
    rmSync(this.#full(path), { recursive: true, force: true });
    if (present.isDirectory() || present.isSymbolicLink()) this.#places.clear();
  }

  /** One device node serves all whiteouts by hard links, as overlayfs itself does it. */
  async #makeWhiteouts(): Promise<void> {
    const missing = this.#whiteouts.filter((path) => this.#stat(path) === undefined);
    let first: string | undefined;
    for (const path of missing) {
      try {
        if (first === undefined) throw new Error("no node to link to yet");
        linkSync(this.#full(first), this.#full(path));
      } catch {
        await run("mknod", [`${this.#root}/${path}`, "c", "0", "0"], { env: { PATH: SYSTEM_PATH } });
        first = path;
      }
    }
  }

  #stat(path: string): Stats | undefined {
    return lstatSync(this.#full(path), { throwIfNoEntry: false });
  }

  #full(path: string): string | Buffer {
    return fsPath(this.#root, path);
  }
}

async function makeNodes(
  root: string,
  nodes: readonly { readonly path: string; readonly entry: TarEntry }[],
): Promise<void> {
  for (const { path, entry } of nodes) {
    const type = { char: "c", block: "b", fifo: "p" }[entry.type as "char" | "block" | "fifo"];
    const numbers = type === "p" ? [] : [String(entry.device?.major ?? 0), String(entry.device?.minor ?? 0)];
    await run("mknod", [`${root}/${path}`, type, ...numbers], { env: { PATH: SYSTEM_PATH }, accept: [0, 1] });
  }
}

function namesIn(directory: string | Buffer): string[] {
  try {
    return readdirSync(directory, { encoding: "buffer" }).map(pathText);
  } catch {
    return [];
  }
}

async function* contentOf({ content }: TarEntry): AsyncGenerator<Buffer, void, void> {
  if (Buffer.isBuffer(content)) yield content;
  else if (content !== undefined) yield* content;
}

function bytesFor(text: string): string | Buffer {
  return text.isWellFormed() ? text : pathBytes(text);
}

function owning(entry: TarEntry, own: () => void): void {
  try {
    own();
  } catch (cause) {
    throw new SlipwayError("OCI_OWNER", `Cannot give ${entry.path} to ${entry.uid}:${entry.gid}`, {
      hint: "In a user namespace every id of the image must be mapped: give this user 65536 ids in /etc/subuid and /etc/subgid",
      cause,
    });
  }
}

function unsafe(path: string): SlipwayError {
  return new SlipwayError(
    "OCI_UNSAFE_PATH",
    `Cannot unpack a layer: it names ${path}, outside of the image`,
    {
      hint: "Do not trust this image",
    },
  );
}
