import assert from "node:assert/strict";
import { test } from "node:test";
import { buildChart } from "./load.ts";
import { traceValue, type ValueTrace } from "./values-trace.ts";
import type { ValuesFlags } from "./values.ts";

const FILES: Readonly<Record<string, string>> = {
  "Chart.yaml":
    "apiVersion: v2\nname: shop\nversion: 0.1.0\ndependencies:\n- name: web\n  version: 0.1.0\n  import-values:\n  - child: exported\n    parent: taken\n",
  "values.yaml": "# first\ncolor: red\nweb:\n  image:\n    tag: '1'\nhosts:\n- name: a\n",
  "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
  "charts/web/values.yaml": "image:\n  name: nginx\n  tag: '0'\nexported:\n  port: 80\n",
  "prod.yaml": "web:\n  image:\n    tag: '2'\ncolor: red\n",
  "none.yaml": "color: null\nweb:\n  image: null\n",
};

async function trace(path: string, flags: ValuesFlags = {}): Promise<string[]> {
  const chart = buildChart(
    Object.entries(FILES)
      .filter(([name]) => !/^(prod|none)/.test(name))
      .map(([name, text]) => ({ name, data: Buffer.from(text) })),
  );
  const { steps } = await traceValue(chart, path, {
    read: async (name) => Buffer.from(FILES[name] ?? ""),
    ...flags,
  });
  return steps.map(({ effect, source, place, value }) =>
    [effect, source, place === undefined ? "" : `${place.file}:${place.line}`, JSON.stringify(value)]
      .filter((word) => word !== "" && word !== undefined)
      .join(" | "),
  );
}

test("every file and flag that gives a value is told, the weakest first", async () => {
  assert.deepEqual(await trace("web.image.tag", { files: ["prod.yaml"], setString: ["web.image.tag=3"] }), [
    'set | values of chart shop/charts/web | shop/charts/web/values.yaml:3 | "0"',
    'overrode | values of chart shop | shop/values.yaml:5 | "1"',
    'overrode | --values prod.yaml | prod.yaml:3 | "2"',
    'overrode | --set-string web.image.tag=3 | "3"',
  ]);
});

test("what says the same again, and what takes a value away", async () => {
  assert.deepEqual(await trace("color", { files: ["prod.yaml", "none.yaml"] }), [
    'set | values of chart shop | shop/values.yaml:2 | "red"',
    'repeated | --values prod.yaml | prod.yaml:4 | "red"',
    "deleted | --values none.yaml | none.yaml:1",
  ]);
});

test("a null above a value deletes it, at the line of the null", async () => {
  assert.deepEqual(
    (await trace("web.image.tag", { files: ["none.yaml"] })).at(-1),
    "deleted | --values none.yaml | none.yaml:3",
  );
});

test("a text where the chart has a map takes its place", async () => {
  assert.deepEqual(
    (await trace("web.image.tag", { set: ["web.image=nginx"] })).at(-1),
    "deleted | --set web.image=nginx",
  );
});

test("imported values and items of lists", async () => {
  assert.deepEqual(await trace("taken.port"), ["set | import-values of chart shop | 80"]);
  assert.deepEqual(await trace("hosts[0].name", { set: ["hosts[0].name=b"] }), [
    'set | values of chart shop | shop/values.yaml:7 | "a"',
    'overrode | --set hosts[0].name=b | "b"',
  ]);
});

test("a value that nobody gives is told with the nearest that exists", async () => {
  await assert.rejects(trace("web.image.tagg"), {
    code: "VALUES_UNKNOWN_PATH",
    hint: "Did you mean web.image.tag?",
  });
});

const UMBRELLA: Readonly<Record<string, string>> = {
  "Chart.yaml":
    "apiVersion: v2\nname: shop\nversion: 0.1.0\ndependencies:\n- {name: web, version: 0.1.0, alias: front}\n- {name: web, version: 0.1.0, alias: back, tags: [off]}\n",
  "values.yaml": "tags: {off: false}\nfront:\n  size: 1\nglobal:\n  zone: a\n",
  "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
  "charts/web/values.yaml": "size: 0\nglobal:\n  zone: b\n",
};

function umbrella(path: string): Promise<ValueTrace> {
  const files = Object.entries(UMBRELLA).map(([name, text]) => ({ name, data: Buffer.from(text) }));
  return traceValue(buildChart(files), path, {
    read: async () => Buffer.from("front: {global: {zone: c}}\n"),
  });
}

test("a value of an aliased chart is in the file that the chart lies in", async () => {
  const { steps } = await umbrella("front.size");
  assert.deepEqual(
    steps.map(({ place }) => place),
    [
      { file: "shop/charts/web/values.yaml", line: 1 },
      { file: "shop/values.yaml", line: 3 },
    ],
  );
});

test("a global that a chart above handed down is where that chart has it", async () => {
  const { steps } = await umbrella("front.global.zone");
  assert.deepEqual(
    steps.map(({ place, value }) => [place?.file, place?.line, value]),
    [
      ["shop/charts/web/values.yaml", 3, "b"],
      ["shop/values.yaml", 5, "a"],
    ],
  );
});

test("a path may be written as templates write it", async () => {
  assert.deepEqual(await trace(".Values.color"), await trace("color"));
  assert.deepEqual(await trace("$.Values.color"), await trace("color"));
});

test("a value of a dependency that is off is told as such", async () => {
  await assert.rejects(umbrella("back.size"), {
    hint: "The dependency back is off: its condition or its tags say so",
  });
});
