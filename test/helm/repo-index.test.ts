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

test("helm repo index merges another index and writes JSON as Helm does", async (t) => {
  await requireEnvironment(["helm"], t);
  const { same, helm, slipway } = sideBySide(t, {
    ...LIB,
    "other.yaml":
      "apiVersion: v1\nentries:\n  lib:\n  - {apiVersion: v2, name: lib, version: 0.9.0, urls: [a], digest: d, created: '2020-01-01T00:00:00Z'}\n  - {apiVersion: v2, name: lib, version: 0.2.0, urls: [never]}\n  else:\n  - {apiVersion: v2, name: else, version: 1.0.0, description: 'a <b> & c', urls: [b], created: '2020-01-01T00:00:00Z'}\n",
  });
  helm.run("package", "lib", "-d", "out");
  cpSync(join(helm.directory, "out"), join(slipway.directory, "out"), { recursive: true });
  const written = (directory: string, file: string): string =>
    readFileSync(join(directory, file), "utf8").replaceAll(/"20(?!20)[^"]+"/g, "TIME");
  for (const more of [["--json"], ["--merge", "other.yaml"], ["--merge", "other.yaml", "--json"]]) {
    same("repo", "index", "out", ...more);
    assert.equal(written(slipway.directory, "out/index.yaml"), written(helm.directory, "out/index.yaml"));
  }
  for (const more of [[], ["--json"]]) {
    same("repo", "index", "out", "--merge", `new${more.join("")}.yaml`, ...more);
    assert.equal(
      written(slipway.directory, `new${more.join("")}.yaml`),
      written(helm.directory, `new${more.join("")}.yaml`),
    );
  }
});
