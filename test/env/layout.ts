import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

/** A compressed layer on disk. */
export interface PackedLayer {
  readonly path: string;
  readonly digest: string;
  readonly diffId: string;
  readonly size: number;
}

/** The part of an image's configuration that differs between the base images. */
export interface RunConfig {
  readonly Env: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Entrypoint?: readonly string[];
}

/** The moment that every made image claims as its birth, so that the same packages give the same bytes. */
export const BIRTH_SECONDS = 1_747_699_200;

/** Compresses a tar file to `<directory>/<digest>.tar.gz`. */
export async function packLayer(tar: string, directory: string): Promise<PackedLayer> {
  await mkdir(directory, { recursive: true });
  const whole = createHash("sha256");
  const packed = createHash("sha256");
  const temporary = join(directory, `packing-${process.pid}`);
  await pipeline(
    createReadStream(tar, { highWaterMark: 1 << 20 }),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) yield ((whole.update(chunk), chunk));
    },
    createGzip({ level: 6 }),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) yield ((packed.update(chunk), chunk));
    },
    createWriteStream(temporary),
  );
  const digest = `sha256:${packed.digest("hex")}`;
  const path = join(directory, `${digest.slice(7)}.tar.gz`);
  await rename(temporary, path);
  return { path, digest, diffId: `sha256:${whole.digest("hex")}`, size: (await stat(path)).size };
}

/** Writes an OCI image layout of one image into the empty directory `path`; layers are moved into it. */
export async function writeImageLayout(
  path: string,
  layers: readonly PackedLayer[],
  config: RunConfig,
): Promise<void> {
  const blobs = join(path, "blobs", "sha256");
  await mkdir(blobs, { recursive: true });
  for (const layer of layers) await rename(layer.path, join(blobs, layer.digest.slice(7)));
  const created = new Date(BIRTH_SECONDS * 1000).toISOString();
  const configBlob = await writeJson(blobs, {
    architecture: "amd64",
    os: "linux",
    created,
    config,
    rootfs: { type: "layers", diff_ids: layers.map((layer) => layer.diffId) },
    history: layers.map(() => ({ created, created_by: "slipway test environment" })),
  });
  const manifest = await writeJson(blobs, {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: { mediaType: "application/vnd.oci.image.config.v1+json", ...configBlob },
    layers: layers.map(({ digest, size }) => ({
      mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
      digest,
      size,
    })),
  });
  await writeFile(join(path, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  const entry = { mediaType: "application/vnd.oci.image.manifest.v1+json", ...manifest };
  await writeFile(join(path, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: [entry] }));
}

/** The digest of the one manifest of a layout that writeImageLayout wrote. */
export async function manifestDigest(path: string): Promise<string> {
  const index = JSON.parse(await readFile(join(path, "index.json"), "utf8")) as {
    manifests: { digest: string }[];
  };
  const digest = index.manifests[0]?.digest;
  if (digest === undefined) throw new Error(`${path} holds no manifest`);
  return digest;
}

async function writeJson(blobs: string, value: unknown): Promise<{ digest: string; size: number }> {
  const text = Buffer.from(JSON.stringify(value));
  const hex = createHash("sha256").update(text).digest("hex");
  await writeFile(join(blobs, hex), text);
  return { digest: `sha256:${hex}`, size: text.length };
}
