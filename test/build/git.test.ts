import assert from "node:assert/strict";
import { chmod, symlink } from "node:fs/promises";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { openWorkshop, rootOfImage } from "./fixture.ts";

function config(image: string): string {
  return `project: shop\nconfigVersion: 1\n---\n${image}`;
}

const PLAIN = config(`image: app
from: scratch
git:
- add: /
  to: /app
  excludePaths: [werf.yaml]
`);

test("files of Git come with their modes, links and names, and patches follow every change", async () => {
  await using shop = await openWorkshop();
  await shop.write({
    "werf.yaml": PLAIN,
    "run.sh": "#!/bin/sh\n",
    "with space/ünïcode": "u\n",
    "dir/sub/a": "a\n",
    "dir/b": "b\n",
    "becomes-dir": "file\n",
    "becomes-file/x": "x\n",
    "gone.txt": "gone\n",
  });
  await chmod(join(shop.repository, "run.sh"), 0o755);
  await symlink("run.sh", join(shop.repository, "link"));
  await shop.commit();
  const first = await shop.build();
  const [image] = first.images;
  assert.ok(image);
  assert.deepEqual(await rootOfImage(image, shop.home, "app"), {
    "run.sh": "755 0:0 #!/bin/sh\n",
    "with space/": "755 0:0",
    "with space/ünïcode": "644 0:0 u\n",
    "dir/": "755 0:0",
    "dir/sub/": "755 0:0",
    "dir/sub/a": "644 0:0 a\n",
    "dir/b": "644 0:0 b\n",
    "becomes-dir": "644 0:0 file\n",
    "becomes-file/": "755 0:0",
    "becomes-file/x": "644 0:0 x\n",
    "gone.txt": "644 0:0 gone\n",
    link: "-> run.sh",
  });

  await shop.write({ "gone.txt": null, dir: null, "becomes-dir": null, "becomes-file": null, link: null });
  await shop.write({
    "becomes-dir/y": "y\n",
    "becomes-file": "z\n",
    "with space/ünïcode": "v\n",
    binary: Buffer.of(0, 255, 10),
  });
  await chmod(join(shop.repository, "run.sh"), 0o644);
  await shop.commit();
  const second = await shop.build();
  assert.deepEqual(second.built, ["app/gitLatestPatch"]);
  const [patched] = second.images;
  assert.ok(patched);
  const root = await rootOfImage(patched, shop.home, "app");
  assert.deepEqual(root, {
    "run.sh": "644 0:0 #!/bin/sh\n",
    "with space/": "755 0:0",
    "with space/ünïcode": "644 0:0 v\n",
    "becomes-dir/": "755 0:0",
    "becomes-dir/y": "644 0:0 y\n",
    "becomes-file": "644 0:0 z\n",
    binary: "644 0:0 \u0000\uFFFD\n",
  });
});

test("a mebibyte of changes makes gitCache, less of it gitLatestPatch", async () => {
  await using shop = await openWorkshop();
  await shop.write({ "werf.yaml": PLAIN, a: "a" });
  await shop.commit();
  await shop.build();
  await shop.write({ small: randomBytes(1023 << 10) });
  await shop.commit();
  assert.deepEqual((await shop.build()).built, ["app/gitLatestPatch"]);
  await shop.write({ big: randomBytes(1 << 20) });
  await shop.commit();
  assert.deepEqual((await shop.build()).built, ["app/gitCache"]);
  await shop.write({ a: "b" });
  await shop.commit();
  const last = await shop.build();
  assert.deepEqual(last.built, ["app/gitLatestPatch"]);
  assert.deepEqual(last.reused, ["app/from", "app/gitArchive", "app/gitCache"]);
});

test("a branch does not take stages of unrelated history", async () => {
  await using shop = await openWorkshop();
  await shop.write({ "werf.yaml": PLAIN, a: "a" });
  await shop.commit("one");
  await shop.build();
  await shop.git("checkout", "--quiet", "--orphan", "other");
  await shop.commit("unrelated");
  assert.deepEqual((await shop.build()).built, ["app/gitArchive"]);
  await shop.git("checkout", "--quiet", "main");
  assert.deepEqual((await shop.build()).built, []);
});

