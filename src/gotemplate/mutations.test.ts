import assert from "node:assert/strict";
import { test } from "node:test";
import { mutatedText, seeded } from "#testing";
import { functionMap } from "./function.ts";
import { sprigFunctions } from "./sprig/index.ts";
import { TemplateError } from "./template-error.ts";
import { TemplateSet } from "./template-set.ts";
import { GoMap } from "./value.ts";

const TEXTS = [
  '{{- define "n" -}}{{ range $i, $e := .list }}{{ if eq $i 1 }}{{ break }}{{ else }}{{ $e | upper }}{{ end }}{{ end }}{{- end -}}{{ template "n" . }}',
  '{{ with $x := .a.b }}{{ $x.c }}{{ else with .d }}{{ . }}{{ else }}{{ printf "%5.2f|%q" 1.5 "t" }}{{ end }}',
  '{{/* said */}}{{ $m := dict "k" (list 1 0x1F 1e3 \'c\' `raw`) }}{{ ($m.k | first) | add 2 }}{{ (index $m "k") }}',
  '{{ block "b" . }}{{ not (and true (or false nil)) }}{{ end }}{{ $y := 1 }}{{ $y = 2 }}{{ len "abc" }}{{ .x.y.z }}',
];
const PIECES = [
  ..."{}()|.$,:=\"'`-+*/\n\0é😀\ud800",
  ...[
    "{{",
    "}}",
    "{{-",
    "-}}",
    "{{end}}",
    "{{else}}",
    "{{/*",
    "*/}}",
    '{{define "n"}}',
    "{{break}}",
    ":=",
    ".__proto__",
    "$x",
    "0x",
    "1e999",
    '{{template "b" .}}',
    "\\u12",
  ],
];

test("a broken template is run or refused with a TemplateError", () => {
  const next = seeded(20_260_102);
  let runs = 0;
  const functions = functionMap(...sprigFunctions().values());
  const data = GoMap.of([
    ["list", ["a", "b"]],
    ["a", GoMap.of([["b", GoMap.of([["c", 1]])]])],
  ]);
  for (let round = 0; round < 3000; round++) {
    const text = mutatedText(TEXTS, PIECES, next);
    try {
      const set = new TemplateSet("t", functions);
      set.parse("t", text);
      set.execute("t", data);
      runs++;
    } catch (error) {
      assert.ok(error instanceof TemplateError, `${JSON.stringify(text)}: ${(error as Error).stack}`);
      assert.ok(error.facts.line >= 1 && error.message.startsWith("template: "), error.message);
    }
  }
  assert.ok(runs > 150 && runs < 2700, `${runs} of 3000 ran`);
});

test("deep and endless templates are refused", () => {
  const functions = functionMap(...sprigFunctions().values());
  for (const text of [
    `{{ ${"(".repeat(100_000)} }}`,
    `{{ ${"(".repeat(20_000)}1${")".repeat(20_000)} }}`,
    "{{ if true }}".repeat(50_000),
    `${"{{ if true }}".repeat(20_000)}${"{{ end }}".repeat(20_000)}`,
    `{{ ${".a".repeat(50_000)} }}`,
    `{{ ${"1 | ".repeat(20_000)} print }}`,
    '{{ define "r" }}{{ template "r" . }}{{ end }}{{ template "r" . }}',
    `{{ "${"\\".repeat(99_999)}`,
    "{{/*".repeat(50_000),
  ]) {
    try {
      const set = new TemplateSet("t", functions);
      set.parse("t", text);
      set.execute("t", new GoMap());
    } catch (error) {
      assert.ok(error instanceof TemplateError, `${text.slice(0, 40)}: ${String(error)}`);
    }
  }
});
