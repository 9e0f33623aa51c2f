import { SlipwayError } from "#errors";
import type { ChartFile } from "./chart.ts";

/** How large a chart may be, unpacked. */
export const MAX_CHART_SIZE = 100 * 1024 * 1024;
/** How large one file of a chart may be. */
export const MAX_FILE_SIZE = 5 * 1024 * 1024;

/** How large the archives of a chart and of all charts in it may be together: they lie in memory at once. */
const MAX_TOTAL_SIZE = 2 * MAX_CHART_SIZE;

/** What the archives of one chart have left of their size. */
export class ArchiveBudget {
  #left = MAX_TOTAL_SIZE;

  /** @throws {SlipwayError} CHART_ARCHIVE when nothing is left. */
  take(size: number): void {
    this.#left -= size;
    if (this.#left < 0) throw tooLarge();
  }
}

const BLOCK = 512;

/**
 * The files of a chart archive (.tgz), their names without the leading folder. Nothing is written to the disk; names
 * that would leave the chart's folder are refused, links are read as the empty files that they are in the archive.
 *
 * @param budget that of the archive it lies in.
 * @throws {SlipwayError} CHART_ARCHIVE with Helm's words.
 */
export function readChartArchive(archive: Uint8Array, budget = new ArchiveBudget()): ChartFile[] {
  const files: ChartFile[] = [];
  let left = MAX_CHART_SIZE;
  const tar = unzip(archive);
  budget.take(tar.length);
  for (const entry of tarEntries(tar)) {
    if (entry.isDirectory) continue;
    const name = safeName(entry.name);
    if (entry.content.length > left) throw tooLarge();
    if (entry.content.length > MAX_FILE_SIZE) {
      throw fault(
        `decompressed chart file ${JSON.stringify(entry.name)} is larger than the maximum file size ${MAX_FILE_SIZE}`,
      );
    }
    left -= entry.content.length;
    if (left <= 0) throw tooLarge();
    files.push({ name, data: withoutByteOrderMark(entry.content) });
  }
  if (files.length === 0) throw fault("no files in chart archive");
  return files;
}

export function withoutByteOrderMark(data: Buffer): Buffer {
  return data[0] === 0xef && data[1] === 0xbb && data[2] === 0xbf ? data.subarray(3) : data;
}

function unzip(archive: Uint8Array): Buffer {
  try {
    return process
      .getBuiltinModule("node:zlib")
      .gunzipSync(archive, { maxOutputLength: MAX_CHART_SIZE + 16 * 1024 * 1024 });
  } catch (error) {
    if ((error as { code?: string }).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge();
    throw new SlipwayError("CHART_ARCHIVE", "gzip: invalid header", { cause: error });
  }
}

function safeName(original: string): string {
  const delimiter = original.includes("\\") ? "\\" : "/";
  const [first, ...rest] = original.split(delimiter);
  const name = rest.join("/");
  if (name.startsWith("/")) throw fault("chart illegally contains absolute paths");
  const clean = cleanPath(name);
  if (clean === ".") {
    throw fault(`chart illegally contains content outside the base directory: ${JSON.stringify(original)}`);
  }
  if (clean.startsWith("..")) throw fault("chart illegally references parent directory");
  if (/^[a-zA-Z]:\//.test(clean)) throw fault("chart contains illegally named files");
  if (first === "Chart.yaml") throw fault("chart yaml not in base directory");
  return clean;
}

function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/") || ".";
}

interface TarEntry {
  readonly name: string;
  readonly isDirectory: boolean;
  readonly content: Buffer;
}

/**
 * The entries of a tar stream:
 *
 *   0    name (100)    124  size, octal (12)    156  type (1)    257  "ustar"    345  prefix of the name (155)
 *
 * each header 512 bytes, followed by the content, filled up to 512 bytes. Type `x` and `L` carry a long name for the
 * entry that follows.
 */
function* tarEntries(tar: Buffer): Generator<TarEntry> {
  let longName: string | undefined;
  let size: number | undefined;
  for (let at = 0; at + BLOCK <= tar.length;) {
    const header = tar.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) return;
    if (!hasValidChecksum(header)) throw fault("archive/tar: invalid tar header");
    const type = String.fromCharCode(header[156] as number);
    const length = size !== undefined && !"xgLK".includes(type) ? size : numberAt(header, 124, 12);
    const content = tar.subarray(at + BLOCK, at + BLOCK + length);
    if (content.length < length) throw fault("unexpected EOF");
    at += BLOCK + Math.ceil(length / BLOCK) * BLOCK;
    if (type === "x") {
      const records = paxRecords(content);
      longName = records.get("path") ?? longName;
      if (longName?.includes("\0") === true) throw fault("archive/tar: invalid tar header");
      const longSize = records.get("size");
      if (longSize !== undefined) size = paxSize(longSize);
    } else if (type === "L") longName = textAt(content, 0, content.length);
    else if (type !== "g" && type !== "K") {
      const prefix = textAt(header, 257, 5) === "ustar" ? textAt(header, 345, 155) : "";
      const short = textAt(header, 0, 100);
      const name = longName ?? (prefix === "" ? short : `${prefix}/${short}`);
      longName = undefined;
      size = undefined;
      const isFile = type === "0" || type === "\0" || type === "7";
      yield {
        name,
        isDirectory: type === "5" || name.endsWith("/"),
        content: isFile ? content : Buffer.alloc(0),
      };
    }
  }
}

function hasValidChecksum(header: Buffer): boolean {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 32 : (header[i] as number);
  return sum === numberAt(header, 148, 8);
}

function numberAt(header: Buffer, offset: number, length: number): number {
  if (((header[offset] as number) & 0x80) !== 0) return Number(header.readBigUInt64BE(offset + length - 8));
  const value = Number.parseInt(textAt(header, offset, length).trim() || "0", 8);
  if (!(value >= 0)) throw fault("archive/tar: invalid tar header");
  return value;
}

function textAt(data: Buffer, offset: number, length: number): string {
  const field = data.subarray(offset, offset + length);
  const end = field.indexOf(0);
  return field.subarray(0, end < 0 ? length : end).toString("utf8");
}

function paxRecords(content: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(32, at);
    const length = Number(content.subarray(at, space < 0 ? at : space).toString());
    if (!(length > 0)) throw fault("archive/tar: invalid tar header");
    const [key = "", ...value] = content
      .subarray(space + 1, at + length - 1)
      .toString("utf8")
      .split("=");
    records.set(key, value.join("="));
    at += length;
  }
  return records;
}

/** A record of a size; without the check a negative one would lead back to where it stands. */
function paxSize(text: string): number {
  if (!/^\+?\d{1,15}$/.test(text)) throw fault("archive/tar: invalid tar header");
  return Number(text);
}

function tooLarge(): SlipwayError {
  return fault(`decompressed chart is larger than the maximum file size ${MAX_CHART_SIZE}`);
}

function fault(message: string): SlipwayError {
  return new SlipwayError("CHART_ARCHIVE", message);
}
