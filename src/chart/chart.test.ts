import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { test } from "node:test";
import { errorChain, type SlipwayError } from "#errors";
import { GoMap, GoNumber, type Value } from "#gotemplate";
import {
  buildChart,
  coalesceValues,
  loadChart,
  mergeValues,
  parseGoMap,
  parseKubeVersion,
  processDependencies,
  renderChart,
  sortManifests,
  splitManifests,
  templateOutput,
  type Chart,
} from "./index.ts";

const RELEASE = { name: "rel", namespace: "ns", revision: 1, isUpgrade: false };

function chartOf(files: Record<string, string>, name = "app"): Chart {
  const all = { "Chart.yaml": `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`, ...files };
  return buildChart(Object.entries(all).map(([path, text]) => ({ name: path, data: Buffer.from(text) })));
}

function plain(value: Value): unknown {
  if (value instanceof GoMap) return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]));
  if (value instanceof GoNumber) return value.value;
  return Array.isArray(value) ? value.map(plain) : value;
}

test("mergeValues() reads the grammar of --set", async () => {
  const rows: [string, unknown][] = [
    ["a.b=1,c=x", { a: { b: 1n }, c: "x" }],
    ["a={x,1,true}", { a: ["x", 1n, true] }],
    ["a[1].b=2", { a: [null, { b: 2n }] }],
    ["a\\.b=c\\,d", { "a.b": "c,d" }],
    ["a=null,b=007,c=1.5,d=", { a: null, b: "007", c: "1.5", d: "" }],
    ["a=TRUE,b=0,c=-3", { a: true, b: 0n, c: -3n }],
  ];
  for (const [line, expected] of rows)
    assert.deepEqual(plain(await mergeValues({ set: [line] })), expected, line);
});

test("mergeValues() refuses what Helm refuses, in its words", async () => {
  const rows: [string, string][] = [
    ["a", 'failed parsing --set data: key "a" has no value'],
    ["a,b=1", 'failed parsing --set data: key "a" has no value (cannot end with ,)'],
    ["a={x", "failed parsing --set data: list must terminate with '}'"],
    ["a[x]=1", 'failed parsing --set data: error parsing index: strconv.Atoi: parsing "x": invalid syntax'],
    [
      "a[70000]=1",
      "failed parsing --set data: index of 70000 is greater than maximum supported index of 65536",
    ],
  ];
  for (const [line, message] of rows) await assert.rejects(mergeValues({ set: [line] }), { message });
});

test("mergeValues() lays the kinds of flag over each other in Helm's order", async () => {
  const values = await mergeValues({
    setJson: ['a={"x":1}', "b=[1]"],
    set: ["a.y=2"],
    setString: ["c=3"],
    setLiteral: ["d=x,y=z"],
  });
  assert.deepEqual(plain(values), { a: { x: 1, y: 2n }, b: [1], c: "3", d: "x,y=z" });
});

test("coalesceValues() deletes by null, shares globals and warns of conflicts", () => {
  const child = chartOf({ "values.yaml": "keep: 1\ndrop: 2\nglobal: {g: child, own: 1}\n" }, "child");
  const chart = chartOf({ "values.yaml": "map: {x: 1}\ngone: 1\nglobal: {g: parent}\n" });
  child.parent = chart;
  chart.dependencies.push(child);
  const warnings: string[] = [];
  const values = coalesceValues(
    chart,
    parseGoMap("gone: null\nmap: text\nnew: null\nchild: {drop: null}\n"),
    {
      onWarning: (text) => warnings.push(text),
    },
  );
  assert.deepEqual(plain(values), {
    map: "text",
    new: null,
    child: { keep: 1, global: { g: "parent", own: 1 } },
    global: { g: "parent" },
  });
  assert.deepEqual(warnings, []);
});

