import { setTimeout as sleep } from "node:timers/promises";
import { start } from "#process";
import { STEADY } from "./environment.ts";
import { gitFailure, objectMissing } from "./failure.ts";
import type { ReaderOptions } from "./object-reader.ts";

/**
 * The contents of a known list of blobs, in order, as fast as git can unpack them: all questions are sent at once, and
 * git writes in large pieces that wait in the pipe until they are taken.
 */
export async function* streamBlobs(
  hashes: readonly string[],
  options: ReaderOptions,
): AsyncIterable<{ readonly hash: string; readonly content: Buffer }> {
  if (hashes.length === 0) return;
  const { child, ended } = start(
    "git",
    [...STEADY, "cat-file", "--batch", "--buffer"],
    {
      cwd: options.directory,
      env: options.env,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    },
    ["pipe", "pipe", "pipe"],
  );
  let complaints = "";
  child.stderr?.on("data", (text: Buffer) => (complaints += text.toString()));
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(`${hashes.join("\n")}\n`);
  let at = 0;
  try {
    const pieces = new Pieces();
    for await (const chunk of (child.stdout ?? []) as AsyncIterable<Buffer>) {
      pieces.push(chunk);
      for (;;) {
        const hash = hashes[at] ?? "";
        const size = pieces.header(hash);
        if (size === undefined) break;
        if (size === "missing") {
          await sleep(20);
          throw complaints === "" ? objectMissing(hash) : gitFailure(complaints, options.directory);
        }
        const content = pieces.take(size);
        if (content === undefined) break;
        at += 1;
        yield { hash, content };
      }
    }
    await ended;
    options.signal?.throwIfAborted();
    if (at < hashes.length) throw gitFailure(complaints, options.directory);
  } finally {
    if (at < hashes.length) child.kill();
  }
}

/** Received bytes that are not taken yet, and the length of the answer they begin with. */
class Pieces {
  #pieces: Buffer[] = [];
  #length = 0;
  #size: number | undefined;

  push(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#length += piece.length;
  }

  /** The size of the content that the next answer announces; undefined until its header has come. */
  header(hash: string): number | "missing" | undefined {
    if (this.#size !== undefined) return this.#size;
    if (this.#length === 0) return undefined;
    const received = this.#joined();
    const end = received.indexOf(10);
    if (end === -1) return undefined;
    const line = received.toString("latin1", 0, end);
    if (!line.startsWith(hash) || line.endsWith(" missing")) return "missing";
    this.#keep(received.subarray(end + 1));
    this.#size = Number(line.slice(line.lastIndexOf(" ") + 1));
    return this.#size;
  }

  /** The content itself, once it is all there with the line break behind it. */
  take(size: number): Buffer | undefined {
    if (this.#length <= size) return undefined;
    const received = this.#joined();
    this.#keep(received.subarray(size + 1));
    this.#size = undefined;
    return received.subarray(0, size);
  }

  #joined(): Buffer {
    return this.#pieces.length === 1 ? (this.#pieces[0] as Buffer) : Buffer.concat(this.#pieces);
  }

  #keep(rest: Buffer): void {
    this.#pieces = [rest];
    this.#length = rest.length;
  }
}
