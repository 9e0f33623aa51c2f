import assert from "node:assert/strict";
import { test } from "node:test";
import { requireEnvironment } from "../env/index.ts";
import { sideBySide } from "./side-by-side.ts";

/** One chart that has what charts can have: each line of it is there for a rule of Helm's. */
const SHOP: Readonly<Record<string, string>> = {
  "shop/Chart.yaml": `apiVersion: v2
name: shop
version: 1.2.3
appVersion: "4.5"
dependencies:
- {name: web, version: 0.1.0, alias: front, condition: "front.on,none.on", import-values: [shared, {child: size, parent: taken}]}
- {name: web, version: 0.1.0, alias: back, tags: [behind, other]}
- {name: kit, version: ">=0.1"}
- {name: old, version: 0.1.0}
`,
  "shop/.helmignore": "# not for templates\n*.txt\n!kept.txt\nhidden/\n/top.yaml\n",
  "shop/values.yaml": `global: {zone: a, deep: {x: 1}}
taken: {own: 1}
front: {on: true, port: 81, gone: null, table: text}
tags: {behind: false}
notAMap: 1
list: [1, 2.5, 1000000, "x", true, null]
text: "{{ .Values.global.zone }}-{{ include \\"shop.inner\\" . }}"
`,
  "shop/crds/one.yaml": "kind: CustomResourceDefinition\nmetadata: {name: ones.x.y}\n",
  "shop/top.yaml": "ignored",
  "shop/a.txt": "ignored",
  "shop/kept.txt": "kept\nlines\n",
  "shop/hidden/b.yaml": "ignored",
  "shop/conf/c.yaml": "c: 1\n",
  "shop/templates/_names.tpl":
    '{{- define "shop.inner" }}{{ .Chart.Name }}{{ end -}}\n{{- define "kit.name" }}shop wins{{ end -}}\n{{- define "shop.blank" }}kept{{ end }}\n{{- define "shop.blank" }}  {{/* nothing */}}  {{ end }}',
  "shop/templates/NOTES.txt": "Notes of {{ .Release.Name }}, {{ .Subcharts.front.Values.port }}\n",
  "shop/templates/all.yaml": `{{- $seen := dict }}
kind: ConfigMap
metadata: {name: all}
values: {{ .Values | toYaml | nindent 2 }}
files: {{ range $path, $data := .Files.Glob "**" }}{{ $path }} {{ end }}
lines: {{ range .Files.Lines "kept.txt" }}<{{ . }}>{{ end }}
config: {{ (.Files.Glob "conf/*").AsConfig | nindent 2 }}
secrets: {{ (.Files.Glob "conf/*").AsSecrets | nindent 2 }}
numbers: "{{ range .Values.list }}{{ . }} {{ end }}"
tpl: {{ tpl .Values.text . }}
kit: {{ include "kit.name" . }} {{ include "shop.blank" . }}
lookup: {{ lookup "v1" "Secret" "" "" | toJson }}
sub: {{ .Subcharts.front.Chart.Name }} {{ .Subcharts.front.Release.Name }}
at: {{ .Template.Name }} {{ .Template.BasePath }} {{ .Chart.IsRoot }} {{ .Release.Revision }} {{ .Release.Service }}
---
# nothing but a comment
---
kind: Job
metadata: {name: before, annotations: {helm.sh/hook: "pre-install,pre-upgrade", helm.sh/hook-weight: "-5"}}
---
kind: Job
metadata: {name: first, annotations: {helm.sh/hook: pre-install, helm.sh/hook-weight: "-10"}}
`,
  "shop/charts/web/Chart.yaml":
    "apiVersion: v2\nname: web\nversion: 0.1.0\ndependencies:\n- {name: core, version: 0.1.0, condition: core.on}\n",
  "shop/charts/web/values.yaml": `port: 80
gone: here
table: {a: 1}
size: {w: 2}
exports: {shared: {fromWeb: 3, notAMap: {a: 1}}}
global: {zone: b, own: c, deep: text}
core: {on: true}
`,
  "shop/charts/web/templates/web.yaml":
    "kind: Service\nmetadata: {name: {{ .Chart.Name }}}\nvalues: {{ .Values | toYaml | nindent 2 }}\nroot: {{ .Chart.IsRoot }}\n",
  "shop/charts/web/templates/NOTES.txt": "Notes of {{ .Chart.Name }}",
  "shop/charts/web/charts/core/Chart.yaml": "apiVersion: v2\nname: core\nversion: 0.1.0\n",
  "shop/charts/web/charts/core/templates/core.yaml":
    "kind: Pod\nmetadata: {name: core-{{ .Values.global.zone }}-{{ .Values.global.own }}}\n",
  "shop/charts/kit/Chart.yaml": "apiVersion: v2\nname: kit\nversion: 0.2.0\ntype: library\n",
  "shop/charts/kit/templates/_kit.tpl": '{{ define "kit.name" }}kit{{ end }}',
  "shop/charts/kit/templates/never.yaml": "{{ fail `a library is not rendered` }}",
  "shop/charts/old/Chart.yaml": "apiVersion: v1\nname: old\nversion: 0.1.0\n",
  "shop/charts/old/requirements.yaml": "dependencies:\n- {name: older, version: 0.1.0, repository: ''}\n",
  "shop/charts/old/charts/older/Chart.yaml": "name: older\nversion: 0.1.0\n",
  "shop/charts/old/charts/older/templates/a.yaml": "kind: Pod\nmetadata: {name: older}\n",
  "shop/charts/_skipped/Chart.yaml": "nothing that anybody reads",
  "more.yaml": "front: {port: null, global: {zone: mine}, table: {b: 2}}\nglobal: {deep: {y: 2}}\nlist: []\n",
  "odd.yaml": "front: text\n",
  "needs/Chart.yaml": "apiVersion: v2\nname: needs\nversion: 0.1.0\nicon: https://x.y/z.png\n",
  "needs/templates/a.yaml":
    "kind: ConfigMap\nmetadata: {name: a}\na: {{ required `set .Values.a` .Values.a }}\nb: {{ fail `never` }}\n",
  "globals.yaml": "global: text\nnotAMap: {b: 1}\n",
};

