import assert from "node:assert/strict";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { requireEnvironment } from "../env/index.ts";
import { LIB } from "./charts.ts";
import { sideBySide } from "./side-by-side.ts";

test("helm repo index writes the index that Helm writes", async (t) => {
  await requireEnvironment(["helm"], t);
  const { same, helm, slipway } = sideBySide(t, LIB);
  helm.run("package", "lib", "-d", "out");
  helm.run("package", "lib", "-d", "out/more", "--version", "0.10.0");
  cpSync(join(helm.directory, "out"), join(slipway.directory, "out"), { recursive: true });
  const written = (directory: string): string =>
    readFileSync(join(directory, "out/index.yaml"), "utf8").replaceAll(/"20[^"]+"/g, "TIME");
  same("repo", "index");
  for (const more of [[], ["--url", "https://charts.example.com/x"]]) {
    same("repo", "index", "out", ...more);
    assert.equal(written(slipway.directory), written(helm.directory));
  }
});
