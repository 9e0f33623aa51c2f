import assert from "node:assert/strict";
import { test } from "node:test";
import { functionMap, GoMap } from "#gotemplate";
import { DEFAULT_CAPABILITIES } from "./capabilities.ts";
import { renderTemplates } from "./engine.ts";
import { helmFunctions } from "./helm-functions.ts";
import { buildChart } from "./load.ts";
import { helmReference } from "./reference.ts";

const file = (name: string, text: string) => ({ name, data: Buffer.from(text) });

for (const [name, [, example, result]] of Object.entries(helmReference)) {
  test(`the example of ${name} gives what the page says`, () => {
    const chart = buildChart([
      file("Chart.yaml", "apiVersion: v2\nname: c\nversion: 0.1.0\n"),
      file("templates/t.txt", example),
    ]);
    const release = { name: "r", namespace: "ns", revision: 1, isUpgrade: false };
    const given = { values: new GoMap(), release, capabilities: DEFAULT_CAPABILITIES };
    assert.equal(renderTemplates(chart, given).get("c/templates/t.txt"), result);
  });
}

test("every function that Helm adds is on the page", () => {
  const added = functionMap(...helmFunctions({ lint: false, lookup: undefined, resolveHost: undefined }));
  assert.deepEqual(
    [...added.keys()].filter((name) => helmReference[name] === undefined),
    [],
  );
});
