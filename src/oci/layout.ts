import { createReadStream } from "node:fs";
import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { makeDirectory, writeAtomically } from "#disk";
import { SlipwayError } from "#errors";
import { digestOf, hexOf } from "./digest.ts";
import {
  mediaTypes,
  type Descriptor,
  type Digest,
  type Image,
  type Index,
  type Layer,
  type Manifest,
  type PlatformDescriptor,
} from "./image.ts";
import { choosePlatform, parseImageConfig, parseManifest, thisPlatform, type Platform } from "./manifest.ts";
import type { ContentStore } from "./store.ts";

const NAME = "org.opencontainers.image.ref.name";

export interface ReadOptions {
  /** Which image of the file: its name or tag; the only one unless told. */
  readonly name?: string;
  readonly platform?: Platform;
}

/**
 * Takes an image out of an OCI layout directory; its blobs are copied into the store and checked.
 *
 * @throws {SlipwayError} OCI_LAYOUT when the directory is no layout or has no such image, OCI_DIGEST, OCI_MANIFEST
 * @see OCI image-spec, "Image Layout"
 */
export async function readLayout(
  directory: string,
  store: ContentStore,
  options: ReadOptions = {},
): Promise<Image> {
  const bytesOf = async (digest: Digest): Promise<Buffer> => {
    const bytes = await readFile(join(directory, "blobs/sha256", hexOf(digest))).catch((cause: unknown) => {
      throw new SlipwayError("OCI_LAYOUT", `The OCI layout ${directory} lacks the blob ${digest}`, { cause });
    });
    if (digestOf(bytes) !== digest)
      throw new SlipwayError("OCI_DIGEST", `The OCI layout ${directory} has damaged content for ${digest}`);
    return bytes;
  };
  const index = await topIndex(directory);
  const { descriptor, manifest } = await findManifest(
    chooseNamed(index, directory, options.name),
    bytesOf,
    directory,
    options,
  );
  const config = parseImageConfig(await bytesOf(manifest.config.digest), manifest.layers.length, directory);
  const layers: Layer[] = [];
  for (const [at, blob] of manifest.layers.entries()) {
    if (!(await store.has(blob))) {
      const source = createReadStream(join(directory, "blobs/sha256", hexOf(blob.digest)), {
        highWaterMark: 1 << 20,
      });
      await store.write(source as AsyncIterable<Buffer>, { mediaType: blob.mediaType, expect: blob.digest });
    }
    layers.push({ diffId: config.rootfs.diff_ids[at] as Digest, blob });
  }
  return { config, layers, base: { reference: directory, digest: descriptor.digest } };
}

/** Adds an image to an OCI layout directory, which is made when it is missing; an image of the same name is replaced. */
export async function writeLayout(
  image: Image,
  store: ContentStore,
  directory: string,
  name = "latest",
): Promise<Descriptor> {
  const blobs = join(directory, "blobs/sha256");
  await makeDirectory(blobs);
  const put = async (value: unknown, mediaType: string): Promise<Descriptor> => {
    const bytes = Buffer.from(JSON.stringify(value));
    await writeAtomically(join(blobs, hexOf(digestOf(bytes))), bytes);
    return { mediaType, digest: digestOf(bytes), size: bytes.length };
  };
  const layers = image.layers.map(blobToWrite);
  for (const blob of layers) await copyFile(store.blobPath(blob.digest), join(blobs, hexOf(blob.digest)));
  const config = await put(image.config, mediaTypes.ociConfig);
  const manifest: Manifest = { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config, layers };
  const descriptor = await put(manifest, mediaTypes.ociManifest);
  const { os, architecture } = image.config;
  const entry: PlatformDescriptor = {
    ...descriptor,
    annotations: { [NAME]: name },
    platform: { os, architecture },
  };
  const before = await topIndex(directory).catch(() => undefined);
  const others = (before?.manifests ?? []).filter((each) => each.annotations?.[NAME] !== name);
  const index: Index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [...others, entry] };
  await writeAtomically(join(directory, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  await writeAtomically(join(directory, "index.json"), JSON.stringify(index));
  return descriptor;
}

/** The layer's blob under the media type of OCI manifests; they hold the same bytes. */
export function blobToWrite(layer: Layer): Descriptor {
  if (layer.blob === undefined) {
    throw new SlipwayError("OCI_NO_BLOB", `The layer ${layer.diffId} has no compressed blob yet`);
  }
  const { mediaType, digest, size } = layer.blob;
  return {
    mediaType: mediaType === mediaTypes.dockerLayer ? mediaTypes.ociLayerGzip : mediaType,
    digest,
    size,
  };
}

async function topIndex(directory: string): Promise<Index> {
  const bytes = await readFile(join(directory, "index.json")).catch((cause: unknown) => {
    throw new SlipwayError("OCI_LAYOUT", `${directory} is not an OCI layout: it has no index.json`, {
      cause,
    });
  });
  const index = parseManifest(bytes, join(directory, "index.json"));
  if ("manifests" in index) return index;
  throw new SlipwayError("OCI_LAYOUT", `${directory} is not an OCI layout: its index.json is a manifest`);
}

/** The entries of a layout under one name; several with the same name are one image of several platforms. */
function chooseNamed(index: Index, directory: string, name: string | undefined): Index {
  const names = new Set(index.manifests.map((entry) => entry.annotations?.[NAME]));
  if (name === undefined && names.size === 1) return index;
  const named = index.manifests.filter((entry) => entry.annotations?.[NAME] === name);
  if (name !== undefined && named.length > 0) return { ...index, manifests: named };
  const had = [...names].filter((each) => each !== undefined).join(", ");
  throw new SlipwayError(
    "OCI_LAYOUT",
    `The OCI layout ${directory} has ${name === undefined ? "several images" : `no image "${name}"`}`,
    {
      hint: `It has: ${had === "" ? "none with a name" : had}`,
    },
  );
}

async function findManifest(
  index: Index,
  bytesOf: (digest: Digest) => Promise<Buffer>,
  what: string,
  options: ReadOptions,
): Promise<{ readonly descriptor: Descriptor; readonly manifest: Manifest }> {
  const only = index.manifests.length === 1 ? index.manifests[0] : undefined;
  const descriptor = only ?? choosePlatform(index, options.platform ?? thisPlatform(), what);
  const found = parseManifest(await bytesOf(descriptor.digest), what);
  if (!("manifests" in found)) return { descriptor, manifest: found };
  const chosen = choosePlatform(found, options.platform ?? thisPlatform(), what);
  const manifest = parseManifest(await bytesOf(chosen.digest), what);
  if ("manifests" in manifest) throw new SlipwayError("OCI_LAYOUT", `${what} has an index of indexes`);
  return { descriptor, manifest };
}
