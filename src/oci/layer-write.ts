import { createHash } from "node:crypto";
import { gzipPieces, zstdPieces } from "./gzip.ts";
import { mediaTypes, type Digest, type Layer } from "./image.ts";
import type { ContentStore } from "./store.ts";
import type { TarEntry } from "./tar-entry.ts";
import { writeTar } from "./tar-write.ts";

export interface LayerOptions {
  /** gzip unless told; zstd needs a puller that knows OCI's newer media type. */
  readonly compression?: "gzip" | "zstd";
  readonly signal?: AbortSignal;
}

/**
 * Makes a layer of members, in the order they come, and stores its compressed blob; one pass from contents to digests.
 * The same members give the same digests on every machine with the same zlib; the diffId is the same everywhere.
 */
export async function layerFromEntries(
  entries: AsyncIterable<TarEntry>,
  store: ContentStore,
  options: LayerOptions = {},
): Promise<Layer> {
  const isZstd = options.compression === "zstd";
  const hash = createHash("sha256");
  const pieces = hashing(writeTar(entries), hash, options.signal);
  const blob = await store.write(isZstd ? zstdPieces(pieces) : gzipPieces(pieces), {
    mediaType: isZstd ? mediaTypes.ociLayerZstd : mediaTypes.ociLayerGzip,
  });
  const diffId: Digest = `sha256:${hash.digest("hex")}`;
  await store.rememberBlob(diffId, blob);
  return { diffId, blob };
}

/** The digest alone of the layer that members make: what a layer is called before anybody needs its bytes. */
export async function diffIdOf(entries: AsyncIterable<TarEntry>, signal?: AbortSignal): Promise<Digest> {
  const hash = createHash("sha256");
  for await (const _ of hashing(writeTar(entries), hash, signal));
  return `sha256:${hash.digest("hex")}`;
}

/** Hands the pieces on and hashes them in passing. */
export async function* hashing(
  pieces: AsyncIterable<Buffer>,
  hash: ReturnType<typeof createHash>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer, void, void> {
  for await (const piece of pieces) {
    signal?.throwIfAborted();
    hash.update(piece);
    yield piece;
  }
}
