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
const SCHEMAS: readonly (readonly [draft: string, schema: object | boolean, values: readonly unknown[]])[] = [
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
  [
    "draft-07/schema#",
    { type: ["string", "integer", "null"], minLength: 2, maxLength: 1234 },
    ["a", 1, 1.5, null, true, [], {}, 'it\'s "é"\n', "x".repeat(2345)],
  ],
  [
    "draft-07/schema#",
    { minimum: -2.5, maximum: 65535, multipleOf: 0.01 },
    [0.07, 0.075, -3, 70000, 1e21, 12345.678, 65535],
  ],
  ["draft-04/schema#", { minimum: 3, exclusiveMinimum: true, maximum: 1e7 }, [3, 4, 10000001]],
  ["draft/2020-12/schema", { exclusiveMinimum: 3, exclusiveMaximum: 5 }, [3, 4, 5]],
  ["draft-07/schema#", { enum: ["a", 1, null, true] }, ["b", 1, null, false]],
  ["draft-07/schema#", { enum: ["it's"] }, ["b"]],
  ["draft-07/schema#", { enum: [{ a: 1 }, [1]] }, [{ a: 1 }, { a: 2 }, [1], [1, 2]]],
  ["draft-07/schema#", { const: { a: [1, "x"] } }, [{ a: [1, "x"] }, { a: [1] }, 1]],
  ["draft-06/schema#", { const: 1 }, [1, 2]],
  [
    "draft-07/schema#",
    { required: ["a", "b"], properties: { a: { type: "string" } }, additionalProperties: false },
    [{ a: "x", b: 1 }, {}, { a: 1 }, { a: "x", "c/d~": 1 }],
  ],
  [
    "draft-07/schema#",
    { patternProperties: { "^x-": { type: "integer" } }, additionalProperties: { type: "string" } },
    [{ "x-a": 1, b: "b" }, { "x-a": "a" }, { b: 1 }],
  ],
  [
    "draft-07/schema#",
    { minProperties: 1, maxProperties: 2, propertyNames: { pattern: "^[a-c]+$" } },
    [{}, { a: 1 }, { d: 1 }, { a: 1, b: 1, c: 1 }],
  ],
  [
    "draft-07/schema#",
    { dependencies: { a: ["b", "c"], d: { required: ["e"] } } },
    [{ a: 1 }, { a: 1, b: 1, c: 1 }, { d: 1 }, { d: 1, e: 1 }],
  ],
  [
    "draft/2020-12/schema",
    { dependentRequired: { a: ["b"] }, dependentSchemas: { c: { required: ["d"] } } },
    [{ a: 1 }, { c: 1 }, { a: 1, b: 1 }],
  ],
  ["draft-07/schema#", { items: [{ type: "string" }], additionalItems: false }, [["a"], [1], ["a", 1, 2]]],
  [
    "draft-07/schema#",
    { items: { $ref: "#/definitions/text" }, minItems: 1, maxItems: 2 },
    [[], [1], ["a", "b", "c"]],
  ],
  [
    "draft-07/schema#",
    { uniqueItems: true },
    [
      [1, 2],
      [{ a: 1 }, 2, { a: 1 }],
      [1, "1"],
    ],
  ],
  ["draft-07/schema#", { contains: { type: "string" } }, [[], [1], ["a"]]],
  [
    "draft/2020-12/schema",
    { contains: { type: "string" }, minContains: 2, maxContains: 2 },
    [["a"], ["a", 1, "b"], ["a", 1, "b", "c"], []],
  ],
  [
    "draft/2020-12/schema",
    { prefixItems: [{ type: "string" }], items: { type: "integer" } },
    [["a", 1], ["a", "b"], [1]],
  ],
  ["draft-07/schema#", { not: { type: "string" } }, ["a", 1]],
  ["draft-07/schema#", { allOf: [{ type: "string" }, { minLength: 2 }, { maxLength: 0 }] }, ["a", "ab", 1]],
  ["draft-07/schema#", { anyOf: [{ type: "string" }, { $ref: "#/definitions/text" }] }, ["a", 1]],
  ["draft-07/schema#", { oneOf: [{ type: "string" }, { minLength: 1 }, { type: "null" }] }, ["a", "", null]],
  ["draft-07/schema#", { oneOf: [{ type: "string" }, { required: ["a"] }] }, [1, {}, { a: 1 }]],
  [
    "draft-07/schema#",
    { if: { properties: { a: { const: 1 } } }, then: { required: ["b"] }, else: { required: ["c"] } },
    [{ a: 1 }, { a: 2 }, { a: 1, b: 1 }],
  ],
  ["draft-07/schema#", false, [1]],
  ["draft-07/schema#", { additionalProperties: { properties: { b: false } } }, [{ a: { b: 1 } }, { a: {} }]],
  [
    "draft/2020-12/schema",
    {
      allOf: [{ properties: { a: true } }],
      if: { required: ["b"] },
      then: { properties: { b: { type: "integer" } } },
      unevaluatedProperties: false,
    },
    [{ a: 1 }, { a: 1, b: 1 }, { a: 1, c: 1 }, { b: "x" }],
  ],
  ["draft/2019-09/schema", { items: [true], unevaluatedItems: { type: "string" } }, [[1], [1, "a"], [1, 2]]],
  [
    "draft-07/schema#",
    { $ref: "#/definitions/both", definitions: { unused: { $ref: "#/nowhere" } } },
    [{ a: 1, b: 1 }, {}],
  ],
  ["draft/2020-12/schema", { $ref: "#tree" }, [{ below: [{ below: [1] }] }, { below: [{}] }]],
  ["draft-07/schema#", { $ref: "#/nowhere" }, [1]],
  ["draft-07/schema#", { $ref: "#nobody" }, [1]],
  ["draft-07/schema#", { $ref: "urn:some:thing" }, [1]],
  ["draft-07/schema#", { pattern: "a(" }, [1]],
  ["draft-07/schema#", { type: "text" }, ["a"]],
  ["draft-07/schema#", { type: [] }, ["a"]],
  ["draft-07/schema#", { required: "a" }, ["a"]],
  ["draft-07/schema#", { required: true }, ["a"]],
  ["draft-07/schema#", { minLength: -1 }, ["a"]],
  ["draft-07/schema#", { properties: { a: 1 } }, ["a"]],
  ["draft-04/schema#", { properties: { a: true }, required: [] }, ["a"]],
  ["draft-07/schema#", { enum: [] }, ["a"]],
  ["draft-06/schema#", { enum: [] }, ["a"]],
  ["draft/2020-12/schema", { items: [{ type: "string" }] }, [["a"]]],
  ["draft/2020-12/schema", { minimum: "1" }, [["a"]]],
  ["draft/2020-12/schema", { exclusiveMinimum: true }, [["a"]]],
  ["draft/2020-12/schema", { title: 1, $comment: 1 }, [["a"]]],
  ["draft/2020-12/schema", { default: 1, examples: 1 }, [["a"]]],
  ["draft-04/schema#", { const: 1, examples: 1 }, [["a"]]],
  ["draft-05/schema#", {}, [["a"]]],
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
        definitions: {
          text: { type: "string" },
          both: { required: ["a"], minProperties: 2 },
          tree: { $anchor: "tree", properties: { below: { items: { $ref: "#tree" } } }, type: "object" },
        },
        properties: { v: schema },
      });
    }
  }
  files["top/values.yaml"] = JSON.stringify(given);
  const { helm, slipway } = sideBySide(t, files);
  const [theirs, ours] = [helm, slipway].map((side) => {
    const [, ...cases] = side.errorOf("template", "rel", "top").split(/(?=case\d+:$)/m);
    return cases.map((text) => describe(text, given)).sort();
  });
  assert.deepEqual(ours, theirs);
  assert.ok(
    theirs?.some((text) => text.includes('"10.0.0.01"')),
    "Helm refuses some of them",
  );
});

/** What is said of one case. Why a format or a schema is wrong is Go's own text, and the order is by chance. */
function describe(text: string, given: Record<string, { v: unknown }>): string {
  const [name = "", ...lines] = text.trim().split("\n");
  const said = lines.map((line) =>
    line.replace(/( is not valid [\w-]+): .*| (?:not valid against metaschema|not found|loading).*/, "$1"),
  );
  const isAboutValues = said[0]?.startsWith("- at ") ?? false;
  return `${JSON.stringify(given[name.slice(0, -1)])}\n${(isAboutValues ? said.sort() : said.slice(0, 1)).join("\n")}`;
}

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
