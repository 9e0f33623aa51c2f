import assert from "node:assert/strict";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { imageOfStage, publishedImage, type BuiltImage } from "#build";
import { openHttp } from "#http";
import { openContentStore, openRegistry, writeArchive, writeLayout, type Image } from "#oci";
import { start } from "#process";
import { MIRROR, openWorkshop } from "./fixture.ts";

const SHELL = `project: shop
configVersion: 1
---
image: app
from: debian:bookworm-slim
git:
- {add: /src, to: /app}
shell:
  beforeInstall: mkdir /made
  install:
  - echo one > /made/one
  - |
    cd /app
    cat a > /made/two
docker:
  ENV: {PLACE: /made, PATH: "/made:$PATH"}
  EXPOSE: ["8080"]
  LABEL: {team: shop}
  ENTRYPOINT: /made/start
`;

async function publish(built: BuiltImage | undefined, home: string): Promise<Image> {
  assert.ok(built);
  const env = { PATH: process.env["PATH"] ?? "" };
  const store = await openContentStore(join(home, "store"));
  const registry = openRegistry({ http: openHttp({ env }), mirrors: { "docker.io": [MIRROR] }, env });
  return publishedImage(
    built.record,
    {
      imageName: built.name,
      reference: `registry.example.com/shop/app:${built.contentSignature}`,
      tag: built.contentSignature,
      strategy: "stages-signature",
      contentSignature: built.contentSignature,
    },
    { store, registry, signal: new AbortController().signal },
  );
}

test("two clones with two empty stores publish one image", async () => {
  await using shop = await openWorkshop();
  await shop.write({ "werf.yaml": SHELL, "src/a": "a\n", "src/d/b": "b\n" });
  await shop.commit();
  const clone = join(shop.root, "clone");
  await shop.git("clone", "--quiet", shop.repository, clone);
  const homes = [shop.home, join(shop.root, "home2")] as const;
  const before = process.umask(0o077);
  const first = await shop.build({ home: homes[0] });
  process.umask(0o002);
  await sleep(1100);
  const second = await shop.build({ home: homes[1], directory: clone });
  process.umask(before);
  const images = [
    await publish(first.images[0], homes[0]),
    await publish(second.images[0], homes[1]),
  ] as const;
  assert.deepEqual(images[0], {
    ...images[1],
    layers: images[1].layers
      .map((layer, index) => ({ ...layer, tree: images[0].layers[index]?.tree }))
      .map(({ tree, ...layer }) => (tree === undefined ? layer : { ...layer, tree })),
  });
  const { config } = images[0];
  assert.equal(config.config.Labels?.["werf-image-name"], "app");
  assert.equal(config.config.Labels["werf-image"], "true");
  assert.match(
    config.config.Labels["werf-docker-image-name"] ?? "",
    /^registry\.example\.com\/shop\/app:[0-9a-f]{56}$/,
  );
  assert.equal(config.config.Labels["team"], "shop");
  const variables = config.config.Env ?? [];
  assert.ok(variables.includes("PLACE=/made"));
  assert.ok(
    variables.some((line) => line.startsWith("PATH=/made:/usr")),
    variables.join(" "),
  );
  assert.deepEqual(config.config.ExposedPorts, { "8080/tcp": {} });
  assert.deepEqual(config.config.Entrypoint, ["/bin/sh", "-c", "/made/start"]);
  assert.deepEqual(config.config.Cmd, []);
  assert.equal(config.history?.filter((entry) => entry.empty_layer !== true).length, images[0].layers.length);
});

