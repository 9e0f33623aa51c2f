import assert from "node:assert/strict";
import { test } from "node:test";
import { RE2JS } from "re2js";
import { plainRegexp, type Match } from "./plain.ts";

const PARTS = [
  "a",
  "b",
  "-",
  "_",
  ".",
  "\\.",
  "\\d",
  "\\W",
  "[a-c]",
  "[^a-z-]",
  "[\\w.]",
  "[-b]",
  "^",
  "$",
  "|",
  "(",
  ")",
  "a*",
  "b+",
  ".*",
  "[ab]?",
  "\\d+",
  ".?",
  ")?",
  "a{2}",
  "[bc]{1,3}",
  "\\w{0,}",
  "\\s",
  "\\S",
  "[\\s-]",
  "\n",
  "[^\\n\\t]",
];
const CHARACTERS = ["a", "b", "c", "A", "1", "-", "_", ".", " ", "\n", "\r", "\v"];

test("a plain pattern finds what RE2 finds, at the same places and with the same texts in groups", () => {
  const random = generator(7);
  const pick = (from: readonly string[], longest: number): string =>
    Array.from({ length: random(longest) }, () => from[random(from.length)]).join("");
  let compared = 0;
  for (let i = 0; i < 10_000; i++) {
    const pattern = pick(PARTS, 7);
    const text = pick(CHARACTERS, 8);
    const find = plainRegexp(pattern)?.searchIn(text);
    if (find === undefined) continue;
    const matcher = RE2JS.compile(pattern).matcher(text);
    for (let at = 0; at <= text.length; at++) {
      const groups = matcher.find(at)
        ? Array.from({ length: matcher.groupCount() + 1 }, (_, group) => matcher.group(group) ?? "")
        : undefined;
      const found: Match | undefined = find(at);
      assert.equal(found?.[0]?.[0], groups && matcher.start());
      assert.deepEqual(
        found?.map((range) => (range === undefined ? "" : text.slice(...range))),
        groups,
        `${pattern} in ${JSON.stringify(text)} from ${at}`,
      );
      compared++;
    }
  }
  assert.ok(compared > 4_000, "most patterns are plain");
});

test("a pattern is not plain where the two differ, nor a text that could take long", () => {
  for (const pattern of [
    "(a*)*",
    "(a|b)+",
    "a{2,1}",
    "a{2}{3}",
    "a{1001}",
    "a{,3}",
    "(a)??",
    "(a){2}",
    "a+?",
    "(?i)a",
    "\\bx",
    "[\\S]",
    "[[:alpha:]]",
    "[z-a]",
    "é",
    "a**",
    "(",
    ")",
    "[]a]",
    "\\pL",
  ]) {
    assert.equal(plainRegexp(pattern), undefined, pattern);
  }
  assert.equal(plainRegexp("[^a]")?.searchIn("é"), undefined);
  assert.equal(plainRegexp("a+$")?.searchIn("a".repeat(5000)), undefined);
});

/** Numbers below a limit, the same in each run. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
}
