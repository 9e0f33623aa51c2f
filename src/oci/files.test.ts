import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import {
  emptyImage,
  layerFromEntries,
  openContentStore,
  readArchive,
  readLayout,
  unpackLayers,
  withConfig,
  withLayers,
  writeArchive,
  writeLayout,
  type ContentStore,
  type Image,
} from "./index.ts";

async function scratch(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "slipway-files-"));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function imageOf(store: ContentStore, ...texts: string[]): Promise<Image> {
  let image = emptyImage({ os: "linux", architecture: "amd64" });
  for (const [at, text] of texts.entries()) {
    const entries = (async function* () {
      yield {
        path: `file${at}`,
        type: "file",
        mode: 0o644,
        uid: 0,
        gid: 0,
        mtime: 0,
        content: Buffer.from(text),
      } as const;
    })();
    image = withLayers(image, [{ layer: await layerFromEntries(entries, store) }]);
  }
  return withConfig(image, () => ({ Cmd: ["run"] }));
}

test("readLayout() brings back what writeLayout() wrote, by name when there are several", async (t) => {
  const directory = await scratch(t);
  const store = await openContentStore(join(directory, "store"));
  const [one, two] = [await imageOf(store, "a", "b"), await imageOf(store, "c")];
  const layout = join(directory, "layout");
  const descriptor = await writeLayout(one, store, layout, "one");
  const other = await openContentStore(join(directory, "other"));
  const read = await readLayout(layout, other);
  assert.deepEqual(read.config, one.config);
  assert.equal(read.base?.digest, descriptor.digest);
  assert.equal((await unpackLayers(other, read.layers, { flat: 2 })).length, 1);
  await writeLayout(two, store, layout, "two");
  await writeLayout(two, store, layout, "two");
  assert.deepEqual((await readLayout(layout, other, { name: "two" })).config, two.config);
  await assert.rejects(readLayout(layout, other), { code: "OCI_LAYOUT", hint: "It has: one, two" });
  await assert.rejects(readLayout(layout, other, { name: "three" }), { code: "OCI_LAYOUT" });
  await assert.rejects(readLayout(directory, other), { code: "OCI_LAYOUT" });
});

test("readArchive() brings back what writeArchive() wrote", async (t) => {
  const directory = await scratch(t);
  const store = await openContentStore(join(directory, "store"));
  const image = await imageOf(store, "a", "x".repeat(2 << 20), "c");
  const path = join(directory, "image.tar");
  await writeArchive(image, store, path, "shop/web:1");
  const first = await readFile(path);
  const other = await openContentStore(join(directory, "other"));
  const read = await readArchive(path, other, { name: "shop/web:1" });
  assert.deepEqual(read.config, image.config);
  assert.deepEqual(
    read.layers.map((layer) => layer.blob?.digest),
    image.layers.map((layer) => layer.blob?.digest),
  );
  await writeArchive(read, other, path, "shop/web:1");
  assert.deepEqual(await readFile(path), first);
  await assert.rejects(readArchive(path, other, { name: "x" }), {
    code: "OCI_ARCHIVE",
    hint: "It has: shop/web:1",
  });
  await writeFile(path, first.subarray(0, 900));
  await assert.rejects(readArchive(path, other), { code: /^OCI_(TAR|ARCHIVE)$/ });
});
