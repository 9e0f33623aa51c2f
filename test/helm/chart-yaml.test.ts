import { test } from "node:test";
import { requireEnvironment } from "../env/index.ts";
import { sideBySide } from "./side-by-side.ts";

const HEAD = "apiVersion: v2\nname: c\nversion: 0.1.0\n";

/** What Chart.yaml says, and requirements.yaml. */
const CHARTS: Readonly<Record<string, readonly [chart: string, requirements?: string]>> = {
  cases: [
    "ApiVersion: v2\nNAME: c\nname: d\nVersion: 0.1.0\nKeywords: [a]\nMaintainers: [{NAME: x, uRL: y}]\nAppVersion: 1\n",
  ],
  merged: [`${HEAD}Maintainers: [{name: a, email: a@b.c}]\nmaintainers: [{name: b}]\nAnnotations: {a: b}\n`],
  nulls: [`${HEAD}appVersion: null\nkeywords: [a, null]\n`],
  nobody: [`${HEAD}maintainers: [null]\n`],
  nothing: [`${HEAD}dependencies: [null]\n`],
  wrong: [`${HEAD}maintainers: [{name: x}, {name: [1]}]\nkeywords: {}\n`],
  twice: [
    `${HEAD.replace("v2", "v1")}annotations: {a: b}\nkeywords: [k]\ndependencies: [{name: a, version: 1.0.0, condition: x.y}, {name: b}]\n`,
    "annotations: {c: d}\nkeywords: null\ndependencies: [{name: z}]\n",
  ],
  numbers: [`${HEAD}home: 123456789.123\nappVersion: 1.10\n`],
  unseen: [`${HEAD}maintainers: [{name: "a\\u0007\\tb\\u0085", email: "x@y.z\\n"}]\n`],
  lowest: ["apiVersion: v2\nname: c\nversion: 0.0.0-0\n"],
};

test("Chart.yaml means what it means to Go's JSON", async (t) => {
  await requireEnvironment(["helm"], t);
  const files = Object.entries(CHARTS).flatMap(([name, [chart, requirements]]) => [
    [`${name}/Chart.yaml`, chart],
    [`${name}/templates/chart.yaml`, "chart: {{ toJson .Chart }}\n"],
    ...(requirements === undefined ? [] : [[`${name}/requirements.yaml`, requirements]]),
  ]);
  const { same } = sideBySide(t, Object.fromEntries(files) as Record<string, string>);
  for (const name of Object.keys(CHARTS)) {
    same("show", "chart", name);
    same("lint", name);
  }
});
