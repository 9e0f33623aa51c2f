import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { SlipwayError } from "#errors";
import { decompressed } from "./decompress.ts";
import { digestOf, hexOf } from "./digest.ts";
import { mediaTypes, type Descriptor, type Digest, type Image, type Layer } from "./image.ts";
import { blobToWrite, type ReadOptions } from "./layout.ts";
import { parseImageConfig } from "./manifest.ts";
import type { ContentStore } from "./store.ts";
import type { TarEntry } from "./tar-entry.ts";
import { readTar } from "./tar-read.ts";
import { writeTar } from "./tar-write.ts";

/**
 *   manifest.json   [{ "Config": NAME, "RepoTags": [REFERENCE…], "Layers": [NAME…] }]
 *   NAME            a configuration, or a layer's tar, plain or compressed; or a link to another layer
 */
interface ArchivedImage {
  readonly Config: string;
  readonly RepoTags: readonly string[] | null;
  readonly Layers: readonly string[];
}

/**
 * Takes an image out of a file that `docker save` wrote; layers go into the store as they are in the file.
 *
 * @throws {SlipwayError} OCI_ARCHIVE when it is no such file or has no such image, OCI_DIGEST, OCI_TAR
 * @see docker image spec v1.2, "Combined Image JSON + Filesystem Changeset Format"
 */
export async function readArchive(
  path: string,
  store: ContentStore,
  options: ReadOptions = {},
): Promise<Image> {
  const { texts, blobs, links } = await takeMembers(path, store);
  const listed = texts.get("manifest.json");
  if (listed === undefined) throw noArchive(path, "it has no manifest.json");
  const chosen = choose(listed, path, options.name);
  const configText = texts.get(chosen.Config);
  if (configText === undefined) throw noArchive(path, `it lacks ${chosen.Config}`);
  const config = parseImageConfig(configText, chosen.Layers.length, path);
  const layers = chosen.Layers.map((name, at): Layer => {
    const found = blobs.get(links.get(name) ?? name);
    const diffId = config.rootfs.diff_ids[at] as Digest;
    if (found === undefined) throw noArchive(path, `it lacks ${name}`);
    if (found.diffId === diffId) return { diffId, blob: found.blob };
    throw new SlipwayError(
      "OCI_DIGEST",
      `${path} has a layer that should be ${diffId} and is ${found.diffId}`,
    );
  });
  return { config, layers, base: { reference: path, digest: digestOf(configText) } };
}

/** Writes an image as a file that `docker load` and `ctr images import` read; replaced as a whole. */
export async function writeArchive(
  image: Image,
  store: ContentStore,
  path: string,
  reference: string,
): Promise<void> {
  const config = Buffer.from(JSON.stringify(image.config));
  const configName = `${hexOf(digestOf(config))}.json`;
  const layers = image.layers.map((layer) => ({
    name: `${hexOf(layer.diffId)}.tar`,
    blob: blobToWrite(layer),
  }));
  const listed: readonly ArchivedImage[] = [
    { Config: configName, RepoTags: [reference], Layers: layers.map(({ name }) => name) },
  ];
  const entry = { type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 0 } as const;
  const members = async function* (): AsyncGenerator<TarEntry, void, void> {
    yield { ...entry, path: "manifest.json", content: Buffer.from(JSON.stringify(listed)) };
    yield { ...entry, path: configName, content: config };
    for (const { name, blob } of layers) {
      yield { ...entry, path: name, size: blob.size, content: store.readStream(blob.digest) };
    }
  };
  const temporary = `${path}.tmp-${process.pid}`;
  try {
    const file = await open(temporary, "w");
    try {
      for await (const piece of writeTar(members())) await file.writeFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

interface Members {
  readonly texts: Map<string, Buffer>;
  readonly blobs: Map<string, { readonly blob: Descriptor; readonly diffId: Digest }>;
  readonly links: Map<string, string>;
}

/** Configurations are small; newer dockers name them by digest alone, so that a name does not tell. */
const MAX_TEXT = 1 << 20;
const BRACE = 0x7b;
const BRACKET = 0x5b;

/** One pass over the file: which member is a layer is known only at its end, so everything that is no JSON is stored. */
async function takeMembers(path: string, store: ContentStore): Promise<Members> {
  const members: Members = { texts: new Map(), blobs: new Map(), links: new Map() };
  const source = createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>;
  for await (const entry of readTar(source)) {
    if (entry.type === "symlink" || entry.type === "hardlink") {
      members.links.set(entry.path, linkTarget(entry));
    } else if (entry.type === "file" && entry.content !== undefined) {
      const content = entry.content as AsyncIterable<Buffer>;
      if ((entry.size ?? 0) > MAX_TEXT) {
        members.blobs.set(entry.path, await storeLayer(content, store));
        continue;
      }
      const bytes = Buffer.concat(await Array.fromAsync(content));
      members.texts.set(entry.path, bytes);
      if (bytes[0] !== BRACE && bytes[0] !== BRACKET)
        members.blobs.set(entry.path, await storeLayer(once(bytes), store));
    }
  }
  return members;
}

async function storeLayer(
  content: AsyncIterable<Buffer>,
  store: ContentStore,
): Promise<{ blob: Descriptor; diffId: Digest }> {
  const blob = await store.write(content, { mediaType: mediaTypes.ociLayer });
  const hash = createHash("sha256");
  const head = await firstBytes(store, blob.digest);
  const isGzip = head[0] === 0x1f && head[1] === 0x8b;
  const isZstd = head.readUInt32BE(0) === 0x28b52ffd;
  for await (const chunk of decompressed(store.readStream(blob.digest))) hash.update(chunk);
  const mediaType = isGzip ? mediaTypes.ociLayerGzip : isZstd ? mediaTypes.ociLayerZstd : mediaTypes.ociLayer;
  return { blob: { ...blob, mediaType }, diffId: `sha256:${hash.digest("hex")}` };
}

async function firstBytes(store: ContentStore, digest: Digest): Promise<Buffer> {
  const file = await open(store.blobPath(digest), "r");
  try {
    return (await file.read(Buffer.alloc(4), 0, 4, 0)).buffer;
  } finally {
    await file.close();
  }
}

/** Links between layers are written relative to the directory of the link. */
function linkTarget({ path, linkName, type }: TarEntry): string {
  if (type === "hardlink") return linkName ?? "";
  const parts: string[] = path.split("/").slice(0, -1);
  for (const part of (linkName ?? "").split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}

function choose(listed: Buffer, path: string, name: string | undefined): ArchivedImage {
  const images = JSON.parse(listed.toString()) as readonly ArchivedImage[];
  const chosen =
    name === undefined ? images : images.filter((image) => image.RepoTags?.includes(name) === true);
  if (chosen.length === 1 && chosen[0] !== undefined) return chosen[0];
  const had = images.flatMap((image) => image.RepoTags ?? []).join(", ");
  throw new SlipwayError(
    "OCI_ARCHIVE",
    `${path} has ${name === undefined ? "several images" : `no image "${name}"`}`,
    {
      hint: `It has: ${had === "" ? "none with a name" : had}`,
    },
  );
}

function noArchive(path: string, why: string): SlipwayError {
  return new SlipwayError("OCI_ARCHIVE", `${path} is not what docker save writes: ${why}`);
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer, void, void> {
  yield bytes;
}
