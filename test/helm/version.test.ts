import assert from "node:assert/strict";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "#process";
import { requireEnvironment } from "../env/index.ts";
import { sideBySide } from "./side-by-side.ts";

const program = join(import.meta.dirname, "../../bin/slipway.js");
const env = { PATH: process.env["PATH"] ?? "" };

test("helm version --template sees what Helm's sees", async (t) => {
  await requireEnvironment(["helm"], t);
  const { same } = sideBySide(t, {});
  for (const template of [
    "{{.Version}} {{.GitTreeState}}",
    "{{.Version",
    "{{ .Foo }}",
    "{{ upper .Version }}",
  ]) {
    same("version", "--template", template);
  }
  same("version", "x");
});

test("helm version begins with v3., under slipway's name and as a link called helm", async () => {
  const directory = await mkdtemp(join(tmpdir(), "slipway-helm-"));
  try {
    await symlink(program, join(directory, "helm"));
    const own = await run(process.execPath, [program, "helm", "version", "--short"], { env });
    const linked = await run(process.execPath, [join(directory, "helm"), "version", "--short"], { env });
    assert.match(own.stdout.toString(), /^v3\.22\.0\+slipway\.\d+\.\d+\.\d+\n$/);
    assert.equal(linked.stdout.toString(), own.stdout.toString());
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
