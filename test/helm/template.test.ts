import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { requireEnvironment } from "../env/index.ts";
import { APP, BROKEN, LIB } from "./charts.ts";
import { sideBySide } from "./side-by-side.ts";

test("helm template and helm show do what Helm's do, faults included", async (t) => {
  await requireEnvironment(["helm"], t);
  const { same, helm, slipway } = sideBySide(t, { ...LIB, ...APP, ...BROKEN });
  for (const line of [
    "template",
    "template a b c",
    "template lib",
    "template lib --generate-name",
    "template web lib --generate-name",
    "template web lib --name-template x",
    "template A_B lib",
    "template ./none",
    "template none",
    "template app",
    "template yaml",
    "template yaml --debug",
    "template fail",
    "template end",
    "template version",
    "template lib -f none.yaml",
    "template lib -s templates/none.yaml",
    "template lib --output-dir out --include-crds",
    "template lib --output-dir named --release-name",
    "show chart",
  ]) {
    same(...line.split(" "));
  }
  same("template", "lib", "--name-template", '{{ "WEB" | lower }}-1');
  for (const path of ["out/lib/templates/two.yaml", "named/release-name/lib/templates/hook.yaml"]) {
    const [expected, actual] = await Promise.all(
      [helm, slipway].map(({ directory }) => readFile(join(directory, path), "utf8")),
    );
    assert.equal(actual, expected);
  }
  for (const part of ["all", "chart", "values", "readme", "crds"]) {
    for (const chart of ["lib", "app", "version"]) same("show", part, chart);
  }
  assert.equal(slipway.run("env", "HELM_QPS").out, helm.run("env", "HELM_QPS").out);
});
