import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { requireEnvironment } from "../env/index.ts";
import { APP, LIB } from "./charts.ts";
import { sideBySide } from "./side-by-side.ts";

test("helm dependency and helm package do what Helm's do", async (t) => {
  await requireEnvironment(["helm"], t);
  const { same, helm, slipway } = sideBySide(t, { ...LIB, ...APP });
  for (const line of [
    "package",
    "package app",
    "dependency list lib",
    "dependency update lib",
    "dependency list app",
    "dependency update app",
    "dependency list app",
    "dependency build app",
    "template app",
    "package app -d out --app-version 4",
    "package app --version x",
    "package app --version 3.0.0",
    "show all out/app-1.2.3.tgz",
    "template lib/none",
  ]) {
    same(...line.split(" "));
  }
  const [expected, actual] = [helm, slipway].map(({ directory }) => ({
    lock: readFileSync(join(directory, "app/Chart.lock"), "utf8").replace(/generated:.*/, ""),
    charts: readdirSync(join(directory, "app/charts")),
  }));
  assert.deepEqual(actual, expected);
  for (const { directory } of [helm, slipway]) rmSync(join(directory, "app/charts"), { recursive: true });
  same("dependency", "build", "app");
  same("template", "app");
});

test("helm dependency list names what is in charts/ and does not belong there", async (t) => {
  await requireEnvironment(["helm"], t);
  const { same } = sideBySide(t, {
    ...LIB,
    ...APP,
    "app/charts/_broken/a.yaml": "",
    "app/charts/other/Chart.yaml": "apiVersion: v2\nname: other\nversion: 1.0.0\n",
    "odd/Chart.yaml":
      "apiVersion: v2\nname: odd\nversion: 1.0.0\ndependencies: [{name: a, version: n/a}, {name: b, version: ^2}, {name: c, version: n/a}, {name: d, version: 1.x}]\n",
    ...Object.fromEntries(
      ["a", "b", "c"].map((name) => [
        `odd/charts/of-${name}/Chart.yaml`,
        `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`,
      ]),
    ),
    "old/Chart.yaml": "apiVersion: v1\nname: old\nversion: 1.0.0\n",
    "old/requirements.yaml": "dependencies: []\n",
    "old/charts/other/Chart.yaml": "apiVersion: v2\nname: other\nversion: 1.0.0\n",
  });
  same("dependency", "list", "old");
  same("lint", "old", "app", "--with-subcharts");
  same("dependency", "list", "odd");
  same("dependency", "update", "lib");
  same("dependency", "list", "app", "--max-col-width", "8");
  same("dependency", "list", "app");
  same("dependency", "update", "lib-0.2.0.tgz");
  same("package", "lib");
  same("dependency", "update", "lib-0.2.0.tgz");
});
