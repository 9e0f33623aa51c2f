import assert from "node:assert/strict";
import { test } from "node:test";
import { pathMatcher, type PathRules } from "./path-matcher.ts";

const table: readonly [PathRules, matches: readonly string[], misses: readonly string[]][] = [
  [
    { base: "a/b/c", include: ["d"] },
    ["a/b/c/d", "a/b/c/d/e"],
    ["a/b/c", "a/b/c/e", "a/b/c/de", "a/b/d", "a"],
  ],
  [{ base: "a/b/c", exclude: ["d"] }, ["a/b/c", "a/b/c/e", "a/b/c/de"], ["a/b/c/d", "a/b/d", "a"]],
  [{ base: "a/b/c", include: [""] }, ["a/b/c", "a/b/c/d"], ["a/b", "a/b/cd"]],
  [{ base: "a/b/c", include: [""], exclude: [""] }, [], ["a/b/c", "a/b/c/d"]],
  [{ base: "a/b/c", include: ["d"], exclude: ["e"] }, ["a/b/c/d"], ["a/b/c", "a/b/c/e"]],
  [{ base: "a/b/c", include: ["d"], exclude: ["d/e"] }, ["a/b/c/d", "a/b/c/d/f"], ["a/b/c/d/e"]],
  [{ base: "", include: ["*.js"] }, ["a.js", ".js", "dir.js/below"], ["a/b.js", "a.jsx", "A.JS"]],
  [{ base: "", include: ["**/*.js"] }, ["a.js", "a/b/c.js"], ["a.ts"]],
  [{ base: "", include: ["a/**"] }, ["a", "a/b", "a/b/c"], ["ab"]],
  [{ base: "", include: ["a/*"] }, ["a/b", "a/b/c"], ["a", "b"]],
  [{ base: "", include: ["a/**/*"] }, ["a/b", "a/b/c"], ["a"]],
  [{ base: "", include: ["a/**/z"] }, ["a/z", "a/b/c/z", "a/b/z/y"], ["a/b"]],
  [{ base: "", include: ["{a,b/c}.txt"] }, ["a.txt", "b/c.txt"], ["c.txt"]],
  [{ base: "", include: ["[a-c]x", "[!a]y", "[]]z"] }, ["bx", "by", "]z"], ["dx", "ay", "/y"]],
  [{ base: "", include: ["a\\*b"] }, ["a*b"], ["axb"]],
  [{ base: "", include: ["?"] }, ["é", "🐜", "a/b"], ["ab"]],
  [{ base: "", include: ["a[b"] }, ["a[b", "a[b/c"], ["ab"]],
  [{ base: "", include: ["."] }, ["a", ".hidden"], []],
  [{ base: "", include: ["./a/"] }, ["a", "a/b"], ["b"]],
  [{ base: "", include: ["$(x).+"] }, ["$(x).+"], ["$(x)a+"]],
];

test("pathMatcher() includes and excludes as werf's git mappings do", () => {
  for (const [rules, matches, misses] of table) {
    const matcher = pathMatcher(rules);
    for (const path of matches)
      assert.ok(matcher.matches(path), `${JSON.stringify(rules)} must match ${path}`);
    for (const path of misses)
      assert.ok(!matcher.matches(path), `${JSON.stringify(rules)} must not match ${path}`);
  }
});

test("PathMatcher.directory() prunes where it can", () => {
  const reach = (rules: PathRules, path: string): string => pathMatcher(rules).directory(path);
  assert.equal(reach({ base: "a/b" }, ""), "walk");
  assert.equal(reach({ base: "a/b" }, "a"), "walk");
  assert.equal(reach({ base: "a/b" }, "a/b"), "whole");
  assert.equal(reach({ base: "a/b" }, "a/c"), "skip");
  assert.equal(reach({ base: "", exclude: ["node_modules"] }, "node_modules"), "skip");
  assert.equal(reach({ base: "", exclude: ["node_modules"] }, "src"), "whole");
  assert.equal(reach({ base: "", exclude: ["**/*.md"] }, "src"), "walk");
  assert.equal(reach({ base: "", include: ["src/*.js"] }, "src"), "walk");
  assert.equal(reach({ base: "", include: ["src/*.js"] }, "src/deep"), "skip");
  assert.equal(reach({ base: "", include: ["src"] }, "src/deep"), "whole");
  assert.equal(reach({ base: "", include: ["src"] }, "doc"), "skip");
});

test("PathMatcher.directory() never contradicts matches()", () => {
  const names = ["a", "b", "c.js", "d"];
  const pieces = [...names, "*", "**", "*.js", "{a,b}", "[ab]", "{a/b,c}"];
  const pick = <T>(from: readonly T[]): T => from[Math.floor(Math.random() * from.length)] as T;
  const path = (from: readonly string[]): string =>
    Array.from({ length: 1 + Math.floor(Math.random() * 3) }, () => pick(from)).join("/");
  for (let round = 0; round < 3000; round++) {
    const rules: PathRules = {
      base: pick(["", "a", "a/b"]),
      include: Array.from({ length: pick([0, 1, 2]) }, () => path(pieces)),
      exclude: Array.from({ length: pick([0, 1, 2]) }, () => path(pieces)),
    };
    const matcher = pathMatcher(rules);
    const file = `${path(names)}/${path(names)}`;
    const directory = file
      .split("/")
      .slice(0, 1 + Math.floor(Math.random() * (file.split("/").length - 1)))
      .join("/");
    const said = matcher.directory(directory);
    const why = `${JSON.stringify(rules)}: ${directory} is ${said}, ${file} ${matcher.matches(file)}`;
    if (said === "whole") assert.ok(matcher.matches(file), why);
    if (said === "skip") assert.ok(!matcher.matches(file), why);
  }
});
