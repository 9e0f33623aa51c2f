import { pathText } from "#disk";
import { SlipwayError } from "#errors";
import { ByteReader } from "./byte-reader.ts";
import type { TarEntry } from "./tar-entry.ts";

const BLOCK = 512;
/** Names and extended attributes; more is an attack or damage. */
const MAX_EXTENSION_BYTES = 1 << 20;

/**
 * The members of a layer's tar, in their order: ustar, pax and GNU long names, with whiteouts told apart. Paths come without
 * `./` and slashes at their ends; `..` is left for whoever writes them somewhere. The content of a member is an iterable that
 * must be read before the next member is asked for; what is left of it is skipped.
 * The source is always read to its end, so that a digest taken on the way is complete.
 *
 * @throws {SlipwayError} OCI_TAR when the bytes are not a tar or end early.
 */
export async function* readTar(source: AsyncIterable<Buffer>): AsyncGenerator<TarEntry, void, void> {
  const reader = new ByteReader(source);
  try {
    let extension: Extension = {};
    for (;;) {
      const block = reader.takeNow(BLOCK) ?? (await reader.take(BLOCK));
      if (block.length === 0 || block.every((byte) => byte === 0)) break;
      const header = parseHeader(block);
      if ("xgLK".includes(header.flag)) {
        const bytes = await extensionBytes(reader, header.size);
        if (header.flag !== "g") extension = { ...extension, ...parseExtension(header.flag, bytes) };
        continue;
      }
      const size = extension.size ?? header.size;
      const content = new Content(reader, hasContent(header.flag) ? size : 0);
      const entry = entryOf(header, extension, content);
      if (!isBookkeeping(entry.path)) yield entry;
      await content.finish();
      extension = {};
    }
    await reader.drain();
  } finally {
    await reader.close();
  }
}

interface Header {
  readonly name: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  readonly flag: string;
  readonly link: string;
  readonly major: number;
  readonly minor: number;
}

interface Extension {
  path?: string;
  link?: string;
  size?: number;
  uid?: number;
  gid?: number;
  mtime?: number;
  xattrs?: Record<string, Buffer>;
}

class Content implements AsyncIterable<Buffer> {
  readonly size: number;
  readonly #reader: ByteReader;
  #left: number;