test("processDependencies() applies conditions, tags and aliases without touching the chart", () => {
  const chart = chartOf({
    "Chart.yaml": [
      "apiVersion: v2",
      "name: app",
      "version: 1.0.0",
      "dependencies:",
      "- {name: db, version: 1.x, alias: main, condition: main.enabled}",
      "- {name: db, version: 1.x, alias: spare, condition: spare.enabled}",
      "- {name: web, version: '*', tags: [front]}",
    ].join("\n"),
    "charts/db/Chart.yaml": "apiVersion: v2\nname: db\nversion: 1.2.0\n",
    "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
  });
  const processed = processDependencies(chart, parseGoMap("spare: {enabled: false}\ntags: {front: false}\n"));
  assert.deepEqual(
    processed.dependencies.map((one) => one.metadata.name),
    ["main"],
  );
  assert.deepEqual(
    chart.dependencies.map((one) => one.metadata.name),
    ["db", "web"],
  );
});

test("loadChart() refuses archives that leave their folder", async () => {
  const rows: [string, string][] = [
    ["app/../../etc/passwd", "chart illegally references parent directory"],
    ["app//etc/passwd", "chart illegally contains absolute paths"],
    ["Chart.yaml", 'chart illegally contains content outside the base directory: "Chart.yaml"'],
    ["app\\c:\\x", "chart contains illegally named files"],
  ];
  for (const [name, message] of rows) {
    await assert.rejects(loadChart(tgz({ [name]: "x" })), { code: "CHART_ARCHIVE", message }, name);
  }
  await assert.rejects(loadChart(gzipSync(Buffer.alloc(200 * 1024 * 1024))), {
    message: "decompressed chart is larger than the maximum file size 104857600",
  });
});

test("loadChart() reads an archive", async () => {
  const chart = await loadChart(
    tgz({
      "app/Chart.yaml": "apiVersion: v2\nname: app\nversion: 1.0.0\n",
      "app/templates/a.yaml": "a: 1\n",
    }),
  );
  assert.equal(chart.metadata.name, "app");
  assert.deepEqual(
    chart.templates.map((file) => file.name),
    ["templates/a.yaml"],
  );
});

test("buildChart() validates Chart.yaml in Helm's words", () => {
  const rows: [string, string][] = [
    ["apiVersion: v2\nversion: 1.0.0\n", "validation: chart.metadata.name is required"],
    ["apiVersion: v2\nname: a\n", "validation: chart.metadata.version is required"],
    ["apiVersion: v2\nname: a\nversion: x\n", 'validation: chart.metadata.version "x" is invalid'],
    [
      "apiVersion: v2\nname: a\nversion: 1.0.0\ntype: lib\n",
      "validation: chart.metadata.type must be application or library",
    ],
  ];
  for (const [text, message] of rows) assert.throws(() => chartOf({ "Chart.yaml": text }), { message });
  assert.equal(
    chartOf({ "Chart.yaml": "name: a\nversion: 1.0.0\nappVersion: 1.10\n" }).metadata.appVersion,
    "1.1",
  );
});

test("renderChart() sorts objects, takes hooks and notes out, and prints as helm template", async () => {
  const chart = chartOf({
    "templates/all.yaml":
      "kind: Service\nmetadata: {name: s}\n---\nkind: Secret\nmetadata: {name: c}\n---\n# nothing\n---\n" +
      "kind: Job\nmetadata: {name: j, annotations: {helm.sh/hook: pre-install, helm.sh/hook-weight: '-5'}}\n",
    "templates/NOTES.txt": "hello {{ .Release.Name }}",
    "crds/x.yaml": "kind: CustomResourceDefinition\n",
  });
  const rendered = await renderChart(chart, new GoMap(), RELEASE);
  assert.equal(rendered.notes, "hello rel");
  assert.deepEqual(
    rendered.hooks.map(({ name, weight, events }) => ({ name, weight, events })),
    [{ name: "j", weight: -5, events: ["pre-install"] }],
  );
  assert.deepEqual(
    rendered.manifests.map((one) => one.kind),
    ["Secret", "Service", ""],
  );
  const shown = templateOutput(rendered, { includeCrds: true });
  assert.match(
    shown,
    /^---\n# Source: app\/crds\/x\.yaml\nkind: CustomResourceDefinition\n\n---\n# Source: app\/templates\/all\.yaml\nkind: Secret/,
  );
  assert.ok(shown.endsWith("helm.sh/hook-weight: '-5'}}\n"));
  assert.ok(!templateOutput(rendered, { noHooks: true }).includes("hook-weight"));
  assert.throws(() => templateOutput(rendered, { showOnly: ["templates/b.yaml"] }), {
    message: "could not find template templates/b.yaml in chart",
  });
});

