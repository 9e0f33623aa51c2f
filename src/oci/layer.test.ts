import assert from "node:assert/strict";
import {
  chmod,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { run } from "#process";
import {
  chainId,
  digestOf,
  emptyImage,
  layerFromEntries,
  layerFromTree,
  openContentStore,
  unpackLayers,
  withConfig,
  withLayers,
  type ContentStore,
  type Layer,
  type TarEntry,
} from "./index.ts";

const isRoot = process.getuid?.() === 0;
const needsRoot = { skip: !isRoot && "needs root for device nodes" };
const common = { mode: 0o644, uid: 0, gid: 0, mtime: 1_700_000_000 };

function file(path: string, text = path): TarEntry {
  return { ...common, path, type: "file", content: Buffer.from(text) };
}
function directory(path: string, mode = 0o755): TarEntry {
  return { ...common, path, type: "directory", mode };
}
function gone(path: string, type: "whiteout" | "opaque" = "whiteout"): TarEntry {
  return { ...common, path, type, mode: 0 };
}

async function* each<T>(items: Iterable<T>): AsyncGenerator<T, void, void> {
  yield* items;
}

async function freshStore(t: TestContext): Promise<ContentStore> {
  const path = await mkdtemp(join(tmpdir(), "slipway-store-"));
  t.after(() => rm(path, { recursive: true, force: true }));
  return openContentStore(path);
}

function layerOf(store: ContentStore, ...entries: TarEntry[]): Promise<Layer> {
  return layerFromEntries(each(entries), store);
}

test("layerFromEntries() stores one gzip member whose tar has the diffId", async (t) => {
  const store = await freshStore(t);
  const noise = Buffer.from(Array.from({ length: 700_000 }, (_, at) => (at * at) % 251));
  const entries = [
    directory("d"),
    ...Array.from({ length: 9 }, (_, at): TarEntry => ({
      ...common,
      path: `d/${at}`,
      type: "file",
      content: noise,
    })),
  ];
  const layer = await layerFromEntries(each(entries), store);
  const tar = gunzipSync(await store.read(layer.blob?.digest ?? "sha256:"));
  assert.equal(digestOf(tar), layer.diffId);
  assert.deepEqual(await layerFromEntries(each(entries), store), layer);
  assert.deepEqual(await store.blobOfLayer(layer.diffId), layer.blob);
  const zstd = await layerFromEntries(each(entries), store, { compression: "zstd" });
  assert.equal(zstd.diffId, layer.diffId);
  assert.deepEqual(zstdDecompressSync(await store.read(zstd.blob?.digest ?? "sha256:")), tar);
  assert.equal(
    (await run("gzip", ["-t"], { input: await store.read(layer.blob?.digest ?? "sha256:") })).code,
    0,
  );
});

test("ContentStore keeps nothing that is not what was expected, and drops what was cut", async (t) => {
  const store = await freshStore(t);
  const wrong = { mediaType: "x", expect: digestOf("other") };
  await assert.rejects(store.write(Buffer.from("content"), wrong), { code: "OCI_DIGEST" });
  const broken = (async function* () {
    yield Buffer.from("half");
    throw new Error("cut");
  })();
  await assert.rejects(store.write(broken, { mediaType: "x" }), /cut/);
  assert.equal((await run("find", [store.directory, "-type", "f"])).stdout.toString(), "");
  const blob = await store.write(Buffer.from("content"), { mediaType: "x" });
  assert.equal(await store.has(blob), true);
  await truncate(store.blobPath(blob.digest), 3);
  await assert.rejects(store.read(blob.digest), { code: "OCI_DIGEST" });
  await assert.rejects(store.read(blob.digest), { code: "OCI_BLOB_MISSING" });
  await store.write(Buffer.from("content"), { mediaType: "x" });
  await truncate(store.blobPath(blob.digest), 3);
  assert.equal(await store.has(blob), false);
});

test("unpackLayers() makes one directory of a base image and applies its deletions", async (t) => {
  const store = await freshStore(t);
  const layers = await Promise.all([
    layerOf(
      store,
      directory("a", 0o1777),
      file("a/1"),
      file("a/2"),
      directory("b"),
      file("b/old"),
      file("c"),
    ),
    layerOf(
      store,
      gone("a/1"),
      gone("b", "opaque"),
      file("b/new"),
      gone("c"),
      directory("c"),
      file("c/d"),
      file("a/2", "changed"),
    ),
  ]);
  const [tree, ...more] = await unpackLayers(store, layers, { flat: 2 });
  assert.deepEqual(more, []);
  const { stdout } = await run("find", [".", "-mindepth", "1", "-printf", "%P %y %m\\n"], {
    cwd: tree ?? "",
  });
  assert.deepEqual(stdout.toString().trim().split("\n").sort(), [
    "a d 1777",
    "a/2 f 644",
    "b d 755",
    "b/new f 644",
    "c d 755",
    "c/d f 644",
  ]);
  assert.equal(await readFile(join(tree ?? "", "a/2"), "utf8"), "changed");
  assert.equal((await stat(join(tree ?? "", "a"))).mtimeMs, common.mtime * 1000);
});

test("unpackLayers() marks deletions of further layers for overlayfs", needsRoot, async (t) => {
  const store = await freshStore(t);
  const layers = await Promise.all([
    layerOf(store, directory("d"), file("d/1"), file("d/2"), file("e")),
    layerOf(store, gone("e"), gone("d", "opaque"), directory("d"), file("d/3")),
  ]);
  const [top = "", base = ""] = await unpackLayers(store, layers, { flat: 1 });
  assert.equal(await readFile(join(base, "e"), "utf8"), "e");
  for (const path of ["e", "d/1", "d/2"]) {
    const found = await lstat(join(top, path));
    assert.ok(found.isCharacterDevice() && found.rdev === 0, path);
  }
  assert.deepEqual(await unpackLayers(store, layers, { flat: 1 }), [top, base]);
});

test("unpackLayers() refuses a layer that is not what the image says", async (t) => {
  const store = await freshStore(t);
  const layer = await layerOf(store, file("a"));
  const other = { ...layer, diffId: digestOf("other") };
  await assert.rejects(unpackLayers(store, [other], { flat: 1 }), { code: "OCI_DIGEST" });
  await assert.rejects(unpackLayers(store, [{ diffId: digestOf("absent") }]), { code: "OCI_BLOB_MISSING" });
  assert.deepEqual(
    (await run("ls", [join(store.directory, "trees"), join(store.directory, "tmp")])).stdout
      .toString()
      .includes("flat"),
    false,
  );
});

test("unpackLayers() never writes outside of its directory", async (t) => {
  const store = await freshStore(t);
  const outside = await mkdtemp(join(tmpdir(), "slipway-outside-"));
  t.after(() => rm(outside, { recursive: true }));
  const escape: TarEntry = { ...common, path: "out", type: "symlink", linkName: outside };
  const up: TarEntry = { ...common, path: "up", type: "symlink", linkName: "../../../../../../.." };
  const layer = await layerOf(store, escape, up, file("out/a"), file(`up${outside}/b`));
  const [tree = ""] = await unpackLayers(store, [layer], { flat: 1 });
  assert.equal(await readlink(join(tree, "out")), outside);
  assert.equal((await run("ls", ["-A", outside])).stdout.toString(), "");
  assert.equal(await readFile(join(tree, outside, "a"), "utf8"), "out/a");
  assert.equal(await readFile(join(tree, outside, "b"), "utf8"), `up${outside}/b`);
  for (const bad of [
    file("a/../../x"),
    { ...common, path: "h", type: "hardlink", linkName: "../../etc/passwd" } as const,
  ]) {
    const wrong = await layerOf(store, bad);
    await assert.rejects(unpackLayers(store, [wrong], { flat: 1 }), { code: "OCI_UNSAFE_PATH" });
  }
  const self: TarEntry = { ...common, path: "x", type: "symlink", linkName: "x" };
  await assert.rejects(unpackLayers(store, [await layerOf(store, self, file("x/y"))], { flat: 1 }), {
    code: "OCI_UNSAFE_PATH",
  });
  const hard: TarEntry = { ...common, path: "h", type: "hardlink", linkName: "out/passwd" };
  await assert.rejects(unpackLayers(store, [await layerOf(store, escape, hard)], { flat: 1 }), {
    code: "OCI_TAR",
  });
});

test("unpackLayers() keeps links, modes and owners", async (t) => {
  const store = await freshStore(t);
  const owner = isRoot
    ? { uid: 33, gid: 44 }
    : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const layer = await layerOf(
    store,
    { ...file("setuid"), mode: 0o4755, ...owner },
    { ...common, path: "hard", type: "hardlink", linkName: "setuid" },
    { ...common, path: "soft", type: "symlink", linkName: "setuid", ...owner },
    file("ü\udcff"),
    directory("closed", 0o500),
  );
  const [tree = ""] = await unpackLayers(store, [layer], { flat: 1 });
  const found = await stat(join(tree, "setuid"));
  assert.deepEqual(
    [found.mode & 0o7777, found.uid, found.gid, found.nlink],
    [0o4755, owner.uid, owner.gid, 2],
  );
  assert.equal((await lstat(join(tree, "soft"))).uid, owner.uid);
  assert.equal((await lstat(join(tree, "closed"))).mode & 0o7777, 0o500);
  await chmod(join(tree, "closed"), 0o700);
});

test("layerFromTree() gives the same layer for the same files, whatever their order and times", async (t) => {
  const store = await freshStore(t);
  const make = async (id: string, names: readonly string[]): Promise<void> => {
    const tree = await store.newTree();
    await mkdir(join(tree.path, "d"));
    for (const name of names) await writeFile(join(tree.path, "d", name), name);
    await link(join(tree.path, "d", "b"), join(tree.path, "d", "z"));
    await symlink("b", join(tree.path, "d", "s"));
    await utimes(join(tree.path, "d", "a"), 1_000_000_000, 1_000_000_000);
    await tree.keep(id);
  };
  await make("one", ["b", "a", "c"]);
  await make("two", ["c", "a", "b"]);
  const one = await layerFromTree(store, "one", { mtime: 1_600_000_000 });
  const two = await layerFromTree(store, "two", { mtime: 1_600_000_000, blob: "later" });
  assert.equal(one.diffId, two.diffId);
  assert.equal(two.blob, undefined);
  const [tree = ""] = await unpackLayers(store, [{ diffId: one.diffId }], { flat: 1 });
  assert.equal((await stat(join(tree, "d/z"))).nlink, 2);
  assert.equal((await stat(join(tree, "d/a"))).mtimeMs, 1_000_000_000_000);
  assert.equal((await stat(join(tree, "d/b"))).mtimeMs, 1_600_000_000_000);
});

test("layerFromTree() turns what overlayfs wrote into deletions", needsRoot, async (t) => {
  const store = await freshStore(t);
  const base = await layerOf(
    store,
    directory("d"),
    file("d/1"),
    directory("e"),
    file("e/1"),
    file("gone"),
    directory("f"),
    file("f/1"),
  );
  const [lower = ""] = await unpackLayers(store, [base], { flat: 1 });
  const tree = await store.newTree();
  const merged = await mkdtemp(join(tmpdir(), "slipway-merged-"));
  t.after(() => rm(merged, { recursive: true }));
  const script = `mount -t overlay o -o lowerdir="$1",upperdir="$2",workdir="$3" "$4" && cd "$4" &&
    rm gone d/1 && rm -r e && mkdir e && echo new > e/2 && echo more > f/2 && mkdir fresh && cd / && umount "$4"`;
  await run("unshare", ["--mount", "sh", "-ec", script, "sh", lower, tree.path, tree.work, merged], {
    env: { PATH: process.env["PATH"] ?? "" },
  });
  await tree.keep("upper");
  const layer = await layerFromTree(store, "upper", { mtime: 1_700_000_000, lower: [lower] });
  const tar = gunzipSync(await store.read(layer.blob?.digest ?? "sha256:"));
  const { stdout } = await run("tar", ["-tf", "-"], { input: tar });
  assert.deepEqual(stdout.toString().trim().split("\n"), [
    "d/",
    "d/.wh.1",
    "e/",
    "e/.wh..wh..opq",
    "e/2",
    "f/",
    "f/2",
    "fresh/",
    ".wh.gone",
  ]);
  const [flat = ""] = await unpackLayers(store, [base, { diffId: layer.diffId }], { flat: 2 });
  const found = await run("find", [".", "-type", "f"], { cwd: flat });
  assert.deepEqual(found.stdout.toString().trim().split("\n").sort(), ["./e/2", "./f/1", "./f/2"]);
});

test("withLayers() and withConfig() make new images and leave the old one alone", () => {
  const image = emptyImage({ os: "linux", architecture: "amd64" });
  const layer = { diffId: digestOf("x") };
  const next = withConfig(withLayers(image, [{ layer, history: { created_by: "test" } }]), (config) => ({
    ...config,
    Cmd: ["x"],
  }));
  assert.deepEqual(next.config.rootfs.diff_ids, [layer.diffId]);
  assert.deepEqual(next.config.history, [{ created_by: "test" }]);
  assert.deepEqual(next.config.config.Cmd, ["x"]);
  assert.deepEqual(image.layers, []);
});

test("chainId() is that of the image specification", () => {
  const [a, b] = [digestOf("a"), digestOf("b")];
  assert.equal(chainId([]), undefined);
  assert.equal(chainId([{ diffId: a }]), a);
  assert.equal(chainId([{ diffId: a }, { diffId: b }]), digestOf(`${a} ${b}`));
});
