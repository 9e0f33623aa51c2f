import assert from "node:assert/strict";
import { test } from "node:test";
import { requireEnvironment } from "../env/index.ts";
import { sideBySide } from "./side-by-side.ts";

const CHART = "apiVersion: v2\nname: web\nversion: 0.1.0\n";

test("a YAML fault in a file of values or of a chart comes with the lines around it", async (t) => {
  await requireEnvironment(["helm"], t);
  const { same, slipway } = sideBySide(t, {
    "web/Chart.yaml": CHART,
    "prod.yaml": "a: 1\n b: 2\n",
    "values/Chart.yaml": CHART,
    "values/values.yaml": "a: [1\n",
    "sub/Chart.yaml": CHART,
    "sub/charts/db/Chart.yaml": "apiVersion: v2\nname: db\nversion: 0.1.0\n",
    "sub/charts/db/values.yaml": "a: b: c\n",
    "chart/Chart.yaml": "apiVersion: v2\nname: [\n",
  });
  const after = (line: string): string => {
    same(...line.split(" "));
    const [, ...rest] = slipway.errorOf(...line.split(" ")).split("\n");
    return rest.join("\n");
  };
  assert.equal(after("template web -f prod.yaml"), "\nprod.yaml:2:3\n  1 | a: 1\n> 2 |  b: 2\n  3 | \n");
  assert.equal(after("template values"), "\nweb/values.yaml:2:1\n  1 | a: [1\n> 2 | \n");
  assert.equal(after("template sub"), "\ndb/values.yaml:1:5\n> 1 | a: b: c\n  2 | \n");
  assert.equal(
    after("dependency list chart"),
    "\nChart.yaml:3:1\n  1 | apiVersion: v2\n  2 | name: [\n> 3 | \n",
  );
});

test("a values.schema.json that is no JSON is refused in Helm's words", async (t) => {
  await requireEnvironment(["helm"], t);
  const texts = ["", "{", '{"a": x}', "{} x", '{"a" 1}', '{"a":"b', '{"a":1,}', '{"a":"\\x"}', '{"a":01}'];
  const { helm, slipway } = sideBySide(
    t,
    Object.fromEntries(
      texts.flatMap((text, at) => [
        [`c${at}/Chart.yaml`, CHART],
        [`c${at}/values.schema.json`, text],
      ]),
    ),
  );
  for (const at of texts.keys()) {
    assert.equal(slipway.errorOf("template", `c${at}`), helm.errorOf("template", `c${at}`), texts[at]);
  }
});
