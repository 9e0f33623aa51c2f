import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { scratchDirectory } from "#disk";
import { resolveInRoot } from "./rooted-path.ts";

test("resolveInRoot() reads links against the root and never leaves it", async () => {
  await using scratch = await scratchDirectory(tmpdir(), "rooted");
  const root = scratch.path;
  await mkdir(join(root, "etc"));
  await mkdir(join(root, "run/real"), { recursive: true });
  await writeFile(join(root, "run/real/file"), "");
  await symlink("/run/real", join(root, "etc/absolute"));
  await symlink("../../../../run", join(root, "etc/up"));
  await symlink("/run/nowhere/stub", join(root, "etc/dangling"));
  await symlink("loop", join(root, "loop"));
  const table: Array<[string, string, boolean, readonly string[]]> = [
    ["/", "/", true, []],
    ["/etc/absolute/file", "/run/real/file", true, []],
    ["/etc/up/real/./file", "/run/real/file", true, []],
    ["/../../etc", "/etc", true, []],
    ["/etc/dangling", "/run/nowhere/stub", false, ["/run/nowhere"]],
    ["/a/b/c", "/a/b/c", false, ["/a", "/a/b"]],
  ];
  for (const [path, expected, exists, missing] of table) {
    assert.deepEqual(resolveInRoot(root, path), { path: expected, exists, missing }, path);
  }
  assert.throws(() => resolveInRoot(root, "/loop/x"), { code: "SANDBOX_LINK_LOOP" });
});
