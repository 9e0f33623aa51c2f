import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "#process";
import type { TarEntry } from "./tar-entry.ts";
import { readTar } from "./tar-read.ts";
import { writeTar } from "./tar-write.ts";

const common = { mode: 0o644, uid: 0, gid: 0, mtime: 1_700_000_000 };
const long = `${"directory/".repeat(12)}${"n".repeat(120)}`;
const entries: readonly TarEntry[] = [
  { ...common, path: "", type: "directory", mode: 0o755 },
  { ...common, path: "dir", type: "directory", mode: 0o1777, uid: 12, gid: 34 },
  { ...common, path: "dir/file", type: "file", content: Buffer.from("hello") },
  { ...common, path: "dir/empty", type: "file", content: Buffer.alloc(0) },
  { ...common, path: "dir/ü🐜", type: "file", content: Buffer.alloc(512, "x") },
  { ...common, path: "raw\udcff", type: "file", content: Buffer.alloc(513, "y") },
  {
    ...common,
    path: long,
    type: "file",
    content: Buffer.from("long"),
    xattrs: { "security.capability": Buffer.of(0, 1, 10, 255) },
  },
  { ...common, path: "big-ids", type: "file", uid: 3_000_000, gid: 4_000_000_000, content: Buffer.alloc(0) },
  { ...common, path: "old", type: "file", mtime: -5, content: Buffer.alloc(0) },
  { ...common, path: "link", type: "symlink", mode: 0o777, linkName: "../dir/./file" },
  { ...common, path: "long-link", type: "symlink", mode: 0o777, linkName: `/${"x".repeat(150)}` },
  { ...common, path: "hard", type: "hardlink", linkName: "dir/file" },
  { ...common, path: "null", type: "char", device: { major: 1, minor: 3 } },
  { ...common, path: "loop", type: "block", device: { major: 7, minor: 1 } },
  { ...common, path: "pipe", type: "fifo" },
  { ...common, path: "dir/gone", type: "whiteout", mode: 0 },
  { ...common, path: "top", type: "whiteout", mode: 0 },
  { ...common, path: "dir", type: "opaque" },
];

async function* each<T>(items: Iterable<T>): AsyncGenerator<T, void, void> {
  yield* items;
}

async function tarOf(members: readonly TarEntry[]): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(writeTar(each(members))));
}

async function membersOf(tar: Buffer, pieceSize = 1000): Promise<TarEntry[]> {
  const pieces = Array.from({ length: Math.ceil(tar.length / pieceSize) }, (_, at) =>
    tar.subarray(at * pieceSize, (at + 1) * pieceSize),
  );
  const members: TarEntry[] = [];
  for await (const { content, size: _size, ...entry } of readTar(each(pieces))) {
    const bytes =
      content === undefined
        ? undefined
        : Buffer.concat(await Array.fromAsync(content as AsyncIterable<Buffer>));
    members.push(bytes === undefined ? entry : { ...entry, content: bytes });
  }
  return members;
}

test("readTar() gives back what writeTar() wrote, however it is cut", async () => {
  const tar = await tarOf(entries);
  assert.equal(tar.length % 512, 0);
  for (const pieceSize of [1, 511, 512, 4096, tar.length])
    assert.deepEqual(await membersOf(tar, pieceSize), entries);
});

test("writeTar() cuts its output into equal pieces and streams contents of any size", async () => {
  const size = (5 << 20) + 3;
  const content = each([Buffer.alloc(3 << 20, 1), Buffer.alloc(2 << 20, 2), Buffer.alloc(3, 3)]);
  const pieces = await Array.fromAsync(
    writeTar(each<TarEntry>([{ ...common, path: "a", type: "file", size, content }])),
  );
  assert.deepEqual(
    pieces.slice(0, -1).map((piece) => piece.length),
    Array(5).fill(1 << 20),
  );
  assert.equal(Buffer.concat(pieces).length, 512 + Math.ceil(size / 512) * 512 + 1024);
  const wrong: TarEntry = { ...common, path: "a", type: "file", size: 4, content: each([Buffer.alloc(3)]) };
  await assert.rejects(Array.fromAsync(writeTar(each([wrong]))), /3 bytes, its header says 4/);
});

test("GNU tar reads what writeTar() writes", async () => {
  const directory = await mkdtemp(join(tmpdir(), "slipway-tar-"));
  const plain = entries.filter(
    (entry) => !["char", "block", "opaque", "whiteout"].includes(entry.type) && entry.path !== "",
  );
  const { stderr } = await run("tar", ["-xf", "-", "-C", directory, "--no-same-owner"], {
    input: await tarOf(plain),
  });
  assert.equal(stderr.replace(/^tar: old: implausibly old.*\n/m, ""), "");
  assert.equal(await readFile(join(directory, long), "utf8"), "long");
  assert.equal((await readFile(join(directory, "dir/ü🐜"))).length, 512);
  await rm(directory, { recursive: true });
});

test("readTar() reads what GNU tar writes in its three formats", async () => {
  const directory = await mkdtemp(join(tmpdir(), "slipway-tar-"));
  const name = "m".repeat(180);
  await writeFile(join(directory, name), "content");
  for (const format of ["gnu", "pax", "ustar"]) {
    const { stdout } = await run(
      "tar",
      ["-cf", "-", `--format=${format}`, "-C", directory, format === "ustar" ? "." : name],
      {
        accept: [0, 2],
      },
    );
    const found = await membersOf(stdout);
    if (format !== "ustar")
      assert.deepEqual(
        found.map((entry) => [entry.path, String(entry.content)]),
        [[name, "content"]],
      );
  }
  assert.deepEqual(await readdir(directory), [name]);
  await rm(directory, { recursive: true });
});

test("readTar() ends with OCI_TAR on any damage, and never hangs", async () => {
  const tar = await tarOf(entries);
  for (const length of [100, 512 + 100, 512 * 4 + 3]) {
    await assert.rejects(membersOf(tar.subarray(0, length)), { code: "OCI_TAR" });
  }
  for (let round = 0; round < 400; round++) {
    const damaged = Buffer.from(tar);
    for (let change = 0; change < 3; change++) {
      damaged[Math.floor(Math.random() * damaged.length)] = Math.floor(Math.random() * 256);
    }
    await membersOf(damaged).catch((error: { code?: string }) =>
      assert.equal(error.code, "OCI_TAR", String(error)),
    );
  }
});
