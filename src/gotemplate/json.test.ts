import assert from "node:assert/strict";
import { test } from "node:test";
import { parseJson, printJson } from "./json.ts";
import { GoMap, GoNumber, type Value } from "./value.ts";

test("parseJson() complains as encoding/json does", () => {
  const problems: Readonly<Record<string, string>> = {
    "": "unexpected end of JSON input",
    "{": "unexpected end of JSON input",
    "[1,]": "invalid character ']' looking for beginning of value",
    '{"a" 1}': "invalid character '1' after object key",
    '{"a":1 "b"}': "invalid character '\"' after object key:value pair",
    "{a:1}": "invalid character 'a' looking for beginning of object key string",
    "[1 2]": "invalid character '2' after array element",
    "1 2": "invalid character '2' after top-level value",
    tru: "unexpected end of JSON input",
    trux: "invalid character 'x' in literal true (expecting 'e')",
    "-x": "invalid character 'x' in numeric literal",
    "1.x": "invalid character 'x' after decimal point in numeric literal",
    "1ex": "invalid character 'x' in exponent of numeric literal",
    '"\\x"': "invalid character 'x' in string escape code",
    '"\\u12g4"': "invalid character 'g' in \\u hexadecimal character escape",
    '"\n"': "invalid character '\\n' in string literal",
    é: "invalid character 'Ã' looking for beginning of value",
    "1e999": "json: cannot unmarshal number 1e999 into Go value of type float64",
    ["[".repeat(100_000)]: "exceeded max depth",
  };
  for (const [text, message] of Object.entries(problems))
    assert.throws(() => parseJson(text), { message }, text);
});

test("parseJson() gives float64, maps and texts, with broken surrogates replaced", () => {
  const value = parseJson(
    ' {"a": [1, -0.5e1, true, null, "\\ud83d\\ude00\\ud800x\\n"], "__proto__": {}} ',
  ) as GoMap;
  assert.deepEqual(value.get("a"), [1, -5, true, null, "😀\ufffdx\n"]);
  assert.ok(value.get("__proto__") instanceof GoMap);
});

test("printJson() writes what encoding/json writes", () => {
  const texts: readonly (readonly [Value, string])[] = [
    ['<a>&"\\\u2028\x01\x7f\udcff', '"\\u003ca\\u003e\\u0026\\"\\\\\\u2028\\u0001\x7f\\ufffd"'],
    [
      GoMap.of([
        ["b", 1],
        ["a", []],
        ["A", null],
      ]),
      '{"A":null,"a":[],"b":1}',
    ],
    [
      [1e21, 1e20, 1e-7, 0.000001, -0, 9007199254740993n],
      "[1e+21,100000000000000000000,1e-7,0.000001,-0,9007199254740993]",
    ],
    [new GoNumber("float32", Math.fround(0.1)), "0.1"],
    [GoMap.nil(), "null"],
  ];
  for (const [value, text] of texts) assert.equal(printJson(value), text);
  assert.equal(printJson("<", { escapeHtml: false }), '"<"');
  assert.equal(printJson([GoMap.of([["a", 1]]), []], { indent: "  " }), '[\n  {\n    "a": 1\n  },\n  []\n]');
  assert.throws(() => printJson([Number.NaN]), { message: "json: unsupported value: NaN" });
});
