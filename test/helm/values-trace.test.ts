import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "#process";

const program = join(import.meta.dirname, "../../bin/slipway.js");

test("helm values trace names the files and flags that gave a value", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "slipway-helm-"));
  t.after(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, "Chart.yaml"), "apiVersion: v2\nname: shop\nversion: 0.1.0\n");
  await writeFile(join(directory, "values.yaml"), "image:\n  tag: '1'\n");
  await writeFile(join(directory, "prod.yaml"), "# production\nimage: {tag: '2'}\n");
  const line = ["helm", "values", "trace", "image.tag", "-f", "prod.yaml", "--set", "image.tag=null"];
  const { stdout } = await run(process.execPath, [program, ...line], {
    cwd: directory,
    env: { PATH: process.env["PATH"] ?? "", HOME: directory },
  });
  assert.equal(
    stdout.toString(),
    [
      "image.tag is not set",
      "EFFECT    VALUE  BY                    AT",
      'set       "1"    values of chart shop  shop/values.yaml:2',
      'overrode  "2"    --values prod.yaml    prod.yaml:2',
      "deleted          --set image.tag=null",
      "",
    ].join("\n"),
  );
});