test("a chart with everything renders as Helm renders it", async (t) => {
  await requireEnvironment(["helm"], t);
  const { same } = sideBySide(t, SHOP);
  for (const line of [
    "template rel shop",
    "template rel shop --include-crds --render-subchart-notes -n ns",
    "template rel shop -f more.yaml --set front.on=false",
    "template rel shop --set tags.behind=true --set front=null",
    "template rel shop --set tags.other=true,tags.behind=true,front.core.on=false",
    'template rel shop -f more.yaml --set-json list=[{"a":1}] --set-string list[1]=1e3',
    "template rel shop -f odd.yaml",
    "template rel shop -f globals.yaml",
    "template rel shop --set front.on=perhaps",
    "template rel shop --set a.b[2].c=x,d={e\\,f,g},h\\.i=j --set-literal k=l,m={n}",
    "template rel shop --set global.zone=null --set front.global=null",
    "template rel shop --is-upgrade --kube-version 1.20 -a x/v1",
    "show all shop",
    "dependency list shop",
    "lint shop",
    "lint shop --with-subcharts",
  ]) {
    same(...line.split(" "));
  }
});

test("what Helm warns of while values come together is told too, and stdout is the result alone", async (t) => {
  await requireEnvironment(["helm"], t);
  const { helm, slipway } = sideBySide(t, SHOP);
  const warnings = (text: string): string[] =>
    text
      .split("\n")
      .filter((line) => /warning|INFO/i.test(line))
      .map((line) => line.replace(/^[a-z]+\.go:\d+: /, ""))
      // Go's maps have no order.
      .sort();
  const told: string[] = [];
  for (const line of [
    "template rel shop",
    "template rel shop -f more.yaml",
    "template rel shop -f globals.yaml",
    "template rel shop --set front.global=text",
    "template rel shop --set front.on=perhaps",
    "template rel shop --set front.port.x=1",
    "lint needs",
    "lint shop",
    "lint shop -f globals.yaml",
    "lint shop --set global=null",
    "lint shop --set front.on=perhaps,global.zone.x=1",
  ]) {
    const words = line.split(" ");
    const expected = warnings(helm.errorOf(...words));
    assert.deepEqual(warnings(slipway.errorOf(...words)), expected, line);
    told.push(...expected);
  }
  for (const part of ["cannot overwrite table", "Missing required value", "Fail: never"])
    assert.ok(
      told.some((line) => line.includes(part)),
      part,
    );
});
