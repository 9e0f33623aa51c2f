import { join } from "node:path/posix";

const BLOCK = 512;

/** A block of a tar with what follows it. */
export interface Member {
  readonly name: string;
  /** Without the time, and without the sum that depends on it. */
  readonly header: string;
  readonly data: Buffer;
}

/** The members of a tar, those of subcharts after the others. */
export function membersOf(tar: Buffer): Member[] {
  const members: Member[] = [];
  for (let at = 0; at < tar.length;) {
    const header = tar.toString("latin1", at, at + BLOCK);
    const size = Number.parseInt(header.slice(124, 135), 8) || 0;
    const text = (from: number, to: number): string => header.slice(from, to).replace(/\0.*/s, "");
    const name = join(text(345, 500), text(0, 100));
    const timeless = header.slice(0, 136) + header.slice(156);
    members.push({ name, header: timeless, data: tar.subarray(at + BLOCK, at + BLOCK + size) });
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return members.sort((a, b) => (chartOf(a) < chartOf(b) ? -1 : chartOf(a) > chartOf(b) ? 1 : 0));
}

/** The folder of the subchart that a member belongs to: helm packs subcharts in an order that differs with each run. */
function chartOf({ name }: Member): string {
  return /^(?:.*\/)?charts\/[^/]+\//.exec(name)?.[0] ?? "";
}