test("a failing command names itself and its code, and its stage is not kept", async () => {
  await using shop = await openWorkshop();
  const failing = SHELL.replace("echo one > /made/one", "(echo said; exit 7)");
  await shop.write({ "werf.yaml": failing, "src/a": "a\n" });
  await shop.commit();
  await assert.rejects(shop.build(), {
    code: "BUILD_COMMAND_FAILED",
    message: "Cannot build stage install of image app: command `(echo said; exit 7)` ended with code 7",
  });
  await shop.write({ "werf.yaml": SHELL });
  const again = await shop.build();
  assert.deepEqual(again.reused, ["app/from", "app/beforeInstall", "app/gitArchive"]);
  assert.deepEqual(again.built, ["app/install", "app/dockerInstructions"]);
});

test("stages whose content is gone from the store are built again", async () => {
  await using shop = await openWorkshop();
  await shop.write({ "werf.yaml": SHELL, "src/a": "a\n" });
  await shop.commit();
  const first = await shop.build();
  const trees = join(shop.home, "store/trees");
  const [install] = (await readdir(trees)).filter((name) =>
    name.includes(first.images[0]?.record.parent?.signature ?? "?"),
  );
  assert.ok(install);
  await rm(join(trees, install), { recursive: true });
  const second = await shop.build();
  assert.deepEqual(second.built, ["app/install"]);
  assert.ok(second.notices.some((text) => text.includes("has lost layers")));
  assert.deepEqual((await shop.build()).built, []);
});

test("a damaged layer of Git is made again when a command needs it", async () => {
  await using shop = await openWorkshop();
  await shop.write({ "werf.yaml": SHELL, "src/a": "a\n" });
  await shop.commit();
  const first = await shop.build();
  const archive = first.images[0]?.record.image.layers.find((layer) => layer.source === "git")?.layer;
  assert.ok(archive?.blob);
  const blob = join(shop.home, "store/blobs/sha256", archive.blob.digest.slice(7));
  const bytes = await readFile(blob);
  await writeFile(blob, bytes.fill(7, 20, 60));
  for (const name of await readdir(join(shop.home, "store/trees"))) {
    if (name.startsWith("layer-")) await rm(join(shop.home, "store/trees", name), { recursive: true });
  }
  await shop.write({ "werf.yaml": SHELL.replace("echo one", "echo two") });
  const second = await shop.build();
  assert.ok(
    second.notices.some((text) => text.includes("damaged in the store")),
    second.notices.join("\n"),
  );
  assert.deepEqual(second.built, ["app/gitArchive", "app/install", "app/dockerInstructions"]);
});

test("an image without bash and a directive that cannot be built are told", async () => {
  await using shop = await openWorkshop();
  await shop.write({
    "werf.yaml":
      "project: shop\nconfigVersion: 1\n---\nimage: app\nfrom: busybox:1.35\nshell: {install: ls}\n",
  });
  await shop.commit();
  await assert.rejects(shop.build(), { code: "BUILD_NO_BASH" });
  await shop.write({
    "werf.yaml":
      "project: shop\nconfigVersion: 1\n---\nimage: app\nfrom: busybox:1.35\nmount: [{from: tmp_dir, to: /x}]\n",
  });
  await assert.rejects(shop.build(), {
    code: "BUILD_UNSUPPORTED",
    message: "Cannot build image app: `mount` is not supported yet",
  });
  await shop.write({
    "werf.yaml": "project: shop\nconfigVersion: 1\n---\nimage: app\nfrom: shop/nowhere:1\n",
  });
  await assert.rejects(shop.build({ images: ["app"] }), {
    code: "BUILD_NO_BASE",
    message: "Unable to fetch base image shop/nowhere:1",
  });
});

test("images built on images, and on artifacts, follow them", async () => {
  await using shop = await openWorkshop();
  const config = (version: number): string => `project: shop
configVersion: 1
---
image: app
fromImage: base
git: [{add: /src, to: /app}]
shell: {install: cat /base}
---
image: base
from: debian:bookworm-slim
shell: {install: echo ${version} > /base}
`;
  await shop.write({ "werf.yaml": config(1), "src/a": "a\n" });
  await shop.commit();
  const first = await shop.build();
  assert.deepEqual(
    first.images.map(({ name }) => name),
    ["base", "app"],
  );
  assert.deepEqual((await shop.build()).built, []);
  await shop.write({ "werf.yaml": config(2) });
  assert.deepEqual((await shop.build()).built, ["base/install", "app/from", "app/gitArchive", "app/install"]);
});

