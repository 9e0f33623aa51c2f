import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDocument, parseYaml, printYaml, YamlError } from "./index.ts";

test("parseYaml() reads YAML 1.1: booleans, octal numbers, underscores, dates as text", () => {
  const text = "a: yes\nb: 0777\nc: 1_000\nd: 089\ne: 2001-01-01\nf: 1:30\non: x\n";
  const expected = { a: true, b: 511, c: 1000, d: 89, e: "2001-01-01", f: "1:30", true: "x" };
  assert.deepEqual(Object.fromEntries(parseYaml(text) as Map<string, unknown>), expected);
});

test("parseYaml() reports faults in Go's words and tells the true place", () => {
  const rows: [string, string, number][] = [
    ["a: b: c", "yaml: mapping values are not allowed in this context", 1],
    ["x:\n  a: b\n c: d\n", "yaml: line 2: did not find expected key", 3],
    ["x: {{ .V }}", 'yaml: invalid map key: map[interface {}]interface {}{".V":interface {}(nil)}', 1],
    ["x:\n  y: 1\n  {}\n", "yaml: line 2: did not find expected key", 3],
    ["x:\n  []: 1\n", "yaml: line 1: did not find expected key", 2],
    ["a: *b", "yaml: unknown anchor 'b' referenced", 1],
    ["a:\n\t- b", "yaml: line 2: found character that cannot start any token", 2],
  ];
  for (const [text, message, line] of rows) {
    assert.throws(
      () => parseYaml(text),
      (error: unknown) => {
        assert.ok(error instanceof YamlError);
        assert.equal(error.message, `error converting YAML to JSON: ${message}`);
        assert.equal(error.position?.line, line);
        return true;
      },
    );
  }
});

test("parseDocument() gives every node its place and refuses a key written twice", () => {
  const root = parseDocument("a: 1\nb:\n  - x\n");
  assert.equal(root?.kind, "map");
  const list = root.get("b");
  assert.deepEqual([list?.line, list?.column], [3, 3]);
  assert.throws(() => parseDocument("a: 1\nb: 2\na: 3\n"), {
    code: "YAML_DUPLICATE_KEY",
    position: { line: 3, column: 1 },
  });
});

test("printYaml() prints as goyaml.v2 does", () => {
  const value = new Map<string, unknown>([
    ["a10", "1:30"],
    ["a9", ["x", new Map([["k", []]])]],
    ["text", "a\nb\n"],
    ["emoji", "\u{1f600}"],
    ["million", 1000000],
  ]);
  const expected =
    'a9:\n- x\n- k: []\na10: "1:30"\nemoji: "\\U0001F600"\nmillion: 1000000\ntext: |\n  a\n  b\n';
  assert.equal(printYaml(value), expected);
});
