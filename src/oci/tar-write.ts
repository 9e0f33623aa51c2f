import { basename, dirname } from "node:path/posix";
import { pathBytes } from "#disk";
import type { TarEntry } from "./tar-entry.ts";

/** Size of the pieces that writeTar() gives; a compressor may treat each on its own and stay deterministic. */
export const TAR_PIECE = 1 << 20;

const BLOCK = 512;
const TYPE_FLAGS: Readonly<Record<TarEntry["type"], string>> = {
  file: "0",
  hardlink: "1",
  symlink: "2",
  char: "3",
  block: "4",
  directory: "5",
  fifo: "6",
  whiteout: "0",
  opaque: "0",
};

/**
 * The members as one tar, in pieces of TAR_PIECE bytes (the last one shorter). The same members always give the same bytes:
 * no user or group names, no access times, nothing of this machine.
 *
 *   [pax header block, pax records]  header block  content, filled up with zeros to 512   …   two zero blocks
 */
export async function* writeTar(entries: AsyncIterable<TarEntry>): AsyncGenerator<Buffer, void, void> {
  const pieces = new Piecer();
  for await (const entry of entries) {
    pieces.add(headerOf(entry));
    yield* pieces.full();
    const { content } = entry;
    if (content === undefined) continue;
    let written = 0;
    for await (const chunk of Buffer.isBuffer(content) ? [content] : content) {
      pieces.add(chunk);
      written += chunk.length;
      yield* pieces.full();
    }
    if (written !== sizeOf(entry)) {
      throw new Error(`${entry.path} has ${written} bytes, its header says ${sizeOf(entry)}`);
    }
    if (written % BLOCK !== 0) pieces.add(ZEROS.subarray(written % BLOCK, BLOCK));
    yield* pieces.full();
  }
  pieces.add(ZEROS);
  yield* pieces.full();
  yield pieces.rest();
}

const ZEROS = Buffer.alloc(2 * BLOCK);

/** Collects bytes into pieces of equal size. */
class Piecer {
  #piece = Buffer.allocUnsafe(TAR_PIECE);
  #used = 0;
  #full: Buffer[] = [];

  add(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) {
      const copied = bytes.copy(this.#piece, this.#used, at);
      at += copied;
      this.#used += copied;
      if (this.#used === TAR_PIECE) {
        this.#full.push(this.#piece);
        this.#piece = Buffer.allocUnsafe(TAR_PIECE);
        this.#used = 0;
      }
    }
  }