  constructor(reader: ByteReader, size: number) {
    this.#reader = reader;
    this.size = size;
    this.#left = size;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, void> {
    while (this.#left > 0) yield await this.#next();
  }

  async finish(): Promise<void> {
    while (this.#left > 0) await this.#next();
    const padding = (BLOCK - (this.size % BLOCK)) % BLOCK;
    if ((this.#reader.takeNow(padding) ?? (await this.#reader.take(padding))).length < padding)
      throw endsEarly();
  }

  async #next(): Promise<Buffer> {
    const chunk = this.#reader.takeNow(this.#left) ?? (await this.#reader.takeSome(this.#left));
    if (chunk === undefined) throw endsEarly();
    this.#left -= chunk.length;
    return chunk;
  }
}

function parseHeader(block: Buffer): Header {
  if (block.length < BLOCK) throw endsEarly();
  const stored = number(block, 148, 8);
  let sum = 8 * 32;
  for (let at = 0; at < BLOCK; at++) if (at < 148 || at >= 156) sum += block[at] ?? 0;
  if (sum !== stored) throw damaged("the checksum of a member's header is wrong");
  const isPosix = block.toString("latin1", 257, 263) === "ustar\0";
  const prefix = isPosix ? text(block, 345, 155) : "";
  const name = text(block, 0, 100);
  const size = number(block, 124, 12);
  if (!Number.isSafeInteger(size) || size < 0) throw damaged("the size of a member is not a number");
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    mode: number(block, 100, 8) & 0o7777,
    uid: number(block, 108, 8),
    gid: number(block, 116, 8),
    size,
    mtime: number(block, 136, 12),
    flag: String.fromCharCode(block[156] ?? 0),
    link: text(block, 157, 100),
    major: number(block, 329, 8),
    minor: number(block, 337, 8),
  };
}

/** Octal digits, or, with the top bit set, a big-endian two's complement number as GNU tar writes large ones. */
function number(block: Buffer, at: number, width: number): number {
  const first = block[at] ?? 0;
  if ((first & 0x80) === 0) {
    const trimmed = block
      .toString("latin1", at, at + width)
      .replace(/\0.*$/s, "")
      .trim();
    return trimmed === "" ? 0 : /^[0-7]+$/.test(trimmed) ? Number.parseInt(trimmed, 8) : Number.NaN;
  }
  let value = (first & 0x40) === 0 ? first & 0x3f : (first & 0x7f) - 0x80;
  for (let index = at + 1; index < at + width; index++) value = value * 256 + (block[index] ?? 0);
  return value;
}

function text(block: Buffer, at: number, width: number): string {
  const end = block.indexOf(0, at);
  return pathText(block.subarray(at, end === -1 || end > at + width ? at + width : end));
}

async function extensionBytes(reader: ByteReader, size: number): Promise<Buffer> {
  if (size > MAX_EXTENSION_BYTES) throw damaged(`a member's extended header has ${size} bytes`);
  const padded = Math.ceil(size / BLOCK) * BLOCK;
  const bytes = await reader.take(padded);
  if (bytes.length < padded) throw endsEarly();
  return bytes.subarray(0, size);
}

function parseExtension(flag: string, bytes: Buffer): Extension {
  if (flag === "x") return parsePax(bytes);
  const end = bytes.indexOf(0);
  const value = pathText(end === -1 ? bytes : bytes.subarray(0, end));
  return flag === "L" ? { path: value } : { link: value };
}

function parsePax(bytes: Buffer): Extension {
  const extension: Extension = {};
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(32, at);
    const length = Number(bytes.toString("latin1", at, space));
    const equals = bytes.indexOf(61, space);
    const end = at + length;
    if (
      space === -1 ||
      equals === -1 ||
      !Number.isInteger(length) ||
      equals >= end ||
      end > bytes.length ||
      length <= 0
    ) {
      throw damaged("an extended header is malformed");
    }
    const key = bytes.toString("utf8", space + 1, equals);
    const value = bytes.subarray(equals + 1, end - 1);
    if (key === "path") extension.path = pathText(value);
    else if (key === "linkpath") extension.link = pathText(value);
    else if (key === "size") extension.size = paxNumber(value, 0);
    else if (key === "uid") extension.uid = paxNumber(value, 0);
    else if (key === "gid") extension.gid = paxNumber(value, 0);
    else if (key === "mtime") extension.mtime = Math.floor(paxNumber(value, Number.NEGATIVE_INFINITY));
    else if (key.startsWith("GNU.sparse.")) throw damaged("it holds a sparse file, which layers may not");
    else if (key.startsWith("SCHILY.xattr.")) {
      extension.xattrs = { ...extension.xattrs, [key.slice("SCHILY.xattr.".length)]: Buffer.from(value) };
    }
    at = end;
  }
  return extension;
}

function paxNumber(value: Buffer, least: number): number {
  const parsed = Number(value.toString("latin1"));
  if (!Number.isFinite(parsed) || parsed < least || Math.abs(parsed) > Number.MAX_SAFE_INTEGER) {
    throw damaged("an extended header has a number that is none");
  }
  return parsed;
}

function hasContent(flag: string): boolean {
  return flag === "0" || flag === "\0" || flag === "7";
}

function entryOf(header: Header, extension: Extension, content: Content): TarEntry {
  const name = extension.path ?? header.name;
  const path = cleanPath(name);
  const uid = extension.uid ?? header.uid;
  const gid = extension.gid ?? header.gid;
  const mtime = extension.mtime ?? header.mtime;
  if ([header.mode, uid, gid, mtime].some(Number.isNaN)) throw damaged(`the header of ${name} is malformed`);
  const common = { path, mode: header.mode, uid, gid, mtime };
  const more = extension.xattrs === undefined ? {} : { xattrs: extension.xattrs };
  const link = extension.link ?? header.link;
  switch (header.flag) {
    case "0":
    case "\0":
    case "7": {
      if (name.endsWith("/")) return { ...common, ...more, type: "directory" };
      const hidden = whiteoutOf(path);
      if (hidden !== undefined) return { ...common, ...hidden };
      return { ...common, ...more, type: "file", size: content.size, content };
    }
    case "1": {
      const hidden = whiteoutOf(path);
      return hidden === undefined
        ? { ...common, type: "hardlink", linkName: cleanPath(link) }
        : { ...common, ...hidden };
    }
    case "2":
      return { ...common, type: "symlink", linkName: link };
    case "3":
    case "4":
      return {
        ...common,
        type: header.flag === "3" ? "char" : "block",
        device: { major: header.major || 0, minor: header.minor || 0 },
      };
    case "5":
      return { ...common, ...more, type: "directory" };
    case "6":
      return { ...common, type: "fifo" };
    default:
      throw damaged(`${name} is of the unknown type "${header.flag}"`);
  }
}

/** Members such as `.wh..wh.plnk` that aufs kept for itself and that old images still carry. */
function isBookkeeping(path: string): boolean {
  return path.startsWith(".wh..wh.", path.lastIndexOf("/") + 1);
}

function whiteoutOf(path: string): Pick<TarEntry, "path" | "type"> | undefined {
  const slash = path.lastIndexOf("/");
  const name = path.slice(slash + 1);
  if (!name.startsWith(".wh.")) return undefined;
  const parent = path.slice(0, Math.max(0, slash));
  if (name === ".wh..wh..opq") return { path: parent, type: "opaque" };
  if (isBookkeeping(path)) return undefined;
  const hidden = name.slice(".wh.".length);
  if (hidden === "" || hidden === "." || hidden === "..") throw damaged(`${path} hides no name`);
  return { path: parent === "" ? hidden : `${parent}/${hidden}`, type: "whiteout" };
}

function cleanPath(name: string): string {
  return name
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");
}

function endsEarly(): SlipwayError {
  return damaged("it ends in the middle of a member");
}

function damaged(what: string): SlipwayError {
  return new SlipwayError("OCI_TAR", `Cannot read a layer: ${what}`);
}
