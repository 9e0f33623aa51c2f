import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { openHttp } from "#http";
import {
  layerFromEntries,
  openContentStore,
  openRegistry,
  parseReference,
  readArchive,
  unpackLayers,
  withConfig,
  withLayers,
  writeArchive,
  writeLayout,
  type ContentStore,
  type Image,
  type Registry,
  type TarEntry,
} from "#oci";
import { run } from "#process";
import { mirrorAddress, requireEnvironment, startRegistry } from "../env/index.ts";

const env = { PATH: process.env["PATH"] ?? "", HOME: "/root" };

async function scratch(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "slipway-oci-"));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function client(
  t: TestContext,
  more: { readonly ca?: string; readonly dockerConfig?: string } = {},
): Promise<Registry> {
  const http = openHttp({
    env: {},
    ...(more.ca === undefined ? {} : { ca: await readFile(more.ca, "utf8") }),
  });
  t.after(() => http[Symbol.dispose]());
  const mirrors = { "docker.io": [`http://${mirrorAddress}`] };
  return openRegistry({
    http,
    env,
    mirrors,
    ...(more.dockerConfig === undefined ? {} : { loginFiles: [join(more.dockerConfig, "config.json")] }),
  });
}

/** A small base image with one more layer: a file, a deletion and a link. */
async function madeImage(registry: Registry, store: ContentStore): Promise<Image> {
  const base = await registry.pull(parseReference("busybox:1.35"), store, { layers: "later" });
  const common = { mode: 0o644, uid: 0, gid: 0, mtime: 1_700_000_000 };
  const entries = async function* (): AsyncGenerator<TarEntry, void, void> {
    yield { ...common, path: "app", type: "directory", mode: 0o755 };
    yield {
      ...common,
      path: "app/hello ü",
      type: "file",
      content: Buffer.from("hello\n"),
      uid: 1000,
      gid: 1000,
    };
    yield { ...common, path: "app/link", type: "symlink", linkName: "hello ü" };
    yield { ...common, path: "etc/passwd", type: "whiteout" };
  };
  const image = withLayers(base, [
    { layer: await layerFromEntries(entries(), store), history: { created_by: "test" } },
  ]);
  return withConfig(image, (config) => ({ ...config, Cmd: ["cat", "/app/hello ü"] }), {
    created: "2023-11-14T22:13:20Z",
  });
}

test("an image goes to a registry with a login and TLS, and other tools take it", async (t) => {
  if (!(await requireEnvironment(["registry"], t))) return;
  const directory = await scratch(t);
  await using target = await startRegistry({ users: { me: "geheim" }, tls: true });
  const auth = Buffer.from("me:geheim").toString("base64");
  await writeFile(join(directory, "config.json"), JSON.stringify({ auths: { [target.address]: { auth } } }));
  const store = await openContentStore(join(directory, "store"));
  const registry = await client(t, {
    dockerConfig: directory,
    ...(target.ca === undefined ? {} : { ca: target.ca }),
  });
  const image = await madeImage(registry, store);
  const pushed = await registry.push(image, parseReference(`${target.address}/shop/web:1`), store);
  const place = `docker://${target.address}/shop/web:1`;
  const login = ["--tls-verify=false", "--creds=me:geheim"];
  const seen = JSON.parse((await run("skopeo", ["inspect", ...login, place], { env })).stdout.toString()) as {
    Digest: string;
  };
  assert.equal(seen.Digest, pushed.digest);
  await run(
    "skopeo",
    ["copy", "--src-tls-verify=false", "--src-creds=me:geheim", place, `oci:${directory}/copied:1`],
    { env },
  );
  await run("umoci", ["unpack", "--image", `${directory}/copied:1`, `${directory}/bundle`], { env });
  const [ours = ""] = await unpackLayers(store, image.layers, {
    flat: 2,
    fetch: (layer) => registry.readLayer(layer, store),
  });
  assert.equal(await listing(ours), await listing(`${directory}/bundle/rootfs`));
  const unauthorized = await client(t, target.ca === undefined ? {} : { ca: target.ca });
  await assert.rejects(unauthorized.resolve(parseReference(`${target.address}/shop/web:1`)), {
    code: "OCI_UNAUTHORIZED",
  });
  await assert.rejects(
    (await client(t)).resolve(parseReference(`${target.address}/shop/web:1`)),
    /certificate|unreachable|no answer/i,
  );
});

test("a Debian base image is unpacked as umoci unpacks it", async (t) => {
  if (!(await requireEnvironment(["registry"], t))) return;
  const directory = await scratch(t);
  const store = await openContentStore(join(directory, "store"));
  const registry = await client(t);
  const image = await registry.pull(parseReference("node:24-bookworm-slim"), store, { layers: "later" });
  const [ours = ""] = await unpackLayers(store, image.layers, {
    fetch: (layer) => registry.readLayer(layer, store),
  });
  await writeLayout(image, store, join(directory, "layout"), "node");
  await run("umoci", ["unpack", "--image", `${directory}/layout:node`, `${directory}/bundle`], { env });
  assert.equal(await listing(ours), await listing(`${directory}/bundle/rootfs`));
});

test("a registry that dies in the middle of a push leaves no image, and the next push goes on", async (t) => {
  if (!(await requireEnvironment(["registry"], t))) return;
  const directory = await scratch(t);
  await using target = await startRegistry();
  const store = await openContentStore(join(directory, "store"));
  const registry = await client(t);
  const image = await registry.pull(parseReference("python:3.11-slim-bookworm"), store);
  const reference = parseReference(`${target.address}/shop/web:1`);
  const pushing = registry.push(image, reference, store);
  setTimeout(() => void target.kill(), 150);
  await assert.rejects(pushing, { code: "OCI_UNREACHABLE", hint: /reachable/ });
  await target.restart();
  assert.equal(await registry.resolve(reference), undefined);
  const pushed = await registry.push(image, reference, store);
  assert.equal((await registry.resolve(reference))?.digest, pushed.digest);
});

test("readArchive() takes what skopeo writes, and skopeo what writeArchive() writes", async (t) => {
  if (!(await requireEnvironment(["registry"], t))) return;
  const directory = await scratch(t);
  const store = await openContentStore(join(directory, "store"));
  const saved = join(directory, "saved.tar");
  const from = `docker://${mirrorAddress}/library/busybox:1.35`;
  await run("skopeo", ["copy", "--src-tls-verify=false", from, `docker-archive:${saved}:shop/box:1`], {
    env,
  });
  const image = await readArchive(saved, store);
  assert.equal((await unpackLayers(store, image.layers, { flat: image.layers.length })).length, 1);
  const written = join(directory, "written.tar");
  await writeArchive(image, store, written, "shop/box:2");
  const seen = await run("skopeo", ["inspect", "--config", `docker-archive:${written}`], { env });
  assert.deepEqual((JSON.parse(seen.stdout.toString()) as { rootfs: unknown }).rootfs, image.config.rootfs);
});

async function listing(root: string): Promise<string> {
  const found = await run("find", [".", "-mindepth", "1", "-printf", "%P %y %m %U:%G %T@ %n %l\\n"], {
    cwd: root,
    env,
  });
  const lines = found.stdout.toString().trimEnd().split("\n");
  return lines
    .map((line) => line.replace(/(\d+)\.\d+/, "$1"))
    .toSorted()
    .join("\n");
}
