import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { makeDirectory, writeAtomically } from "#disk";
import { SlipwayError } from "#errors";
import { digestOf, hexOf } from "./digest.ts";
import type { Descriptor, Digest } from "./image.ts";

/** A directory that will become a tree of the store when it is kept. */
export interface NewTree {
  /** Empty, mode 0755; fill it, or use it as the upper directory of an overlay. */
  readonly path: string;
  /** Empty, on the same file system, for the overlay's own use. */
  readonly work: string;
  /** Makes it the tree `id`; when another process has kept one with this id meanwhile, that one stays. */
  keep(id: string): Promise<string>;
  discard(): Promise<void>;
}

/**
 * Content on disk. A blob or tree is there whole or not at all, whatever ends the process; several processes may use one store.
 *
 *   blobs/sha256/HEX   trees/ID/   layers/HEX-OF-DIFF-ID (descriptor of its blob)   tmp/PID-…
 */
export interface ContentStore {
  readonly directory: string;
  /** False too for a file of another size than the descriptor says; that file is removed. */
  has(blob: Pick<Descriptor, "digest"> & { readonly size?: number }): Promise<boolean>;
  blobPath(digest: Digest): string;
  /** Small content such as a manifest; its digest is checked. @throws {SlipwayError} OCI_BLOB_MISSING, OCI_DIGEST */
  read(digest: Digest): Promise<Buffer>;
  readStream(digest: Digest): AsyncIterable<Buffer>;
  /** Stores bytes and says what they are. @throws {SlipwayError} OCI_DIGEST when they are not what was expected, DISK_FULL */
  write(
    source: Uint8Array | AsyncIterable<Uint8Array>,
    about: { readonly mediaType: string; readonly expect?: Digest },
  ): Promise<Descriptor>;
  remove(digest: Digest): Promise<void>;
  /** The blob that was made of a layer, when one was. */
  blobOfLayer(diffId: Digest): Promise<Descriptor | undefined>;
  rememberBlob(diffId: Digest, blob: Descriptor): Promise<void>;
  treePath(id: string): string;
  hasTree(id: string): Promise<boolean>;
  newTree(): Promise<NewTree>;
  removeTree(id: string): Promise<void>;
}

/** Opens a store, making it when there is none; what ended processes left half-written is removed. */
export async function openContentStore(directory: string): Promise<ContentStore> {
  for (const part of ["blobs/sha256", "trees", "layers", "tmp"]) await makeDirectory(join(directory, part));
  await removeLeftovers(join(directory, "tmp"));
  return new DiskStore(directory);
}

class DiskStore implements ContentStore {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  blobPath(digest: Digest): string {
    return join(this.directory, "blobs/sha256", hexOf(digest));
  }

  async has({ digest, size }: Pick<Descriptor, "digest"> & { readonly size?: number }): Promise<boolean> {
    const found = await stat(this.blobPath(digest)).catch(() => undefined);
    if (found === undefined) return false;
    if (size === undefined || found.size === size) return true;
    await this.remove(digest);
    return false;
  }

  async read(digest: Digest): Promise<Buffer> {
    const bytes = await readFile(this.blobPath(digest)).catch((cause: unknown) => {
      throw new SlipwayError("OCI_BLOB_MISSING", `The store ${this.directory} does not hold ${digest}`, {
        cause,
      });
    });
    if (digestOf(bytes) === digest) return bytes;
    await this.remove(digest);
    throw new SlipwayError("OCI_DIGEST", `The store ${this.directory} held damaged content for ${digest}`, {
      hint: "It was removed; run the command again",
    });
  }

  readStream(digest: Digest): AsyncIterable<Buffer> {
    return createReadStream(this.blobPath(digest), { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>;
  }

  async write(
    source: Uint8Array | AsyncIterable<Uint8Array>,
    { mediaType, expect }: { readonly mediaType: string; readonly expect?: Digest },
  ): Promise<Descriptor> {
    const temporary = this.#temporary();
    const hash = createHash("sha256");
    let size = 0;
    try {
      const file = await open(temporary, "wx", 0o644);
      try {
        for await (const chunk of source instanceof Uint8Array ? [source] : source) {
          hash.update(chunk);
          size += chunk.length;
          await file.writeFile(chunk);
        }
        await file.datasync();
      } finally {
        await file.close();
      }
      const digest: Digest = `sha256:${hash.digest("hex")}`;
      if (expect !== undefined && digest !== expect) {
        throw new SlipwayError("OCI_DIGEST", `Content that should be ${expect} is ${digest}`, {
          hint: "It was damaged on its way; run the command again",
        });
      }
      await rename(temporary, this.blobPath(digest));
      return { mediaType, digest, size };
    } catch (error) {
      await rm(temporary, { force: true });
      throw diskFull(error, this.directory);
    }
  }

  async remove(digest: Digest): Promise<void> {
    await rm(this.blobPath(digest), { force: true });
  }

  async blobOfLayer(diffId: Digest): Promise<Descriptor | undefined> {
    const text = await readFile(this.#layerPath(diffId), "utf8").catch(() => undefined);
    if (text === undefined) return undefined;
    const blob = JSON.parse(text) as Descriptor;
    return (await this.has(blob)) ? blob : undefined;
  }

  async rememberBlob(diffId: Digest, blob: Descriptor): Promise<void> {
    await writeAtomically(this.#layerPath(diffId), JSON.stringify(blob));
  }

  treePath(id: string): string {
    return join(this.directory, "trees", id);
  }

  async hasTree(id: string): Promise<boolean> {
    return (await stat(this.treePath(id)).catch(() => undefined))?.isDirectory() ?? false;
  }

  async newTree(): Promise<NewTree> {
    const parent = await mkdtemp(join(this.directory, `tmp/${process.pid}-tree-`));
    const path = join(parent, "tree");
    const work = join(parent, "work");
    for (const directory of [path, work]) await mkdir(directory, { mode: 0o755 });
    const discard = (): Promise<void> => rm(parent, { recursive: true, force: true, maxRetries: 3 });
    return {
      path,
      work,
      discard,
      keep: async (id) => {
        const kept = this.treePath(id);
        await rename(path, kept).catch(async (error: NodeJS.ErrnoException) => {
          if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
        });
        await discard();
        return kept;
      },
    };
  }

  async removeTree(id: string): Promise<void> {
    const aside = this.#temporary();
    await rename(this.treePath(id), aside).catch(() => undefined);
    await rm(aside, { recursive: true, force: true });
  }

  #temporary(): string {
    return join(this.directory, "tmp", `${process.pid}-${randomBytes(6).toString("hex")}`);
  }

  #layerPath(diffId: Digest): string {
    return join(this.directory, "layers", hexOf(diffId));
  }
}

/** Names in tmp/ begin with the process id of their writer; an hour protects writers in other process namespaces. */
async function removeLeftovers(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    if (isAlive(Number.parseInt(name, 10))) continue;
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > 3_600_000)
      await rm(path, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The same error, or DISK_FULL with the next step when there is no room left. */
export function diskFull(error: unknown, directory: string): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code !== "ENOSPC" && code !== "EDQUOT") return error;
  return new SlipwayError("DISK_FULL", `No space is left for ${directory}`, {
    hint: "Make room there, or put the store elsewhere with --home-dir; nothing half-written was kept",
    cause: error,
  });
}
