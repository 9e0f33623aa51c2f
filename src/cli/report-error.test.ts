import assert from "node:assert/strict";
import { test } from "node:test";
import { SlipwayError } from "#errors";
import { reportError } from "./report-error.ts";

test("an error's message, cause, place and hint bring no command to the terminal", () => {
  let text = "";
  const evil = "x\u001b]0;t\u0007";
  const error = new SlipwayError("ANY", `one ${evil}`, {
    cause: new Error(`two ${evil}`),
    hint: `three ${evil}`,
    place: { file: `four ${evil}`, line: 1, frame: `five ${evil}` },
  });
  assert.equal(reportError(error, { write: (part) => (text += part), isDebug: true, version: "1" }), 1);
  for (const word of ["one", "two", "three", "four", "five"]) {
    assert.ok(text.includes(String.raw`${word} x\x1b]0;t\x07`), `${word} in ${text}`);
  }
  assert.doesNotMatch(text.replaceAll("\n", ""), /\p{Cc}/u);
});

test("lines around a place are shown once, however many errors are at it", () => {
  let text = "";
  const place = { file: "a.yaml", line: 3, frame: "> 3 | x" };
  const error = new SlipwayError("ANY", "outer", {
    place,
    cause: new SlipwayError("ANY", "inner", { place }),
  });
  reportError(error, { write: (part) => (text += part), isDebug: false, version: "1" });
  assert.equal(text, "Error: outer\n  because: inner\n\na.yaml:3\n> 3 | x\n");
});

test("a place that an error and its cause name differently is shown once", () => {
  let text = "";
  const place = { line: 5, frame: "> 5 | from: {{ foo }}" };
  const cause = new SlipwayError("TEMPLATE", "inner", { place: { ...place, file: "werfConfig" } });
  const error = new SlipwayError("ANY", "outer", { cause, place: { ...place, file: "werf.yaml" } });
  reportError(error, { write: (part) => (text += part), isDebug: false, version: "1" });
  assert.equal(text, "Error: outer\n  because: inner\n\nwerf.yaml:5\n> 5 | from: {{ foo }}\n");
});
