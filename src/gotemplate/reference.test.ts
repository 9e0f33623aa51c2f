import assert from "node:assert/strict";
import { test } from "node:test";
import { BUILTINS } from "./builtins.ts";
import { functionReference } from "./reference.ts";
import { sprigFunctions } from "./sprig/index.ts";
import { TemplateSet } from "./template-set.ts";

const functions = sprigFunctions({ env: { HOME: "/home/me" } });
const entries = [...functionReference().values()].flat();

test("every function has one entry, and every entry a function", () => {
  const known = new Set([...functions.keys(), ...BUILTINS.keys()]);
  const described = entries.map(({ name }) => name).filter((name) => name !== "and" && name !== "or");
  assert.deepEqual(
    described.toSorted(),
    [...known].filter((name) => name !== "and" && name !== "or").toSorted(),
  );
});

test("every example renders to the result that is shown", () => {
  for (const { name, example, result } of entries) {
    const set = new TemplateSet("t", functions);
    set.parse("t", example);
    const text = set.execute("t", null);
    if (typeof result === "string") assert.equal(text, result, name);
    else assert.match(text, result, name);
  }
});
