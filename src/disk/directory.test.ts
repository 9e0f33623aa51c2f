import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { makeDirectory } from "./index.ts";

async function scratch(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), "slipway-directory-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

test("makeDirectory() makes what is missing and says where it began", async () => {
  await using at = await scratch();
  assert.equal(await makeDirectory(join(at.path, "a/b/c")), join(at.path, "a"));
  assert.equal(await makeDirectory(join(at.path, "a/b/c")), undefined);
  assert.equal(await makeDirectory(join(at.path, "a/b/d")), join(at.path, "a/b/d"));
  assert.ok((await stat(join(at.path, "a/b/c"))).isDirectory());
});

test("makeDirectory() goes through links to directories", async () => {
  await using at = await scratch();
  await mkdir(join(at.path, "real"));
  await symlink("real", join(at.path, "link"));
  assert.equal(await makeDirectory(join(at.path, "link")), undefined);
  await makeDirectory(join(at.path, "link/x"));
  assert.ok((await stat(join(at.path, "real/x"))).isDirectory());
});

test("makeDirectory() may be called by many at once", async () => {
  await using at = await scratch();
  await Promise.all(Array.from({ length: 20 }, () => makeDirectory(join(at.path, "a/b/c/d"))));
  assert.ok((await stat(join(at.path, "a/b/c/d"))).isDirectory());
});

test("makeDirectory() fails where a file or a link to nothing is in the way", async () => {
  await using at = await scratch();
  await writeFile(join(at.path, "file"), "");
  await symlink("nowhere", join(at.path, "link"));
  await assert.rejects(makeDirectory(join(at.path, "file")), { code: "EEXIST" });
  await assert.rejects(makeDirectory(join(at.path, "file/x")), { code: "ENOTDIR" });
  await assert.rejects(makeDirectory(join(at.path, "link/x")), { code: "EEXIST" });
});

test("makeDirectory() ends where nothing can be made", async () => {
  await assert.rejects(makeDirectory("/proc/none/of/this"), { code: "ENOENT", path: "/proc/none" });
});

test("makeDirectory() gives its mode to all that it makes", async () => {
  await using at = await scratch();
  await chmod(at.path, 0o755);
  await makeDirectory(join(at.path, "a/b"), 0o700);
  assert.equal((await stat(join(at.path, "a"))).mode & 0o777, 0o700);
  assert.equal((await stat(join(at.path, "a/b"))).mode & 0o777, 0o700);
});