test("owner and group are looked up in the image, and a missing one is named", async () => {
  await using shop = await openWorkshop();
  const owned = (owner: string): string =>
    config(
      `image: app\nfrom: debian:bookworm-slim\ngit:\n- add: /src\n  to: /srv/app\n  owner: ${owner}\n  group: "12"\n`,
    );
  await shop.write({ "werf.yaml": owned("www-data"), "src/d/a": "a\n" });
  await shop.commit();
  const [image] = (await shop.build()).images;
  assert.ok(image);
  assert.deepEqual(await rootOfImage(image, shop.home, "srv"), {
    "app/": "755 33:12",
    "app/d/": "755 33:12",
    "app/d/a": "644 33:12 a\n",
  });
  await shop.write({ "werf.yaml": owned("nobody-here") });
  await assert.rejects(shop.build(), { code: "BUILD_NO_ACCOUNT", message: /no user `nobody-here`/ });
});

test("links of the image on the way to the target are followed", async () => {
  await using shop = await openWorkshop();
  await shop.write({
    "werf.yaml": config(
      `image: app\nfrom: debian:bookworm-slim\ngit:\n- add: /src\n  to: /lib/shop\nshell:\n  setup: [/bin/ls /lib/shop/a]\n`,
    ),
    "src/a": "a\n",
  });
  await shop.commit();
  const [image] = (await shop.build()).images;
  assert.ok(image);
  assert.deepEqual(await rootOfImage(image, shop.home, "usr/lib/shop"), { a: "644 0:0 a\n" });
});

test("deletions remove emptied directories and leave those with files of commands", async () => {
  await using shop = await openWorkshop();
  await shop.write({
    "werf.yaml": config(`image: app
from: debian:bookworm-slim
git:
- {add: /src, to: /app}
shell:
  install: [touch /app/kept/by-command, echo changed >> /app/changed]
`),
    "src/kept/a": "a\n",
    "src/emptied/deep/b": "b\n",
    "src/changed": "one\n",
    "src/stays": "s\n",
  });
  await shop.commit();
  await shop.build();
  await shop.write({ "src/kept": null, "src/emptied": null, "src/changed": "two\n" });
  await shop.commit();
  const built = await shop.build();
  assert.deepEqual(built.built, ["app/gitLatestPatch"]);
  assert.ok(
    built.notices.some((text) => text.endsWith("Git's are taken: /app/changed")),
    built.notices.join("\n"),
  );
  const [image] = built.images;
  assert.ok(image);
  assert.deepEqual(await rootOfImage(image, shop.home, "app"), {
    "kept/": "755 0:0",
    "kept/by-command": "644 0:0 ",
    changed: "644 0:0 two\n",
    stays: "644 0:0 s\n",
  });
});

test("add: / is the project directory, also below the root of the repository", async () => {
  await using shop = await openWorkshop();
  await shop.write({ "services/web/werf.yaml": PLAIN, "services/web/a": "a\n", "other/b": "b\n" });
  await shop.commit();
  const built = await shop.build({ directory: join(shop.repository, "services/web") });
  const [image] = built.images;
  assert.ok(image);
  assert.deepEqual(await rootOfImage(image, shop.home, "app"), { a: "644 0:0 a\n" });
  await shop.write({ "other/b": "c\n" });
  await shop.commit();
  assert.deepEqual((await shop.build({ directory: join(shop.repository, "services/web") })).built, []);
});

test("a submodule is refused by name", async () => {
  await using shop = await openWorkshop();
  await shop.write({ "werf.yaml": PLAIN });
  const commit = await shop.commit();
  await shop.git("update-index", "--add", "--cacheinfo", `160000,${commit},vendor/lib`);
  await shop.git("commit", "--quiet", "-m", "submodule");
  await assert.rejects(shop.build(), { code: "BUILD_SUBMODULE", message: /vendor\/lib/ });
});
