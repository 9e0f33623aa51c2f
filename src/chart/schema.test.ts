import assert from "node:assert/strict";
import { test } from "node:test";
import { GoMap } from "#gotemplate";
import { buildChart } from "./load.ts";
import { validateValues } from "./schema.ts";

const CHART = "apiVersion: v2\nname: shop\nversion: 0.1.0\n";

function validate(schema: string, timeMs?: number): void {
  const files = { "Chart.yaml": CHART, "values.schema.json": schema };
  const chart = buildChart(Object.entries(files).map(([name, text]) => ({ name, data: Buffer.from(text) })));
  validateValues(chart, GoMap.of([["a", 1n]]), timeMs);
}

test("a schema that would take for ever is stopped", () => {
  const choices = Array.from({ length: 40 }, (_, at) => {
    const next = { $ref: `#/$defs/d${at + 1}` };
    return [`d${at}`, { anyOf: [next, next] }] as const;
  });
  const $defs = Object.fromEntries([...choices, ["d40", { type: "string" }]]);
  const schema = JSON.stringify({ $defs, properties: { a: { $ref: "#/$defs/d0" } } });
  assert.throws(() => validate(schema, 100), {
    code: "VALUES_SCHEMA",
    message: /shop:\nunable to validate schema: it takes longer than 0\.1 seconds$/,
  });
});

test("a schema that leads out of its chart or back to itself is refused, and none is run as code", () => {
  const deep = 100_000;
  for (const schema of [
    '{"$ref":"http://169.254.169.254/x"}',
    '{"$ref":"file:///etc/passwd"}',
    '{"$ref":"#"}',
    '{"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}},"$ref":"#/$defs/a"}',
    `${'{"properties":{"a":'.repeat(deep)}{}${"}}".repeat(deep)}`,
    '{"properties":{"a\\"+process.exit(3)+\\"":{},"a":{"pattern":"\\"+process.exit(3)+\\"","type":"string"}}}',
  ]) {
    assert.throws(() => validate(schema), { code: "VALUES_SCHEMA" }, schema.slice(0, 80));
  }
});
