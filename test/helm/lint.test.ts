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
