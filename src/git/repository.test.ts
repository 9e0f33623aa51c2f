import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { pathBytes } from "#disk";
import { run } from "#process";
import { openRepository, pathMatcher, type Repository } from "./index.ts";

const env = { PATH: process.env["PATH"], HOME: "/nonexistent", GIT_DIR: "/elsewhere", GIT_TRACE: "1" };

interface Sandbox extends AsyncDisposable {
  readonly path: string;
  git(...args: string[]): Promise<string>;
  write(path: string, content: string | Buffer, mode?: number): Promise<void>;
  commit(message?: string): Promise<string>;
  open(): Promise<Repository>;
}

async function sandbox(...initArgs: string[]): Promise<Sandbox> {
  const path = await mkdtemp(join(tmpdir(), "slipway-git-"));
  const clean = { PATH: env.PATH ?? "", HOME: path, GIT_CONFIG_NOSYSTEM: "1" };
  const git = async (...args: string[]): Promise<string> =>
    (await run("git", args, { cwd: path, env: clean })).stdout.toString().trim();
  await git("init", "-q", "-b", "main", ...initArgs);
  return {
    path,
    git,
    async write(name, content, mode = 0o644) {
      const file = Buffer.concat([Buffer.from(`${path}/`), pathBytes(name)]);
      await mkdir(dirname(join(path, name)), { recursive: true });
      await writeFile(file, content, { mode });
      await chmod(file, mode);
    },
    async commit(message = "change") {
      await git("add", "-A");
      await git("-c", "user.name=t", "-c", "user.email=t@t", "commit", "-q", "--allow-empty", "-m", message);
      return git("rev-parse", "HEAD");
    },
    open: () => openRepository(path, { env }),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

test("openRepository() finds the repository upward and reads HEAD", async () => {
  await using place = await sandbox();
  await place.write("deep/er/file", "content");
  const hash = await place.commit();
  await using repository = await openRepository(join(place.path, "deep/er"), { env });
  assert.equal(repository.workTree, place.path);
  assert.deepEqual(await repository.head(), { commit: hash, branch: "main" });
  assert.equal(await repository.commitTime(hash), Number(await place.git("log", "-1", "--format=%ct")));
  assert.equal(await repository.treeHash(hash, "deep"), await place.git("rev-parse", "HEAD:deep"));
  assert.equal(await repository.treeHash(hash, "deep/er/file/below"), undefined);
  assert.equal(repository.isShallow, false);
  assert.equal(await repository.originUrl(), undefined);
});

test("listFiles() lists exactly what ls-tree lists, odd names included", async () => {
  await using place = await sandbox();
  const names = [
    "a",
    "a.b",
    "a/b",
    "sp ace/ü🐜",
    'quo"te\\back\nline',
    "z\udcff\udcfe",
    "d/x/1",
    "d/x.y",
    "d/x-",
  ];
  for (const name of names.slice(1)) await place.write(name, `content of ${name}`);
  await place.write("run.sh", "#!/bin/sh\n", 0o755);
  await symlink("a.b", join(place.path, "link"));
  const commit = await place.commit();
  await using repository = await place.open();
  const listed = (await repository.listFiles(commit)).map((entry) => {
    return `${entry.mode} ${entry.type} ${entry.hash}\t${pathBytes(entry.path).toString("latin1")}`;
  });
  const raw = await run("git", ["ls-tree", "-r", "-z", "HEAD"], {
    cwd: place.path,
    env: { PATH: env.PATH ?? "" },
  });
  assert.deepEqual(listed, raw.stdout.toString("latin1").split("\0").slice(0, -1));
  const some = await repository.listFiles(commit, pathMatcher({ base: "d", include: ["x"] }));
  assert.deepEqual(
    some.map((entry) => entry.path),
    ["d/x/1"],
  );
});

test("readBlobs() gives contents in order, large ones and repeated ones too", async () => {
  await using place = await sandbox();
  const large = Buffer.alloc(3 << 20, "0123456789abcdef\n");
  await place.write("large", large);
  for (let at = 0; at < 600; at++) await place.write(`n/${String(at).padStart(3, "0")}`, "x".repeat(at));
  const commit = await place.commit();
  await using repository = await place.open();
  const files = await repository.listFiles(commit);
  const wanted = [...files, ...files.slice(0, 3)].map((file) => file.hash);
  const sizes: number[] = [];
  const hashes: string[] = [];
  for await (const blob of repository.readBlobs(wanted)) {
    sizes.push(blob.content.length);
    hashes.push(blob.hash);
  }
  assert.deepEqual(hashes, wanted);
  assert.deepEqual(sizes, [large.length, ...Array.from({ length: 600 }, (_, at) => at), large.length, 0, 1]);
  for await (const blob of repository.readBlobs(wanted)) if (blob.content.equals(large)) break;
  assert.deepEqual(await repository.readBlob(wanted[0] ?? ""), large);
});

test("blobSizes() tells lengths in order", async () => {
  await using place = await sandbox();
  await place.write("a", "four");
  await place.write("b", Buffer.alloc(70_000, 1));
  const commit = await place.commit();
  await using repository = await place.open();
  const files = await repository.listFiles(commit);
  assert.deepEqual(await repository.blobSizes(files.map(({ hash }) => hash)), [4, 70_000]);
  await assert.rejects(repository.blobSizes(["0".repeat(40)]), { code: "GIT_OBJECT_MISSING" });
});

test("diffFiles() names what diff-tree names", async () => {
  await using place = await sandbox();
  for (const name of [
    "same",
    "edited",
    "gone",
    "mode",
    "dir/a",
    "dir/b",
    "file-to-dir",
    "dir-to-file/x",
    "to-link",
  ]) {
    await place.write(name, name);
  }
  const from = await place.commit();
  await place.write("edited", "new");
  await place.write("added/deep", "new");
  await place.write("mode", "mode", 0o755);
  for (const gone of ["gone", "file-to-dir", "dir-to-file", "to-link", "dir/b"]) {
    await rm(join(place.path, gone), { recursive: true });
  }
  await place.write("file-to-dir/y", "now a directory");
  await place.write("dir-to-file", "now a file");
  await symlink("same", join(place.path, "to-link"));
  const to = await place.commit();
  await using repository = await place.open();
  const changes = await repository.diffFiles(from, to);
  const theirs = await place.git("diff-tree", "-r", "--no-renames", "--name-status", from, to);
  const ours = changes.map((change) => `${change.status}\t${change.path}`);
  assert.deepEqual(ours.toSorted(), theirs.split("\n").toSorted());
  assert.deepEqual(await repository.diffFiles(to, to), []);
  const below = await repository.diffFiles(
    from,
    to,
    pathMatcher({ base: "", include: ["dir", "file-to-dir"] }),
  );
  assert.deepEqual(
    below.map((change) => change.path),
    ["dir/b", "file-to-dir", "file-to-dir/y"],
  );
});

test("isAncestor() agrees with history, near and far", async () => {
  await using place = await sandbox();
  const first = await place.commit("first");
  await place.git("checkout", "-q", "-b", "side");
  const side = await place.commit("side");
  await place.git("checkout", "-q", "main");
  for (let at = 0; at < 3; at++) await place.commit(`main ${at}`);
  const tip = await place.git("rev-parse", "HEAD");
  await using repository = await place.open();
  assert.equal(await repository.isAncestor(first, tip), true);
  assert.equal(await repository.isAncestor(tip, tip), true);
  assert.equal(await repository.isAncestor(tip, first), false);
  assert.equal(await repository.isAncestor(side, tip), false);
  assert.equal(await repository.isAncestor("0".repeat(40), tip), false);
  const tree = await place.git("rev-parse", "HEAD^{tree}");
  let far = tip;
  for (let at = 0; at < 80; at++) {
    far = await place.git(
      "-c",
      "user.name=t",
      "-c",
      "user.email=t@t",
      "commit-tree",
      tree,
      "-p",
      far,
      "-m",
      `${at}`,
    );
  }
  assert.equal(await repository.isAncestor(first, far), true);
  assert.equal(await repository.isAncestor(side, far), false);
});

test("uncommitted() names what a build leaves out", async () => {
  await using place = await sandbox();
  await place.write("kept", "1");
  await place.write("ünï", "1");
  await place.commit();
  await using repository = await place.open();
  assert.deepEqual(await repository.uncommitted(), []);
  await place.write("ünï", "2");
  await place.write("new dir/new", "2");
  assert.deepEqual(await repository.uncommitted(), ["ünï", "new dir/"]);
});

test("openRepository() reads linked work trees, detached heads and shallow clones", async () => {
  await using place = await sandbox();
  await place.write("a", "1");
  await place.commit();
  await place.write("a", "2");
  const tip = await place.commit();
  await place.git("worktree", "add", "-q", "--detach", join(place.path, "linked"), "HEAD~1");
  await using linked = await openRepository(join(place.path, "linked"), { env });
  assert.deepEqual(await linked.head(), { commit: await place.git("rev-parse", "HEAD~1") });
  await place.git("clone", "-q", "--depth=1", `file://${place.path}`, join(place.path, "shallow"));
  await using shallow = await openRepository(join(place.path, "shallow"), { env });
  assert.equal(shallow.isShallow, true);
  assert.equal((await shallow.head()).commit, tip);
  assert.equal(await shallow.isAncestor(await place.git("rev-parse", "HEAD~1"), tip), false);
  assert.equal(await shallow.originUrl(), `file://${place.path}`);
});

test("openRepository() reads a repository with SHA-256 hashes", async () => {
  await using place = await sandbox("--object-format=sha256");
  await place.write("dir/file", "content");
  const commit = await place.commit();
  await using repository = await place.open();
  const [file] = await repository.listFiles(commit);
  assert.equal(file?.path, "dir/file");
  assert.equal((await repository.readBlob(file.hash)).toString(), "content");
});

test("listFiles() lists a submodule as a commit", async () => {
  await using place = await sandbox();
  await place.write("a", "1");
  const commit = await place.commit();
  await place.git("update-index", "--add", "--cacheinfo", `160000,${commit},vendor/lib`);
  await place.git("-c", "user.name=t", "-c", "user.email=t@t", "commit", "-q", "-m", "submodule");
  await using repository = await place.open();
  assert.deepEqual((await repository.listFiles("HEAD"))[1], {
    mode: "160000",
    type: "commit",
    hash: commit,
    path: "vendor/lib",
  });
});

test("openRepository() says what is wrong with a place that cannot be built from", async () => {
  await using place = await sandbox();
  await using empty = await place.open();
  await assert.rejects(empty.head(), { code: "GIT_NO_COMMITS" });
  const outside = await mkdtemp(join(tmpdir(), "slipway-outside-"));
  await assert.rejects(openRepository(outside, { env }), { code: "GIT_NO_REPOSITORY" });
  await rm(outside, { recursive: true });
  await using gitless = await openRepository(place.path, { env: { PATH: "/nonexistent" } });
  await assert.rejects(gitless.head(), { code: "GIT_MISSING" });
});

test("damaged objects are GIT_CORRUPT, absent ones GIT_OBJECT_MISSING", async () => {
  await using place = await sandbox();
  for (const name of ["cut", "empty", "gone"]) await place.write(name, `${name} ${"x".repeat(2000)}`);
  const commit = await place.commit();
  const hashes: Record<string, string> = {};
  for (const name of ["cut", "empty", "gone"]) {
    const hash = await place.git("rev-parse", `HEAD:${name}`);
    hashes[name] = hash;
    const file = join(place.path, ".git/objects", hash.slice(0, 2), hash.slice(2));
    await chmod(file, 0o644);
    if (name === "cut") await truncate(file, 20);
    if (name === "empty") await truncate(file, 0);
    if (name === "gone") await rename(file, join(place.path, "moved"));
  }
  for (const [name, code] of [
    ["cut", "GIT_CORRUPT"],
    ["empty", "GIT_CORRUPT"],
    ["gone", "GIT_OBJECT_MISSING"],
  ] as const) {
    await using repository = await place.open();
    await assert.rejects(repository.readBlob(hashes[name] ?? ""), { code }, name);
  }
  await using repository = await place.open();
  await assert.rejects(repository.commitTime("f".repeat(40)), { code: "GIT_OBJECT_MISSING" });
  assert.equal((await repository.listFiles(commit)).length, 3);
});

test("a foreign owner is GIT_UNSAFE_OWNER", { skip: process.getuid?.() !== 0 && "needs root" }, async () => {
  await using place = await sandbox();
  await place.commit();
  await run("chown", ["-R", "12345", place.path], {});
  await using repository = await place.open();
  await assert.rejects(repository.head(), { code: "GIT_UNSAFE_OWNER", hint: /safe\.directory/ });
});

test("an aborted signal ends the conversation", async () => {
  await using place = await sandbox();
  const commit = await place.commit();
  const control = new AbortController();
  await using repository = await openRepository(place.path, { env, signal: control.signal });
  await repository.head();
  control.abort();
  await assert.rejects(
    async () => {
      await repository.resolveRef("HEAD");
      await new Promise((resolve) => setTimeout(resolve, 50));
      await repository.commit(`${commit}~1`);
    },
    { name: "AbortError" },
  );
});
