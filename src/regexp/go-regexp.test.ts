import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { compileRegexp, quoteMeta } from "./index.ts";

interface RegexpCase {
  readonly pattern: string;
  readonly text?: string;
  readonly with?: string;
  readonly limit?: number;
  readonly error?: string;
  readonly results?: unknown;
}

test("compileRegexp() finds, replaces and splits as Go's regexp", () => {
  const lines = readFileSync(new URL("testdata/regexp.jsonl", import.meta.url), "utf8")
    .trim()
    .split("\n");
  const cases = lines.map((line) => JSON.parse(line) as RegexpCase);
  const wrong: unknown[] = [];
  for (const { error, results, ...input } of cases) {
    const got = match(input);
    const want = error ?? results;
    if (JSON.stringify(got) !== JSON.stringify(want)) wrong.push({ ...input, got, want });
  }
  assert.deepEqual(wrong, []);
});

function match({ pattern, text = "", with: replacement = "", limit = 0 }: RegexpCase): unknown {
  try {
    const compiled = compileRegexp(pattern);
    return {
      test: compiled.test(text),
      find: compiled.find(text),
      all: compiled.findAll(text, limit) ?? null,
      replace: compiled.replaceAll(text, replacement),
      literal: compiled.replaceAllLiteral(text, replacement),
      split: compiled.split(text, limit) ?? null,
      meta: quoteMeta(text),
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
