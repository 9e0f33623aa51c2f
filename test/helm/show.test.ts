import assert from "node:assert/strict";
import { test } from "node:test";
import { requireEnvironment } from "../env/index.ts";
import { sideBySide } from "./side-by-side.ts";

const VALUES = `image: {tag: "1.2"}
ports: [{name: web, port: 80}, {name: admin, port: 8080}]
`;

test("helm show values --jsonpath prints what the template finds", async (t) => {
  await requireEnvironment(["helm"], t);
  const { same, helm, slipway } = sideBySide(t, {
    "c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 0.1.0\n",
    "c/values.yaml": VALUES,
    "none/Chart.yaml": "apiVersion: v2\nname: none\nversion: 0.1.0\n",
    "comment/Chart.yaml": "apiVersion: v2\nname: comment\nversion: 0.1.0\n",
    "comment/values.yaml": "# nothing\n",
  });
  for (const template of [
    "{.image.tag}",
    '{range .ports[*]}{.name}={.port}{"\\n"}{end}',
    "{.ports[?(@.port>80.0)].name}",
    ".image.tag",
    "{.image",
    "",
  ]) {
    same("show", "values", "c", "--jsonpath", template);
  }
  for (const chart of ["none", "comment"]) {
    for (const template of ["{@}", "{"]) same("show", "values", chart, `--jsonpath=${template}`);
  }
  same("show", "all", "c", "--jsonpath", "{.image}");
  const line = ["show", "values", "c", "--jsonpath", "{.image.name}"];
  const { code, out } = helm.run(...line);
  assert.deepEqual(slipway.run(...line), { code, out, firstError: "nothing is printed: name is not found" });
});
