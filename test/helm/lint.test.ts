import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { requireEnvironment } from "../env/index.ts";
import { APP, BROKEN, LIB } from "./charts.ts";
import { sideBySide } from "./side-by-side.ts";

test("helm lint says what Helm's says", async (t) => {
  await requireEnvironment(["helm"], t);
  const { same } = sideBySide(t, { ...LIB, ...APP, ...BROKEN });
  for (const line of [
    "lint",
    "lint none",
    "lint lib yaml fail end version old",
    "lint lib old --quiet",
    "lint app --strict",
    "lint lib --quiet",
  ]) {
    same(...line.split(" "));
  }
});

test("helm lint knows which form a name must have", async (t) => {
  await requireEnvironment(["helm"], t);
  const names = ["one.two", "1st", "UP", "ok", "x".repeat(64), "x".repeat(254)];
  const kinds = [
    "Service",
    "Namespace",
    "ConfigMap",
    "ServiceAccount",
    "ClusterRole",
    "CertificateSigningRequest",
  ];
  const objects = kinds.flatMap((kind) =>
    names.map((name) => `apiVersion: v1\nkind: ${kind}\nmetadata: {name: "${name}"}\n`),
  );
  const { same } = sideBySide(t, {
    "names/Chart.yaml": "apiVersion: v2\nname: names\nversion: 0.1.0\n",
    ...Object.fromEntries(objects.map((text, at) => [`names/templates/${at + 10}.yaml`, text])),
  });
  same("lint", "names");
});

test("helm lint knows addresses of people and places, and where documents end", async (t) => {
  await requireEnvironment(["helm"], t);
  const fields = [
    ...[
      "milvus.io",
      "localhost",
      "https://localhost",
      "host:80",
      "a.b/c?d",
      "http://a b",
      "mailto:x",
      "www.x.y#z",
    ].map((url) => `maintainers: [{name: m, url: "${url}"}, {name: n, url: "http:// "}]`),
    ...["a@b", "a@b.c", "A <a@b.c>", "a.b+c@d-e.fg", "a..b@c.d", "é@ü.de", "a@b.c1"].map(
      (email) => `maintainers: [{name: m, email: "${email}"}]`,
    ),
    ...[
      "data:image/png;base64,AAAA",
      "//x/y",
      "x/y.png",
      "http://a b",
      "git@github.com:a/b",
      "oci:x",
      "file:///x",
    ].map((address) => `icon: "${address}"\nsources: ["${address}", "none", "nothing"]`),
  ];
  const documents = [
    "a: 1\n--- # kept\nb: 1\n---# kept\n",
    "a: 1\n----\nb: 1\n",
    "---x\na: 1\n",
    "kind: A\n---\nkind: B\n--- |\nkind: C\n",
  ];
  const charts = [
    ...fields.map((field) => ({ field, text: "" })),
    ...documents.map((text) => ({ field: "", text })),
  ];
  const { same, helm, slipway } = sideBySide(
    t,
    Object.fromEntries(
      charts.flatMap(({ field, text }, at) => [
        [`c${at}/Chart.yaml`, `apiVersion: v2\nname: c${at}\nversion: 0.1.0\n${field}\n`],
        [`c${at}/templates/a.yaml`, text],
      ]),
    ),
  );
  for (const { directory } of [helm, slipway]) symlinkSync("../gone/x", join(directory, "c0/link"));
  same("lint", ...charts.keys().map((at) => `c${at}`));
});

