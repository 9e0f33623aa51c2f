import assert from "node:assert/strict";
import { readFile, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { requireEnvironment } from "../env/index.ts";
import { APP, BROKEN, LIB } from "./charts.ts";
import { sideBySide } from "./side-by-side.ts";

test("helm template and helm show do what Helm's do, faults included", async (t) => {
  await requireEnvironment(["helm"], t);
  const { same, helm, slipway } = sideBySide(t, { ...LIB, ...APP, ...BROKEN });
  for (const line of [
    "template",
    "template a b c",
    "template lib",
    "template lib --generate-name",
    "template web lib --generate-name",
    "template web lib --name-template x",
    "template A_B lib",
    "template ./none",
    "template none",
    "template app",
    "template yaml",
    "template yaml --debug",
    "template fail",
    "template end",
    "template version",
    "template lib -f none.yaml",
    "template lib -s templates/none.yaml",
    "template lib --output-dir out --include-crds",
    "template lib --output-dir named --release-name",
    "show chart",
  ]) {
    same(...line.split(" "));
  }
  same("template", "lib", "--name-template", '{{ "WEB" | lower }}-1');
  for (const path of ["out/lib/templates/two.yaml", "named/release-name/lib/templates/hook.yaml"]) {
    const [expected, actual] = await Promise.all(
      [helm, slipway].map(({ directory }) => readFile(join(directory, path), "utf8")),
    );
    assert.equal(actual, expected);
  }
  for (const part of ["all", "chart", "values", "readme", "crds"]) {
    for (const chart of ["lib", "app", "version"]) same("show", part, chart);
  }
  assert.equal(slipway.run("env", "HELM_QPS").out, helm.run("env", "HELM_QPS").out);
});

test("a subchart's values are Helm's type in the subchart and a plain map in its parent, one content in both", async (t) => {
  await requireEnvironment(["helm"], t);
  const { same } = sideBySide(t, {
    "top/Chart.yaml": "apiVersion: v2\nname: top\nversion: 1.0.0\n",
    "top/values.yaml": "sub: {a: 1, deep: {b: 2}}\n",
    "top/crds/one.yaml": "---\nkind: CustomResourceDefinition\n",
    "top/templates/NOTES.txt": '{{ dig "deep" "b" 0 (index .Values "sub") }}',
    "top/templates/top.yaml": `
seen: {{ typeOf .Values }}, {{ typeOf .Values.sub }}, {{ .Values.sub | get "added" }}
subcharts: {{ typeOf .Subcharts.sub }}, {{ typeOf .Subcharts.sub.Values }}, {{ dig "Values" "a" 0 .Subcharts.sub }}
methods: {{ typeOf (.Values.Table "sub") }}, {{ typeOf .Values.AsMap }}, {{ kindOf .Subcharts.sub.Values }}
values: {{ .Values | toJson }}
`.replace('.Values.sub | get "added"', 'get .Values.sub "added"'),
    "top/charts/sub/Chart.yaml": "apiVersion: v2\nname: sub\nversion: 1.0.0\n",
    "top/charts/sub/templates/sub.yaml": `
seen: {{ typeOf .Values }}, {{ typeOf .Values.deep }}, {{ len .Values }}, {{ keys .Values | sortAlpha }}
{{- $_ := set .Values "added" "by the subchart" }}
{{- $_ := set (.Values.Table "deep") "c" 3 }}
values: {{ .Values | toYaml | nindent 2 }}
merged: {{ mergeOverwrite (deepCopy .Values) (dict "a" 9) | toJson }}
{{ range $key, $value := .Values }}{{ $key }} {{ end }}
`,
  });
  same("template", "rel", "top");
  same("lint", "top");
  same("show", "all", "top");
  for (const value of ["[1]", "true", '"text"', "7"])
    same("template", "rel", "top", "--set-json", `sub=${value}`);
});

/** A schema's draft, the schema of the value `v`, and values for it that pass or fail. */
const SCHEMAS: readonly (readonly [draft: string, schema: object, values: readonly unknown[]])[] = [
  ["draft/2020-12/schema", { nullable: true, description: "of OpenAPI" }, [1, "a"]],
  ["draft-07/schema#", { type: "string", nullable: true }, ["a", 1]],
  [
    "draft-07/schema#",
    { properties: { nullable: { type: "boolean" } } },
    [{ nullable: true }, { nullable: 1 }],
  ],
  ["draft-07/schema#", { $ref: "#/definitions/text", minLength: 3 }, ["a", 1]],
  [
    "draft-07/schema#",
    { $ref: "#/properties/v/$defs/w", $defs: { w: { type: "string" } }, type: "null" },
    ["a", 1],
  ],
  ["draft/2019-09/schema", { $ref: "#/definitions/text", minLength: 3 }, ["a", "abc"]],
  ["draft/2020-12/schema", { pattern: String.raw`^(?i)[a\_\-z]+\z` }, ["A-z", "b9"]],
  ["draft/2020-12/schema", { format: "ipv4" }, ["nonsense"]],
  ["draft-07/schema#", { format: "ipv4" }, ["10.0.0.1", "10.0.0.01", "10.0.0", "", 4]],
  ["draft-06/schema#", { format: "ipv6" }, ["::1", "fe80::1%eth0", "1::2::3"]],
  ["draft-04/schema#", { format: "hostname" }, ["a.example.", "-a.b", "a..b", "a_b"]],
  [
    "draft-07/schema#",
    { format: "email" },
    ["a@b.c", "a..b@c", '"a b"@[127.0.0.1]', "a", "a@b_c", "a@[IPv6:::1]"],
  ],
  ["draft-07/schema#", { format: "date" }, ["2024-02-29", "2023-02-29", "0001-01-01", "2024-1-1"]],
  [
    "draft-07/schema#",
    { format: "date-time" },
    ["2024-02-29T10:00:00Z", "2024-02-29T24:00:00Z", "2024-02-29 10:00:00Z"],
  ],
  [
    "draft-07/schema#",
    { format: "uri" },
    ["http://a b/", "http://a/b c", "a/b", "http://a:b/", "mailto:x", "http://", "a%zz:"],
  ],
  [
    "draft-07/schema#",
    { format: "uri-reference" },
    ["a/b", "a:b", "1:b", String.raw`a\b`, "/%zz", "?%zz", "//h:1/"],
  ],
  ["draft-07/schema#", { format: "uuid" }, ["123e4567-e89b-12d3-a456-426614174000", "123e4567"]],
  ["draft-07/schema#", { format: "int32" }, ["x"]],
];

test("values.schema.json means to slipway what it means to Helm, draft by draft", async (t) => {
  await requireEnvironment(["helm"], t);
  const files: Record<string, string> = { "top/Chart.yaml": "apiVersion: v2\nname: top\nversion: 1.0.0\n" };
  const given: Record<string, { v: unknown }> = {};
  for (const [draft, schema, values] of SCHEMAS) {
    for (const v of values) {
      const name = `case${Object.keys(given).length}`;
      given[name] = { v };
      files[`top/charts/${name}/Chart.yaml`] = `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`;
      files[`top/charts/${name}/values.schema.json`] = JSON.stringify({
        $schema: `http://json-schema.org/${draft}`,
        definitions: { text: { type: "string" } },
        properties: { v: schema },
      });
    }
  }
  files["top/values.yaml"] = JSON.stringify(given);
  const { helm, slipway } = sideBySide(t, files);
  const [theirs, ours] = [helm, slipway].map((side) => {
    const error = side.errorOf("template", "rel", "top");
    return [...error.matchAll(/^(case\d+):$/gm)].map((found) => JSON.stringify(given[found[1] ?? ""])).sort();
  });
  assert.deepEqual(ours, theirs);
  assert.ok(theirs?.includes('{"v":"10.0.0.01"}'), "Helm refuses some of them");
});

test("what charts give to helm beside the usual: links, deprecated kinds, wrong heads, undeclared subcharts", async (t) => {
  await requireEnvironment(["helm"], t);
  const { same, helm, slipway } = sideBySide(t, {
    "top/Chart.yaml":
      "apiVersion: v2\nname: top\nversion: 1.0.0\ndependencies: [{name: sub, version: 1.0.0, repository: ''}]\n",
    "top/templates/head.yaml": "{{ .Values.head }}",
    "top/templates/has.yaml":
      '{{ range list "a/v1" "b/v1/Kind" "c/v1" }}# {{ $.Capabilities.APIVersions.Has . }}\n{{ end }}',
    "top/charts/sub/Chart.yaml": "apiVersion: v2\nname: sub\nversion: 1.0.0\n",
    "top/charts/other/Chart.yaml": "apiVersion: v2\nname: other\nversion: 1.0.0\n",
    "top/charts/none/values.yaml": "a: 1\n",
    "link/Chart.yaml": "apiVersion: v2\nname: link\nversion: 1.0.0\n",
    "old/Chart.yaml": "apiVersion: v2\nname: old\nversion: 1.0.0\n",
    "old/templates/all.yaml": `{{ range $kind, $version := .Values }}
apiVersion: {{ $version }}
kind: {{ $kind }}
metadata: {name: a}
---
{{ end }}`,
    "old/values.yaml": JSON.stringify({
      ClusterRole: "rbac.authorization.k8s.io/v1beta1",
      CSIDriver: "storage.k8s.io/v1beta1",
      CustomResourceDefinition: "apiextensions.k8s.io/v1beta1",
      HorizontalPodAutoscaler: "autoscaling/v2beta2",
      IngressClass: "networking.k8s.io/v1beta1",
      PodSecurityPolicy: "policy/v1beta1",
      RuntimeClass: "node.k8s.io/v1beta1",
      StatefulSet: "apps/v1beta2",
    }),
  });
  for (const target of ["../LICENSE", "../gone/LICENSE", "LICENSE", "Chart.yaml/LICENSE"]) {
    for (const { directory } of [helm, slipway]) {
      await rm(join(directory, "link/LICENSE"), { force: true });
      await symlink(target, join(directory, "link/LICENSE"));
    }
    same("template", "link");
  }
  same("dependency", "list", "top");
  same("lint", "old");
  await Promise.all(
    [helm, slipway].map(({ directory }) => rm(join(directory, "top/charts/none"), { recursive: true })),
  );
  same("template", "top", "--api-versions", "a/v1,b/v1/Kind", "-a", "c/v1");
  for (const head of ["{name: [1]}", "{annotations: text}", "{annotations: {a: {}}}", "text"])
    same("template", "top", "--set-json", `head="metadata: ${head}"`);
});
