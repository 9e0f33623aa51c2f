import assert from "node:assert/strict";
import { test } from "node:test";
import { formatReference, parseFullReference, parseReference } from "./index.ts";

const hex = "0123456789abcdef".repeat(4);

test("parseReference() reads names as docker does", () => {
  const table = [
    ["python", "docker.io/library/python"],
    ["python:3.11-slim", "docker.io/library/python:3.11-slim"],
    ["bitnami/redis:7", "docker.io/bitnami/redis:7"],
    ["index.docker.io/library/a", "docker.io/library/a"],
    ["docker.io/a", "docker.io/library/a"],
    ["localhost/a", "localhost/a"],
    ["localhost:5000/a/b__c/d-e.f:v1", "localhost:5000/a/b__c/d-e.f:v1"],
    ["[::1]:5000/a:b", "[::1]:5000/a:b"],
    ["Registry/a", "Registry/a"],
    ["127.0.0.1:5000/a", "127.0.0.1:5000/a"],
    [`gcr.io/x/y@sha256:${hex}`, `gcr.io/x/y@sha256:${hex}`],
    [`gcr.io/x/y:t@sha256:${hex}`, `gcr.io/x/y:t@sha256:${hex}`],
  ] as const;
  for (const [text, full] of table) assert.equal(formatReference(parseReference(text)), full);
});

test("parseReference() refuses what no registry takes", () => {
  const wrong = [
    "",
    "A",
    "a/B",
    "a b",
    "a:",
    "a:-x",
    "gcr.io/",
    "gcr.io//a",
    "a@sha256:12",
    "a..b",
    "-a",
    "a/../b",
    `a@sha256:${hex}@sha256:${hex}`,
    `a:${"x".repeat(129)}`,
    "http://gcr.io/a",
    "a?b",
  ];
  for (const text of wrong) assert.throws(() => parseReference(text), { code: "OCI_REFERENCE" }, text);
});

test("parseFullReference() takes the first part for the registry, and adds nothing", () => {
  assert.deepEqual(parseFullReference("charts/web:1"), { registry: "charts", repository: "web", tag: "1" });
  assert.deepEqual(parseFullReference("docker.io/web"), { registry: "docker.io", repository: "web" });
  for (const text of ["web", "/web", "host/"]) {
    assert.throws(() => parseFullReference(text), { code: "OCI_REFERENCE" }, text);
  }
});
