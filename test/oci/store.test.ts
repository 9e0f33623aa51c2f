import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openContentStore } from "#oci";
import { run, start } from "#process";
import { mirrorAddress, requireEnvironment } from "../env/index.ts";

const env = { PATH: process.env["PATH"] ?? "" };
const unpacker = join(import.meta.dirname, "unpacker.ts");

async function scratch(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "slipway-store-"));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

test(
  "a full disk is DISK_FULL and leaves nothing half-written",
  { skip: process.getuid?.() !== 0 && "needs root" },
  async (t) => {
    const directory = join(await scratch(t), "small");
    await mkdir(directory);
    await run("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", directory], { env });
    try {
      const store = await openContentStore(directory);
      const large = (async function* () {
        for (let piece = 0; piece < 20; piece++) yield Buffer.alloc(100_000, piece);
      })();
      await assert.rejects(store.write(large, { mediaType: "x" }), { code: "DISK_FULL", hint: /--home-dir/ });
      assert.deepEqual(await readdir(join(directory, "tmp")), []);
      assert.deepEqual(await readdir(join(directory, "blobs/sha256")), []);
      await store.write(Buffer.from("small"), { mediaType: "x" });
    } finally {
      await run("umount", [directory], { env });
    }
  },
);

test("unpacking that is killed at any time is done again by the next run", async (t) => {
  if (!(await requireEnvironment(["registry"], t))) return;
  const directory = await scratch(t);
  const args = [unpacker, directory, "debian:bookworm-slim", mirrorAddress];
  for (const wait of [150, 300, 600]) {
    const { child, ended } = start(process.execPath, args, { env }, ["ignore", "ignore", "ignore"]);
    await sleep(wait);
    child.kill("SIGKILL");
    await ended;
  }
  const { stdout } = await run(process.execPath, args, { env });
  const tree = stdout.toString().trim();
  assert.equal(
    (await run("chroot", [tree, "/bin/sh", "-c", "cat /etc/os-release"], { env })).stdout
      .toString()
      .includes("bookworm"),
    true,
  );
});

test("two processes that unpack the same image into one store get the same tree", async (t) => {
  if (!(await requireEnvironment(["registry"], t))) return;
  const directory = await scratch(t);
  const args = [unpacker, directory, "busybox:1.35", mirrorAddress];
  const [one, two] = await Promise.all([
    run(process.execPath, args, { env }),
    run(process.execPath, args, { env }),
  ]);
  assert.equal(one.stdout.toString(), two.stdout.toString());
  assert.deepEqual(await readdir(join(directory, "tmp")), []);
});
