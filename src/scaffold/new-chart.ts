import {
  archiveName,
  emptyMetadata,
  metadataYaml,
  packChart,
  type Chart,
  type ChartFile,
  type Metadata,
} from "#chart";
import { FIRST_CHART } from "./first-chart.ts";

/** What stands for the name of the chart in a pattern. */
const NAME = "<CHARTNAME>";

/** The files of a chart that runs nginx behind a Service, with what most charts need switched off by values. */
export function newChart(name: string): ChartFile[] {
  return FIRST_CHART.map(([path, text]) => ({ name: path, data: named(Buffer.from(text), name) }));
}

/**
 * The files of a chart made of a starter: its templates, values and other files, with the name in place of `<CHARTNAME>`
 * in the first two, and metadata of its own. Its dependencies are in it as archives.
 *
 * @param seconds the time that these archives bear, since 1970.
 * @see `chartutil.CreateFrom` of Helm 3
 */
export function chartFromStarter(name: string, starter: Chart, seconds: number): ChartFile[] {
  const metadata: Metadata = {
    ...emptyMetadata(),
    apiVersion: "v2",
    name,
    description: "A Helm chart for Kubernetes",
    type: "application",
    version: "0.1.0",
    appVersion: "0.1.0",
  };
  const values = starter.raw.filter((file) => file.name === "values.yaml");
  return [
    { name: "Chart.yaml", data: Buffer.from(metadataYaml(metadata)) },
    ...[...values, ...starter.templates].map((file) => ({ name: file.name, data: named(file.data, name) })),
    ...(starter.schema === undefined ? [] : [{ name: "values.schema.json", data: starter.schema }]),
    ...starter.files,
    ...starter.dependencies.map((chart) => ({
      name: `charts/${archiveName(chart)}`,
      data: packChart(chart, seconds),
    })),
  ];
}

function named(data: Uint8Array, name: string): Buffer {
  return Buffer.from(
    Buffer.from(data)
      .toString("latin1")
      .replaceAll(NAME, () => name),
    "latin1",
  );
}
