import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { membersOf } from "../conformance/archive-members.ts";
import { requireEnvironment } from "../env/index.ts";
import { sideBySide } from "./side-by-side.ts";

const DEEP = `templates/${"d".repeat(60)}/${"e".repeat(60)}`;

/** Those that Helm can read are written anew. */
const LOCKS = [
  "# by hand\ngenerated: 2020-01-02T03:04:05.120+02:00\ndigest: 5\ndependencies:\n  - {version: 1.0, name: a, tags: [b], more: 1}\n",
  "dependencies: [null, {name: a, import-values: [{child: a, parent: b}, c], enabled: true}]\n",
  'generated: "2020-01-02T03:04:05+00:00"\ndependencies: []\n',
  "{}\n",
  "# nothing\n",
  "null\n",
  "text\n",
  "generated: yesterday\n",
  "generated: 5\n",
  'generated: "2020-13-02T03:04:05Z"\n',
];

function contents(archive: string): object[] {
  const members = membersOf(gunzipSync(readFileSync(archive)));
  return members.map(({ name, header, data }) => ({ name, header, text: data.toString() }));
}

test("helm package writes the same members with the same headers, whatever their names", async (t) => {
  await requireEnvironment(["helm"], t);
  const { same, helm, slipway } = sideBySide(t, {
    "web/Chart.yaml":
      "apiVersion: v2\nname: web\nversion: 1.0.0\nappVersion: 1.10\ndependencies: [{name: sub, version: 1.0.0}]\n",
    "web/values.yaml": "# kept\r\na: 1\r\n",
    "web/.helmignore": "*.bak\n",
    "web/left.bak": "",
    "web/README.md": "\ufeffread\n",
    "web/é.txt": "",
    [`web/${DEEP}/a.yaml`]: "a: 1\n",
    [`web/${DEEP}/é.yaml`]: "a: 1\n",
    [`web/templates/${"f".repeat(120)}.yaml`]: "a: 1\n",
    [`web/files/${"g".repeat(80)}/${"h".repeat(80)}/b`]: "x".repeat(513),
    "web/charts/sub/Chart.yaml": "apiVersion: v1\nname: sub\nversion: 1.0.0\n",
    "web/charts/sub/requirements.yaml": "dependencies: []\n",
    "web/charts/sub/templates/a.yaml": "a: 1\n",
  });
  for (const { directory } of [helm, slipway]) {
    for (const [at, text] of LOCKS.entries()) {
      mkdirSync(join(directory, `lock${at}`));
      const definition = `apiVersion: v2\nname: lock${at}\nversion: 1.0.0\n`;
      writeFileSync(join(directory, `lock${at}/Chart.yaml`), definition);
      writeFileSync(join(directory, `lock${at}/Chart.lock`), text);
    }
  }
  same("package", "web");
  const packed = LOCKS.keys()
    .filter((at) => same("package", `lock${at}`).code === 0)
    .map((at) => `lock${at}-1.0.0.tgz`);
  for (const archive of ["web-1.0.0.tgz", ...packed]) {
    const [theirs, ours] = [helm, slipway].map((side) => contents(join(side.directory, archive)));
    assert.deepEqual(ours, theirs);
  }
});
