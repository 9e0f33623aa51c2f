import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDocument } from "#yaml";
import { durationMs } from "./duration.ts";
import { readMeta, type Meta } from "./meta.ts";
import { Section } from "./section.ts";

function read(text: string): Meta {
  const whole = `project: shop\nconfigVersion: 1\n${text}`;
  const node = parseDocument(whole);
  assert.equal(node?.kind, "map");
  return readMeta(new Section(node, { file: "werf.yaml", text: whole, lineOffset: 0 }, ""));
}

test("keep policies are read with limits in milliseconds and patterns of RE2", () => {
  const { cleanup } = read(`cleanup:
  keepPolicies:
  - references: {tag: /v.*/, limit: {last: 10}}
    imagesPerReference: {last: 2, in: 168h, operator: Or}
  - references: {branch: feature.x}
`);
  assert.deepEqual(cleanup.keepPolicies, [
    {
      references: { kind: "tag", pattern: "v.*", limit: { operator: "And", last: 10 } },
      imagesPerReference: { operator: "Or", last: 2, inMs: 604_800_000 },
    },
    {
      references: { kind: "branch", pattern: "^feature\\.x$", limit: undefined },
      imagesPerReference: undefined,
    },
  ]);
  assert.equal(read("").cleanup.keepPolicies, undefined);
});

test("keep policies that cannot be meant are refused", () => {
  const policy = (references: string): string => `cleanup: {keepPolicies: [{references: ${references}}]}\n`;
  assert.throws(() => read(policy("{}")), { message: /exactly one of `tag` and `branch`/ });
  assert.throws(() => read(policy('{tag: "/[/"}')), { message: /Bad regular expression/ });
  assert.throws(() => read(policy("{tag: a, limit: {operator: Xor}}")), { message: /operator/ });
  assert.throws(() => read(policy("{tag: a, limit: {in: soon}}")), { message: /Bad duration `soon`/ });
});

test("an empty name template is refused", () => {
  assert.throws(() => read('deploy: {helmRelease: ""}\n'), { message: /`deploy.helmRelease` is empty/ });
});

test("durationMs() reads durations as Go does", () => {
  assert.deepEqual(["1h30m", "1.5s", "-2m", "0", "1d", "", "5"].map(durationMs), [
    5_400_000,
    1500,
    -120_000,
    0,
    undefined,
    undefined,
    undefined,
  ]);
});
