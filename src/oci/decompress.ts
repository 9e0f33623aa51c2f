import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { SlipwayError } from "#errors";
import { ByteReader } from "./byte-reader.ts";

const GZIP = Buffer.of(0x1f, 0x8b);
const ZSTD = Buffer.of(0x28, 0xb5, 0x2f, 0xfd);

/** The bytes of a blob without their compression, which is told by their beginning and not by a media type. */
export async function* decompressed(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, void> {
  const reader = new ByteReader(source);
  const start = await reader.take(4);
  const all = rest(start, reader);
  const isGzip = start.subarray(0, 2).equals(GZIP);
  if (!isGzip && !start.equals(ZSTD)) {
    yield* all;
    return;
  }
  const stream = isGzip
    ? createGunzip({ chunkSize: 256 << 10 })
    : createZstdDecompress({ chunkSize: 256 << 10 });
  const fed = pipeline(Readable.from(all), stream);
  fed.catch(() => undefined);
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) yield chunk;
  } catch (error) {
    if (typeof (error as { errno?: unknown }).errno !== "number") throw error;
    throw new SlipwayError("OCI_TAR", "Cannot read a layer: its compressed bytes are damaged", {
      cause: error,
    });
  }
  await fed;
}

async function* rest(start: Buffer, reader: ByteReader): AsyncGenerator<Buffer, void, void> {
  try {
    if (start.length > 0) yield start;
    for (
      let chunk = await reader.takeSome(1 << 20);
      chunk !== undefined;
      chunk = await reader.takeSome(1 << 20)
    )
      yield chunk;
  } finally {
    await reader.close();
  }
}
