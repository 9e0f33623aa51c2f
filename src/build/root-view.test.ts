import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { ownerIds } from "./accounts.ts";
import { RootView } from "./root-view.ts";

async function layers(
  ...contents: readonly Readonly<Record<string, string>>[]
): Promise<{ readonly directories: readonly string[]; readonly [Symbol.asyncDispose]: () => Promise<void> }> {
  const root = await mkdtemp(join(tmpdir(), "slipway-view-"));
  const directories = contents.map((_, index) => join(root, String(index)));
  for (const [index, files] of contents.entries()) {
    await mkdir(join(root, String(index)));
    for (const [path, content] of Object.entries(files)) {
      const full = join(root, String(index), path);
      await mkdir(dirname(full), { recursive: true });
      if (content.startsWith("-> ")) await symlink(content.slice(3), full);
      else await writeFile(full, content);
    }
  }
  return { directories, [Symbol.asyncDispose]: () => rm(root, { recursive: true }) };
}

test("a RootView takes the upper of two files and all names of a directory", async () => {
  await using made = await layers({ "a/x": "upper" }, { "a/x": "lower", "a/y": "y", b: "b" });
  const view = new RootView(made.directories);
  assert.equal(view.read("a/x"), "upper");
  assert.equal(view.read("a/y"), "y");
  assert.deepEqual(view.list("a").toSorted(), ["x", "y"]);
  assert.equal(view.stat("c"), undefined);
});

test("an opaque directory, and a file in its place, hide what lies below", async () => {
  await using made = await layers({ "a/new": "n", b: "file" }, { "a/x": "x", "b/y": "y" });
  const view = new RootView(made.directories, [["a"]]);
  assert.deepEqual(view.list("a"), ["new"]);
  assert.equal(view.stat("a/x"), undefined);
  assert.equal(view.stat("b/y"), undefined);
});

test("resolve() follows links within the root, circles too", async () => {
  await using made = await layers({
    lib: "-> usr/lib",
    "usr/lib/z": "z",
    abs: "-> /usr",
    up: "-> ../../usr",
    loop: "-> loop",
  });
  const view = new RootView(made.directories);
  assert.equal(view.resolve("/lib/z"), "usr/lib/z");
  assert.equal(view.resolve("abs/lib/new/file"), "usr/lib/new/file");
  assert.equal(view.resolve("up/lib"), "usr/lib");
  assert.equal(view.read("lib/z"), "z");
  assert.equal(view.resolve("loop"), "loop");
});

test("ownerIds() looks up names, takes numbers, and names what is missing", async () => {
  await using made = await layers({
    "etc/passwd": "root:x:0:0::/:\napp:x:1000:1001::/:\n",
    "etc/group": "media:x:44:\n",
  });
  const view = new RootView(made.directories);
  assert.deepEqual(ownerIds(view, undefined, undefined), { uid: 0, gid: 0 });
  assert.deepEqual(ownerIds(view, "app", undefined), { uid: 1000, gid: 1001 });
  assert.deepEqual(ownerIds(view, "1000", "media"), { uid: 1000, gid: 44 });
  assert.deepEqual(ownerIds(view, "7", "8"), { uid: 7, gid: 8 });
  assert.throws(() => ownerIds(view, undefined, "none"), {
    code: "BUILD_NO_ACCOUNT",
    message: /no group `none`/,
  });
});
