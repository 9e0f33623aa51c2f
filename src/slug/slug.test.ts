import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { isValidProjectName, limitedSlug, projectSlug, slug, type SlugClass } from "./slug.ts";

const CLASSES: readonly SlugClass[] = ["docker-tag", "helm-release", "kubernetes-namespace"];

test("slug() answers what `werf slugify` of werf 1.1 answers", async () => {
  // Recorded from a local build of werf 1.1 with `werf slugify -f FORMAT STRING`.
  const text = await readFile(new URL("testdata/slugify.json", import.meta.url), "utf8");
  const vectors = JSON.parse(text) as readonly (Record<SlugClass, string> & { readonly in: string })[];
  assert.equal(vectors.length, 152);
  for (const vector of vectors) {
    const got = Object.fromEntries(CLASSES.map((kind) => [kind, slug(kind, vector.in)]));
    const wanted = Object.fromEntries(CLASSES.map((kind) => [kind, vector[kind]]));
    assert.deepEqual(got, wanted, JSON.stringify(vector.in));
  }
});

test("slug() cuts long names to the length of their class", () => {
  assert.equal(slug("docker-tag", "x".repeat(129)), `${"x".repeat(119)}-8cca70eb`);
  assert.equal(slug("helm-release", "x".repeat(54)), `${"x".repeat(44)}-18c5dfb9`);
  assert.equal(slug("kubernetes-namespace", "x".repeat(64)), `${"x".repeat(54)}-afd4efcd`);
  assert.equal(slug("docker-tag", "x".repeat(128)), "x".repeat(128));
});

test("slug() leaves the dash that a crop uncovers", () => {
  const name = `${"x".repeat(43)}_${"y".repeat(20)}`;
  assert.match(slug("helm-release", name), /^x{43}--[0-9a-f]{8}$/);
});

test("limitedSlug() keeps only what is shorter than its limit and needs no change", () => {
  const cases: Readonly<Record<string, string>> = {
    A: "a-54dcf7ce",
    "-data": "data-a871d86e",
    "da/ta": "da-ta-afa96f8",
    "helo/ehlo": "helo-ehlo-b6f6ab1f",
    data: "data",
    ["x".repeat(41)]: "x".repeat(41),
    ["x".repeat(43)]: `${"x".repeat(33)}-27e2f02f`,
  };
  for (const [name, wanted] of Object.entries(cases)) assert.equal(limitedSlug(name), wanted, name);
  assert.notEqual(limitedSlug("x".repeat(42)), "x".repeat(42));
});

test("projectSlug() proposes a valid name without a hash", () => {
  assert.equal(projectSlug("My Project_2"), "my-project-2");
  assert.equal(projectSlug("shop"), "shop");
  const long = projectSlug(`${"x".repeat(49)} y`);
  assert.equal(long, "x".repeat(49));
  assert.ok(isValidProjectName(long));
});

test("isValidProjectName() refuses capitals, edges of dashes, and more than 50 characters", () => {
  for (const name of ["", "A", "-a", "a-", "a_b", "x".repeat(51)])
    assert.equal(isValidProjectName(name), false, name);
  for (const name of ["a", "a-b", "1", "x".repeat(50)]) assert.equal(isValidProjectName(name), true, name);
});