test("renderChart() tells a manifest that is not YAML with the rendered lines", async () => {
  const chart = chartOf({ "templates/bad.yaml": "kind: X\nmetadata:\n  name: a\n wrong: b\n" });
  await assert.rejects(
    renderChart(chart, new GoMap(), RELEASE),
    (error: Error & { place?: { line?: number; frame?: string } }) => {
      assert.equal(
        error.message,
        "YAML parse error on app/templates/bad.yaml: error converting YAML to JSON: yaml: line 3: did not find expected key",
      );
      assert.equal(error.place?.line, 4);
      assert.match(error.place?.frame ?? "", />\s*4 \|\s+wrong: b/);
      return true;
    },
  );
});

test("renderChart() checks values.schema.json and the Kubernetes version", async () => {
  const schema = JSON.stringify({ type: "object", required: ["a"], properties: { b: { type: "integer" } } });
  const chart = chartOf({ "values.schema.json": schema, "values.yaml": "b: x\n" });
  await assert.rejects(renderChart(chart, new GoMap(), RELEASE), {
    code: "VALUES_SCHEMA",
    message:
      "values don't meet the specifications of the schema(s) in the following chart(s):\napp:\n- at '': missing property 'a'\n- at '/b': got string, want integer\n",
  });
  const old = chartOf({ "Chart.yaml": "apiVersion: v2\nname: app\nversion: 1.0.0\nkubeVersion: '<1.0'\n" });
  await assert.rejects(renderChart(old, new GoMap(), RELEASE), {
    message: "chart requires kubeVersion: <1.0 which is incompatible with Kubernetes v1.37.0",
  });
});

test("parseKubeVersion() reads short versions", () => {
  assert.deepEqual(parseKubeVersion("1.31"), { version: "v1.31", major: "1", minor: "31" });
});

test("splitManifests() needs linear time and keeps comments", () => {
  assert.deepEqual(splitManifests("---\na: 1\n---\n\n---\n# c\n"), ["a: 1", "---\n# c"]);
  assert.equal(splitManifests(`a: |\n${" \n".repeat(200_000)}x`).length, 1);
});

test("sortManifests() puts unknown kinds last, by name", () => {
  const files = new Map([
    ["t.yaml", "kind: Zed\n---\nkind: Alpha\n---\nkind: Namespace\n---\nkind: Ingress\n"],
  ]);
  assert.deepEqual(
    sortManifests(files).manifests.map((one) => one.kind),
    ["Namespace", "Ingress", "Alpha", "Zed"],
  );
});

/** A gzipped tar of plain files. */
function tgz(files: Record<string, string>): Buffer {
  const blocks: Buffer[] = [];
  for (const [name, text] of Object.entries(files)) {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write("0000644\0", 100);
    header.write(`${Buffer.byteLength(text).toString(8).padStart(11, "0")}\0`, 124);
    header.write("        ", 148);
    header.write("0", 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    const content = Buffer.alloc(Math.ceil(Buffer.byteLength(text) / 512) * 512);
    content.write(text);
    blocks.push(header, content);
  }
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

test("required tells every template on the way, and the key that was probably meant", async () => {
  const chart = chartOf({
    "values.yaml": "image: {tag: '1'}\n",
    "templates/_image.tpl":
      '{{ define "image" }}{{ required "a tag is needed" .Values.image.tagg }}{{ end }}',
    "templates/a.yaml": 'x: {{ include "image" . }}',
  });
  const error: unknown = await renderChart(chart, new GoMap(), RELEASE).catch((thrown: unknown) => thrown);
  const chain = errorChain(error) as SlipwayError[];
  const message = "execution error at (app/templates/a.yaml:1:6): a tag is needed";
  assert.deepEqual(
    chain.map((one) => [one.message, one.place?.file, one.hint]),
    [
      [message, "app/templates/a.yaml", undefined],
      [message, "app/templates/_image.tpl", 'There is no key "tagg"; the nearest is "tag"'],
    ],
  );
});
