import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { compareVersions, parseConstraint, parseStrictVersion, parseVersion } from "./index.ts";

interface Case {
  readonly constraint: string;
  readonly version: string;
  readonly allows: boolean;
  readonly objections: readonly string[];
  readonly error?: string;
}

test("parseConstraint() allows and objects as Masterminds/semver does", () => {
  const lines = readFileSync(new URL("testdata/constraints.jsonl", import.meta.url), "utf8")
    .trim()
    .split("\n");
  const wrong: unknown[] = [];
  for (const line of lines) {
    const want = JSON.parse(line) as Case;
    const got = judge(want);
    if (JSON.stringify(got) !== JSON.stringify(want)) wrong.push({ got, want });
  }
  assert.deepEqual(wrong, []);
});

function judge({ constraint, version }: Case): Case {
  try {
    const wanted = parseConstraint(constraint);
    const given = parseVersion(version);
    return { constraint, version, allows: wanted.allows(given), objections: wanted.objections(given) };
  } catch (error) {
    return { constraint, version, allows: false, objections: [], error: (error as Error).message };
  }
}

test("parseConstraint() reads 512 bytes of white space and stars at once", () => {
  assert.throws(() => parseConstraint(`${"1   ".repeat(127)}!`), /improper constraint/);
  assert.throws(() => parseConstraint("1".repeat(513)), /constraint string is too long \(max 512 bytes\)/);
  assert.throws(() => parseConstraint("1||".repeat(40)), /too many constraint groups \(max 32\)/);
});

test("compareVersions() puts prereleases first and numbers before letters", () => {
  const versions = [
    "1.0.0",
    "1.0.0-alpha.1",
    "1.0.0-1",
    "1.0.0-alpha",
    "0.9.9",
    "1.0.0-alpha.10",
    "1.0.0-alpha.9",
  ];
  assert.deepEqual(versions.map(parseVersion).sort(compareVersions).map(String), [
    "0.9.9",
    "1.0.0-1",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.9",
    "1.0.0-alpha.10",
    "1.0.0",
  ]);
  assert.equal(compareVersions(parseVersion("1.2.3+a"), parseVersion("v1.2.3+b")), 0);
});

test("parseStrictVersion() wants all three parts", () => {
  assert.equal(String(parseStrictVersion("1.2.3-rc.1+b.2")), "1.2.3-rc.1+b.2");
  const problems: Readonly<Record<string, string>> = {
    "": "version string empty",
    "1.2": "invalid semantic version",
    "v1.2.3": "invalid characters in version",
    "1.02.3": "version segment starts with 0",
    "1.2.3-01": "version segment starts with 0",
    "1.2.3-a_b": "invalid prerelease string",
    "1.2.3+": "invalid metadata string",
    "1..3": 'strconv.ParseUint: parsing "": invalid syntax',
    "99999999999999999999.0.0": 'strconv.ParseUint: parsing "99999999999999999999": value out of range',
  };
  for (const [text, message] of Object.entries(problems))
    assert.throws(() => parseStrictVersion(text), { message });
});

test("Version makes the next versions and keeps a leading v in its original", () => {
  const version = parseVersion("v1.2.3-rc.1+b");
  assert.equal(String(version.nextPatch()), "1.2.3");
  assert.equal(String(version.nextMinor()), "1.3.0");
  assert.equal(version.nextMajor().original, "v2.0.0");
  assert.equal(String(version.withPrerelease("x").withMetadata("")), "1.2.3-x");
  assert.throws(() => version.withPrerelease("a b"), /invalid prerelease string/);
});
