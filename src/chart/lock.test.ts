import assert from "node:assert/strict";
import { test } from "node:test";
import { buildChart, lockDigest, lockText } from "./index.ts";

const chart = buildChart([
  {
    name: "Chart.yaml",
    data: Buffer.from(
      'apiVersion: v2\nname: app\nversion: 1.2.3\ndependencies:\n- name: lib\n  version: ">=0.1.0"\n  repository: file://../lib\n',
    ),
  },
]);
const locked = [{ name: "lib", version: "0.2.0", repository: "file://../lib" }];

test("lockDigest() is the digest that Helm writes", () => {
  assert.equal(
    lockDigest(chart.metadata.dependencies, locked),
    "sha256:291235d74b60ec1a4c13347ec2be6b9ac80814209e5b9f11a9df991da5468a88",
  );
});

test("lockText() is Chart.lock as Helm writes it", () => {
  assert.equal(
    lockText({
      dependencies: locked,
      digest: "sha256:00",
      generated: "2026-11-23T12:26:44.793183497Z",
    }),
    'dependencies:\n- name: lib\n  repository: file://../lib\n  version: 0.2.0\ndigest: sha256:00\ngenerated: "2026-11-23T12:26:44.793183497Z"\n',
  );
});