test("helm lint reads values.yaml and its schema by themselves", async (t) => {
  await requireEnvironment(["helm"], t);
  const chart = (name: string, files: Readonly<Record<string, string>>): Record<string, string> => ({
    [`${name}/Chart.yaml`]: `apiVersion: v2\nname: ${name}\nversion: 0.1.0\nicon: https://x.y/z.png\n`,
    [`${name}/templates/one.yaml`]:
      "kind: ConfigMap\nmetadata: {name: one}\nport: {{ .Values.service.port }}\n",
    ...Object.fromEntries(Object.entries(files).map(([path, text]) => [`${name}/${path}`, text])),
  });
  const { same } = sideBySide(t, {
    ...chart("torn", { "values.yaml": 'a: "b\n' }),
    ...chart("list", { "values.yaml": "- a\n" }),
    ...chart("good", { "values.yaml": "service: {port: 80}\n" }),
    ...chart("typed", {
      "values.yaml": "service: {port: 80}\n",
      "values.schema.json": '{"properties": {"service": {"properties": {"port": {"type": "string"}}}}}',
    }),
    ...chart("half", { "values.yaml": "service: {port: 80}\n", "values.schema.json": '{"a":' }),
    ...chart("empty", { "values.yaml": "service: {port: 80}\n", "values.schema.json": "" }),
    ...chart("alone", { "values.schema.json": '{"required": ["service"]}' }),
  });
  for (const line of [
    "lint torn list good typed half empty alone",
    "lint typed --set-string service.port=80",
    "lint typed --skip-schema-validation",
    "lint typed --set service.port=null",
    "lint good --set service=null",
    "lint alone --set service.port=1",
  ]) {
    same(...line.split(" "));
  }
});

/** Texts of a template, each in a chart of its own: what Helm takes for JSON, for YAML, for neither. */
const STREAMS: readonly string[] = [
  "{kind: Service, metadata: {name: A}}\n---\n{metadata: {name: B}}\n",
  '{"metadata": {"name": "A"}}{"metadata": {"name": "B"}}',
  '{"metadata": {"name": "a"}}{"metadata": {"name": "b"}}{x}',
  '{"metadata": {"name": "a"}}\nxyz: 1\n',
  '{"metadata": {"name": 5}}',
  '{"kind": [5]}',
  '{"é": é}',
  '{"a": "b',
  "{}#",
  "{a: [1}\n",
  "[1, 2]\n",
  "kind: [a]\n",
  "metadata: {name: a}\n---x\n",
  "---\r\nmetadata: {name: a}\r\n---\r\nmetadata: {name: B}\r\n",
  "Kind: Deployment\nMETADATA: {Name: a b}\n",
  "kind: Deployment\nmetadata: {name: a}\n---\nmetadata: {name: matchLabels}\n",
  'kind: List\nmetadata: {name: a}\nitems: [{metadata: {annotations: {"helm.sh/resource-policy": keep}}}]\n',
  "kind: List\nmetadata: {name: a}\nitems: 5\n",
  "kind: Role\nmetadata: {name: a/b%}\n",
  `kind: Service\nmetadata: {name: ${"X".repeat(70)}}\n`,
  "metadata: {name: a, annotations: {helm.sh/hook: crd-install}}\n",
  "metadata: {name: a}\n# {{/* .Release.Time */}}\n",
];

test("helm lint reads templates as Kubernetes does: JSON behind JSON, then YAML", async (t) => {
  await requireEnvironment(["helm"], t);
  const files = STREAMS.flatMap((text, at) => [
    [`c${at}/Chart.yaml`, `apiVersion: v2\nname: c${at}\nversion: 0.1.0\n`],
    [`c${at}/templates/a.yaml`, text],
  ]);
  const { same } = sideBySide(t, Object.fromEntries(files) as Record<string, string>);
  same("lint", ...STREAMS.map((_, at) => `c${at}`));
});

test("helm lint holds values.yaml against the schema beside it, and loses nulls that are given", async (t) => {
  await requireEnvironment(["helm"], t);
  const { same } = sideBySide(t, {
    "c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 0.1.0\n",
    "c/values.yaml": "a: 1\n",
    "c/values.schema.json": '{"properties": {"a": {"type": "string"}}, "required": ["b"]}',
    "c/templates/a.yaml": "metadata: {name: A}\n",
    "list/Chart.yaml": "apiVersion: v2\nname: list\nversion: 0.1.0\n",
    "list/values.yaml": "[1]\n",
    "file/Chart.yaml": "apiVersion: v2\nname: file\nversion: 0.1.0\n",
    "file/templates": "none\n",
  });
  same("lint", "c", "list", "file");
  same("lint", "c", "--skip-schema-validation", "--quiet");
  same("lint", "c", "--set", "a=null,b=1");
  same("lint", "file", "--quiet");
});
