import assert from "node:assert/strict";
import { test } from "node:test";
import { buildChart, packChart, readChartArchive } from "./index.ts";

test("packChart() gives an archive that reads back as the same chart, the same bytes each time", () => {
  const long = `templates/${"deep/".repeat(30)}a.yaml`;
  const files = [
    { name: "Chart.yaml", data: Buffer.from("apiVersion: v2\nname: web\nversion: 1.0.0\n") },
    { name: "values.yaml", data: Buffer.from("# kept\na: 1\n") },
    { name: long, data: Buffer.alloc(513, "x") },
    { name: "charts/sub/Chart.yaml", data: Buffer.from("apiVersion: v1\nname: sub\nversion: 0.1.0\n") },
  ];
  const chart = buildChart(files);
  const archive = packChart(chart, 1_700_000_000);
  assert.deepEqual(archive, packChart(chart, 1_700_000_000));
  const back = buildChart(readChartArchive(archive));
  assert.deepEqual(back.metadata, chart.metadata);
  assert.deepEqual(back.templates, chart.templates);
  assert.deepEqual(
    back.raw.map(({ name }) => name),
    ["Chart.yaml", "values.yaml", long, "charts/sub/Chart.yaml"],
  );
});