  full(): Buffer[] {
    if (this.#full.length === 0) return NOTHING;
    const full = this.#full;
    this.#full = [];
    return full;
  }

  rest(): Buffer {
    return this.#piece.subarray(0, this.#used);
  }
}

const NOTHING: Buffer[] = [];

function headerOf(entry: TarEntry): Buffer {
  const name = pathBytes(memberName(entry));
  const link = pathBytes(entry.linkName ?? "");
  const records = paxRecords(entry, name, link);
  const header = ustarBlock({
    name: name.subarray(0, 100),
    link: link.subarray(0, 100),
    mode: entry.mode & 0o7777,
    uid: entry.uid <= 0o7777777 ? entry.uid : 0,
    gid: entry.gid <= 0o7777777 ? entry.gid : 0,
    size: sizeOf(entry) <= 0o77777777777 ? sizeOf(entry) : 0,
    mtime: isPlainTime(entry.mtime) ? Math.floor(entry.mtime) : 0,
    flag: TYPE_FLAGS[entry.type],
    ...(entry.device === undefined ? {} : { device: entry.device }),
  });
  if (records.length === 0) return header;
  const filled = Buffer.alloc(Math.ceil(records.length / BLOCK) * BLOCK);
  records.copy(filled);
  const shortName = basename(memberName(entry))
    .replace(/[^ -~]/g, "_")
    .slice(0, 80);
  const pax = ustarBlock({
    name: Buffer.from(`PaxHeaders.0/${shortName}`),
    link: Buffer.alloc(0),
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: records.length,
    mtime: 0,
    flag: "x",
  });
  return Buffer.concat([pax, filled, header]);
}

/** The name a member has in the tar: whiteouts are files with reserved names, directories end with a slash. */
function memberName({ path, type }: TarEntry): string {
  switch (type) {
    case "whiteout": {
      const parent = dirname(path);
      return parent === "." ? `.wh.${basename(path)}` : `${parent}/.wh.${basename(path)}`;
    }
    case "opaque":
      return path === "" ? ".wh..wh..opq" : `${path}/.wh..wh..opq`;
    case "directory":
      return path === "" ? "./" : `${path}/`;
    default:
      return path;
  }
}

function sizeOf(entry: TarEntry): number {
  if (entry.type !== "file" || entry.content === undefined) return 0;
  return Buffer.isBuffer(entry.content) ? entry.content.length : (entry.size ?? 0);
}

function isPlainTime(mtime: number): boolean {
  return mtime >= 0 && mtime <= 0o77777777777;
}

/** What the old header cannot hold, each as `LENGTH SP KEY=VALUE \n` in the order of the keys. */
function paxRecords(entry: TarEntry, name: Buffer, link: Buffer): Buffer {
  const records: [key: string, value: Buffer][] = [];
  const add = (key: string, value: Buffer | number): void => {
    records.push([key, Buffer.isBuffer(value) ? value : Buffer.from(String(value))]);
  };
  for (const [key, value] of Object.entries(entry.xattrs ?? {})) add(`SCHILY.xattr.${key}`, value);
  if (entry.gid > 0o7777777) add("gid", entry.gid);
  if (!fits(link)) add("linkpath", link);
  if (!isPlainTime(entry.mtime)) add("mtime", Math.floor(entry.mtime));
  if (!fits(name)) add("path", name);
  if (sizeOf(entry) > 0o77777777777) add("size", sizeOf(entry));
  if (entry.uid > 0o7777777) add("uid", entry.uid);
  if (records.length === 0) return Buffer.alloc(0);
  records.sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.concat(records.map(([key, value]) => paxRecord(Buffer.from(key), value)));
}

/** Names beyond ASCII are in a pax record, where they are UTF-8 by definition. */
function fits(name: Buffer): boolean {
  return name.length <= 100 && name.every((byte) => byte < 0x80);
}

function paxRecord(key: Buffer, value: Buffer): Buffer {
  const rest = key.length + value.length + 3;
  let length = rest + String(rest).length;
  if (String(length).length > String(rest).length) length += 1;
  return Buffer.concat([Buffer.from(`${length} `), key, Buffer.from("="), value, Buffer.from("\n")]);
}

interface UstarFields {
  readonly name: Buffer;
  readonly link: Buffer;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  readonly flag: string;
  readonly device?: { readonly major: number; readonly minor: number };
}

/**
 *     0 name[100]  100 mode[8]  108 uid[8]  116 gid[8]  124 size[12]  136 mtime[12]  148 checksum[8]  156 flag
 *   157 link[100]  257 "ustar\0" "00"  265 uname[32]  297 gname[32]  329 major[8]  337 minor[8]  345 prefix[155]
 *
 * @see POSIX.1-2001, pax, "ustar Interchange Format"
 */
function ustarBlock(fields: UstarFields): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (at: number, width: number, value: number): void => {
    block.write(value.toString(8).padStart(width - 1, "0"), at, "latin1");
  };
  fields.name.copy(block, 0);
  octal(100, 8, fields.mode);
  octal(108, 8, fields.uid);
  octal(116, 8, fields.gid);
  octal(124, 12, fields.size);
  octal(136, 12, fields.mtime);
  block.write("        ", 148, "latin1");
  block.write(fields.flag, 156, "latin1");
  fields.link.copy(block, 157);
  block.write("ustar\u000000", 257, "latin1");
  octal(329, 8, fields.device?.major ?? 0);
  octal(337, 8, fields.device?.minor ?? 0);
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, "0")}\u0000 `, 148, "latin1");
  return block;
}