test("two builds at once make each stage once", async () => {
  await using shop = await openWorkshop();
  await shop.write({ "werf.yaml": SHELL, "src/a": "a\n" });
  await shop.commit();
  const [first, second] = await Promise.all([shop.build(), shop.build()]);
  assert.equal(first.images[0]?.contentSignature, second.images[0]?.contentSignature);
  assert.deepEqual(first.images[0]?.record, second.images[0]?.record);
  assert.equal((await readdir(join(shop.home, "stages/shop"))).length, 5);
});

test("a build that is killed leaves a store in which the next one succeeds", async () => {
  await using shop = await openWorkshop();
  const slow = SHELL.replace("echo one > /made/one", "echo one > /made/one; echo waiting; sleep 60").replace(
    "a > /made/two",
    "a > /made/two",
  );
  await shop.write({ "werf.yaml": slow, "src/a": "a\n" });
  await shop.commit();
  for (const moment of ["started stage from", "started stage gitArchive", "log stage install waiting"]) {
    const builder = start(
      process.execPath,
      [join(import.meta.dirname, "builder.ts"), shop.repository, shop.home],
      { env: { PATH: process.env["PATH"] ?? "" } },
      ["ignore", "pipe", "inherit"],
    );
    let said = "";
    builder.child.stdout?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes(moment)) builder.child.kill("SIGKILL");
    });
    await builder.ended;
    assert.ok(said.includes(moment), said);
    assert.ok(!said.includes("done "), said);
  }
  await shop.write({ "werf.yaml": slow.replace("sleep 60", "true") });
  const built = await shop.build();
  assert.ok(built.images[0]);
  const env = { PATH: process.env["PATH"] ?? "" };
  const store = await openContentStore(join(shop.home, "store"));
  const registry = openRegistry({ http: openHttp({ env }), mirrors: { "docker.io": [MIRROR] }, env });
  const image = await imageOfStage(built.images[0].record, {
    store,
    registry,
    signal: new AbortController().signal,
  });
  assert.ok(image.layers.length >= 4);
});

test("a base image may be an OCI layout or an archive in the project", async () => {
  await using shop = await openWorkshop();
  const env = { PATH: process.env["PATH"] ?? "" };
  const store = await openContentStore(join(shop.root, "store"));
  const registry = openRegistry({ http: openHttp({ env }), mirrors: { "docker.io": [MIRROR] }, env });
  const image = await registry.pull(
    { registry: "docker.io", repository: "library/busybox", tag: "1.35" },
    store,
  );
  await writeLayout(image, store, join(shop.repository, "bases/layout"), "box:1");
  await writeArchive(image, store, join(shop.repository, "bases/box.tar"), "box:1");
  const from = (base: string): string =>
    `project: shop\nconfigVersion: 1\n---\nimage: app\nfrom: ${base}\ngit: [{add: /werf.yaml, to: /werf.yaml}]\n`;
  for (const base of ["oci:bases/layout", "docker-archive:bases/box.tar"]) {
    await shop.write({ "werf.yaml": from(base) });
    await shop.commit();
    const [built] = (await shop.build()).images;
    assert.ok(built);
    assert.deepEqual(
      built.record.image.layers.map(({ layer }) => layer.diffId).slice(0, -1),
      image.layers.map(({ diffId }) => diffId),
    );
  }
  await shop.write({ "werf.yaml": from("oci:bases/nothing") });
  await assert.rejects(shop.build(), {
    code: "BUILD_NO_BASE",
    message: "Unable to fetch base image oci:bases/nothing",
  });
});
