import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
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
