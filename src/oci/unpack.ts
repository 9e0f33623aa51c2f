import { createHash } from "node:crypto";
import { join } from "node:path";
import { withLock } from "#disk";
import { SlipwayError } from "#errors";
import { decompressed } from "./decompress.ts";
import { digestOf, hexOf } from "./digest.ts";
import { extractLayer, type Deletions } from "./extract.ts";
import type { Digest, Layer } from "./image.ts";
import { hashing } from "./layer-write.ts";
import { diskFull, type ContentStore } from "./store.ts";
import { readTar } from "./tar-read.ts";

export interface UnpackOptions {
  /** Gives the compressed bytes of a layer that the store does not hold, and stores them on the way. */
  readonly fetch?: (layer: Layer) => AsyncIterable<Buffer>;
  readonly signal?: AbortSignal;
}

/**
 * Directories that overlayfs stacks to the file system of these layers (bottom first), TOP FIRST as its `lowerdir` wants them.
 * A layer that is a tree already is used as it is. The layers of a base image below become one directory, so that stacks stay
 * short; each further layer becomes its own, with whiteouts as overlayfs knows them. What was unpacked once is reused.
 *
 * @throws {SlipwayError} OCI_BLOB_MISSING, OCI_DIGEST when a layer is not what the image says, OCI_TAR, OCI_UNSAFE_PATH, DISK_FULL
 */
export async function unpackLayers(
  store: ContentStore,
  layers: readonly Layer[],
  options: UnpackOptions & {
    /** How many of the lowest layers become one directory; all that have an origin unless told. */ readonly flat?: number;
  } = {},
): Promise<string[]> {
  const flat = options.flat ?? baseLength(layers);
  const stack: string[] = flat === 0 ? [] : [await flatTree(store, layers.slice(0, flat), options)];
  let chain = chainId(layers.slice(0, flat));
  for (const layer of layers.slice(flat)) {
    chain = chainId([{ diffId: chain ?? layer.diffId }, ...(chain === undefined ? [] : [layer])]);
    const hasOwn = layer.tree !== undefined && (await store.hasTree(layer.tree));
    stack.unshift(
      hasOwn
        ? store.treePath(layer.tree ?? "")
        : await ownTree(store, layer, chain ?? layer.diffId, stack, options),
    );
  }
  return stack;
}

/** @see OCI image-spec, "Layer ChainID" */
export function chainId(layers: readonly Pick<Layer, "diffId">[]): Digest | undefined {
  return layers.reduce<Digest | undefined>(
    (below, { diffId }) => (below === undefined ? diffId : digestOf(`${below} ${diffId}`)),
    undefined,
  );
}

/** An image that was pulled: its layers came from elsewhere and none is a tree. */
function baseLength(layers: readonly Layer[]): number {
  const first = layers.findIndex((layer) => layer.origin === undefined || layer.tree !== undefined);
  return first === -1 ? layers.length : first;
}

async function flatTree(
  store: ContentStore,
  layers: readonly Layer[],
  options: UnpackOptions,
): Promise<string> {
  const id = `flat-${hexOf(chainId(layers) ?? digestOf(""))}`;
  return makeTree(store, id, options, async (path) => {
    for (const layer of layers) await extract(store, layer, path, { mode: "apply" }, options);
  });
}

function ownTree(
  store: ContentStore,
  layer: Layer,
  chain: Digest,
  lower: readonly string[],
  options: UnpackOptions,
): Promise<string> {
  return makeTree(store, `layer-${hexOf(chain)}`, options, (path) =>
    extract(store, layer, path, { mode: "mark", lower }, options),
  );
}

async function makeTree(
  store: ContentStore,
  id: string,
  options: UnpackOptions,
  fill: (path: string) => Promise<void>,
): Promise<string> {
  if (await store.hasTree(id)) return store.treePath(id);
  const lock = join(store.directory, "locks", id);
  return withLock(
    lock,
    async () => {
      if (await store.hasTree(id)) return store.treePath(id);
      const tree = await store.newTree();
      try {
        await fill(tree.path);
        options.signal?.throwIfAborted();
        return await tree.keep(id);
      } catch (error) {
        await tree.discard();
        throw diskFull(error, store.directory);
      }
    },
    options.signal === undefined ? {} : { signal: options.signal },
  );
}

async function extract(
  store: ContentStore,
  layer: Layer,
  root: string,
  deletions: Deletions,
  options: UnpackOptions,
): Promise<void> {
  const hash = createHash("sha256");
  const bytes = await compressedBytes(store, layer, options);
  await extractLayer(readTar(hashing(decompressed(bytes), hash, options.signal)), root, deletions);
  const found = `sha256:${hash.digest("hex")}`;
  if (found === layer.diffId) return;
  throw new SlipwayError("OCI_DIGEST", `A layer should be ${layer.diffId}, its content is ${found}`, {
    hint: "Pull or build the image again; should it stay so, the image itself is damaged",
  });
}

async function compressedBytes(
  store: ContentStore,
  layer: Layer,
  options: UnpackOptions,
): Promise<AsyncIterable<Buffer>> {
  const blob = layer.blob ?? (await store.blobOfLayer(layer.diffId));
  if (blob !== undefined && (await store.has(blob))) return store.readStream(blob.digest);
  if (options.fetch !== undefined && layer.origin !== undefined) return options.fetch(layer);
  throw new SlipwayError(
    "OCI_BLOB_MISSING",
    `The store ${store.directory} does not hold the layer ${layer.diffId}`,
    {
      hint: "Remove the stages that use it and build again",
    },
  );
}
