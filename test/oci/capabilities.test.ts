import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { layerFromTree, openContentStore, unpackLayers } from "#oci";
import { run } from "#process";
import { requireEnvironment } from "../env/index.ts";

/** cap_net_raw, effective and permitted. */
const NET_RAW = "0x0100000200200000000000000000000000000000";

test("capabilities of files are in the layer, and in what is unpacked from it", async (t) => {
  if (!(await requireEnvironment(["packages"], t))) return;
  if (process.geteuid?.() !== 0) return t.skip("capabilities of files take root to set");
  const directory = await mkdtemp(join(tmpdir(), "slipway-capabilities-"));
  t.after(() => rm(directory, { recursive: true }));
  const store = await openContentStore(directory);
  const tree = await store.newTree();
  await mkdir(join(tree.path, "b in"));
  const names = ["b in/ping", "b in/back\\slash\nline=é"];
  for (const name of [...names, "plain"]) await writeFile(join(tree.path, name), name, { mode: 0o755 });
  for (const name of names)
    await exec("setfattr", ["-n", "security.capability", "-v", NET_RAW, name], tree.path);
  await tree.keep("one");

  const layer = await layerFromTree(store, "one", { mtime: 1_700_000_000 });
  const byTar = join(directory, "by-tar");
  await mkdir(byTar);
  await exec(
    "tar",
    ["--xattrs", "--xattrs-include=*", "-xf", "-"],
    byTar,
    gunzipSync(await store.read(layer.blob?.digest ?? "sha256:")),
  );
  const [byUs = ""] = await unpackLayers(store, [{ diffId: layer.diffId }], { flat: 1 });
  for (const place of [byTar, byUs]) {
    for (const name of names)
      assert.match(await dump(place, name), new RegExp(`security.capability=${NET_RAW}`));
    assert.equal(await dump(place, "plain"), "");
  }
});

function dump(directory: string, name: string): Promise<string> {
  return exec("getfattr", ["-d", "-e", "hex", "-m", "security.capability", name], directory);
}

async function exec(
  program: string,
  args: readonly string[],
  cwd: string,
  input = Buffer.alloc(0),
): Promise<string> {
  return (
    await run(program, args, { cwd, input, env: { PATH: process.env["PATH"] ?? "" } })
  ).stdout.toString();
}
