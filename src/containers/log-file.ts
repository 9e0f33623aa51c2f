import { appendFileSync, renameSync, statSync } from "node:fs";
import { open, readFile, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** One line of a container's output, or a piece of one that is longer than 16 KiB. */
export interface LogLine {
  readonly time: string;
  readonly stream: "stdout" | "stderr";
  /** With its line end, if it has one. */
  readonly text: string;
}

const LARGEST_FILE_BYTES = 10 * 1024 * 1024;
const FILES = ["log.jsonl.2", "log.jsonl.1", "log.jsonl"] as const;
const LONGEST_PIECE = 16 * 1024;

/** Writes a container's output as JSON lines; of three files of 10 MiB the oldest makes room. */
export class LogWriter {
  readonly #directory: string;
  readonly #rest = { stdout: "", stderr: "" };
  #size: number;

  readonly #largestBytes: number;

  /** @param largestBytes a file longer than this is put aside before the next line. */
  constructor(directory: string, largestBytes = LARGEST_FILE_BYTES) {
    this.#directory = directory;
    this.#largestBytes = largestBytes;
    this.#size = statSync(join(directory, FILES[2]), { throwIfNoEntry: false })?.size ?? 0;
  }

  write(stream: LogLine["stream"], text: string): void {
    const pieces = (this.#rest[stream] + text).split(/(?<=\n)/);
    const last = pieces.at(-1) ?? "";
    const isOpen = !last.endsWith("\n") && last.length < LONGEST_PIECE;
    this.#rest[stream] = isOpen ? last : "";
    this.#append(stream, isOpen ? pieces.slice(0, -1) : pieces);
  }

  /** Writes what has no line end. */
  flush(): void {
    for (const stream of ["stdout", "stderr"] as const) {
      if (this.#rest[stream] !== "") this.#append(stream, [this.#rest[stream]]);
      this.#rest[stream] = "";
    }
  }

  #append(stream: LogLine["stream"], pieces: readonly string[]): void {
    const time = new Date().toISOString();
    const lines = pieces
      .map((text) => `${JSON.stringify({ time, stream, text } satisfies LogLine)}\n`)
      .join("");
    if (lines === "") return;
    if (this.#size > this.#largestBytes) this.#rotate();
    appendFileSync(join(this.#directory, FILES[2]), lines);
    this.#size += Buffer.byteLength(lines);
  }

  #rotate(): void {
    for (const [from, to] of [
      [FILES[1], FILES[0]],
      [FILES[2], FILES[1]],
    ] as const) {
      if (statSync(join(this.#directory, from), { throwIfNoEntry: false }) !== undefined) {
        renameSync(join(this.#directory, from), join(this.#directory, to));
      }
    }
    this.#size = 0;
  }
}

export interface ReadLogOptions {
  /** Only that many lines from the end. */
  readonly tail?: number;
  /** Go on until this says that nothing more can come. */
  readonly follow?: () => Promise<boolean>;
  readonly signal?: AbortSignal;
}

export async function* readLog(directory: string, options: ReadLogOptions = {}): AsyncGenerator<LogLine> {
  const old = await Promise.all(
    FILES.slice(0, 2).map((name) => readFile(join(directory, name), "utf8").catch(() => "")),
  );
  await using file = await open(join(directory, FILES[2]), "a+");
  const current = await readFrom(file, 0);
  const lines = [...old, current].flatMap((text) => text.split("\n").slice(0, -1));
  yield* (options.tail === undefined ? lines : lines.slice(Math.max(0, lines.length - options.tail))).map(
    parse,
  );
  if (options.follow === undefined) return;
  yield* followLog(directory, Buffer.byteLength(wholeLines(current)), options);
}

async function* followLog(directory: string, from: number, options: ReadLogOptions): AsyncGenerator<LogLine> {
  const path = join(directory, FILES[2]);
  let file = await open(path, "r");
  let position = from;
  try {
    for (;;) {
      const isLive = (await options.follow?.()) ?? false;
      const text = await readFrom(file, position);
      const whole = wholeLines(text);
      position += Buffer.byteLength(whole);
      yield* whole.split("\n").slice(0, -1).map(parse);
      if (whole !== "") continue;
      const now = statSync(path, { throwIfNoEntry: false });
      if (now !== undefined && now.ino !== (await file.stat()).ino) {
        await file.close();
        file = await open(path, "r");
        position = 0;
        continue;
      }
      if (!isLive || options.signal?.aborted === true) return;
      await sleep(100);
    }
  } finally {
    await file.close();
  }
}

async function readFrom(file: FileHandle, position: number): Promise<string> {
  const { size } = await file.stat();
  const buffer = Buffer.alloc(Math.max(0, size - position));
  if (buffer.length === 0) return "";
  const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
  return buffer.toString("utf8", 0, bytesRead);
}

function wholeLines(text: string): string {
  return text.slice(0, text.lastIndexOf("\n") + 1);
}

function parse(line: string): LogLine {
  return JSON.parse(line) as LogLine;
}
