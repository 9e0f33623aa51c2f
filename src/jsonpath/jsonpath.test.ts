import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { GoMap, type Value } from "#gotemplate";
import { parseYaml, type YamlValue } from "#yaml";
import { JsonPathFailure, JsonPathSyntaxError, parseJsonPath, printJsonPath } from "./index.ts";

interface Case {
  readonly template: string;
  readonly output?: string;
  readonly error?: string;
}

const testdata = new URL("testdata/", import.meta.url);

test("templates print and fail as with helm show values --jsonpath", () => {
  const values = read(readFileSync(new URL("values.yaml", testdata), "utf8"));
  const lines = readFileSync(new URL("templates.jsonl", testdata), "utf8").trim().split("\n");
  const wrong = lines
    .map((line) => JSON.parse(line) as Case)
    .map((wanted) => ({ wanted, got: { template: wanted.template, ...answer(wanted.template, values) } }))
    .filter(({ wanted, got }) => JSON.stringify(wanted) !== JSON.stringify(got));
  assert.deepEqual(wrong, []);
});

test("printJsonPath() says which field is not there", () => {
  const template = parseJsonPath("{.image.tags}");
  const values = read("image: {tag: 1}");
  assert.throws(() => printJsonPath(template, values), new JsonPathFailure("tags is not found"));
});

test("printJsonPath() goes through maps in the order of their keys", () => {
  const values = read("b: 2\na: 1\nc: {d: x}");
  assert.equal(printJsonPath(parseJsonPath("{.*}"), values), '1 2 {"d":"x"}');
  assert.equal(printJsonPath(parseJsonPath("{..}"), values), '{"a":1,"b":2,"c":{"d":"x"}} {"d":"x"} x');
});

/** Nothing is what Helm prints when an expression has no answer. */
function answer(template: string, values: Value): { readonly output: string } | { readonly error: string } {
  try {
    return { output: printJsonPath(parseJsonPath(template), values) };
  } catch (error) {
    if (error instanceof JsonPathFailure) return { output: "" };
    assert.ok(error instanceof JsonPathSyntaxError);
    return { error: `Error: error parsing jsonpath ${template}: ${error.message}`.split("\n", 1).join() };
  }
}

function read(text: string): Value {
  return parseYaml(text, { newMap: () => new GoMap() as unknown as Map<string, YamlValue> }) as Value;
}
