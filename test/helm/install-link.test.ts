import assert from "node:assert/strict";
import { mkdir, readlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { scratchDirectory } from "#disk";
import { run } from "#process";

const PROGRAM = join(import.meta.dirname, "../../bin/slipway.js");

test("helm --install-link makes a link under whose name the program is Helm", async () => {
  await using scratch = await scratchDirectory("/tmp", "slipway-link");
  const bin = join(scratch.path, "bin");
  const call = async (...words: string[]): Promise<{ code: number; said: string }> => {
    const accept = [0, 1, 2];
    const { code, stdout, stderr } = await run(process.execPath, words, {
      accept,
      cwd: scratch.path,
      env: { HOME: scratch.path },
    });
    return { code, said: `${stdout.toString()}${stderr}` };
  };
  const missing = await call(PROGRAM, "helm", "--install-link", "bin");
  assert.equal(missing.code, 1);
  assert.match(missing.said, /there is no directory bin; make it first/);

  await mkdir(bin);
  const link = join(bin, "helm");
  assert.equal((await call(PROGRAM, "helm", "--install-link", "bin")).code, 0);
  assert.equal(await readlink(link), PROGRAM);
  assert.match((await call(link, "version", "--short")).said, /^v3\.22\.0\+/);
  assert.match((await call(link, "build")).said, /^Error: unknown command "build" for "helm"/);
  assert.match((await call(PROGRAM, "helm", "--install-link", bin)).said, /is there already/);

  await mkdir(join(scratch.path, "other"));
  await writeFile(join(scratch.path, "other/helm"), "the real one");
  const refused = await call(PROGRAM, "helm", "--install-link", "other");
  assert.equal(refused.code, 1);
  assert.match(refused.said, /is there already and is not a link to .*nothing was changed/);
});
