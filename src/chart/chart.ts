import type { GoMap, Value } from "#gotemplate";

/** One file of a chart. The name is relative to the chart, with `/`. */
export interface ChartFile {
  readonly name: string;
  readonly data: Buffer;
}

export interface Maintainer {
  name: string;
  email: string;
  url: string;
}

/** An entry of `dependencies` in Chart.yaml or requirements.yaml. */
export interface Dependency {
  /** The chart's name; the alias once the dependencies are processed. */
  name: string;
  version: string;
  repository: string;
  condition: string;
  tags: string[];
  enabled: boolean;
  importValues: Value[];
  alias: string;
}

/** Chart.yaml; what it does not say is an empty text or list. */
export interface Metadata {
  name: string;
  home: string;
  sources: string[];
  version: string;
  description: string;
  keywords: string[];
  maintainers: Maintainer[];
  icon: string;
  apiVersion: string;
  condition: string;
  tags: string;
  appVersion: string;
  deprecated: boolean;
  annotations: Map<string, string>;
  kubeVersion: string;
  dependencies: Dependency[];
  type: string;
}

/** Which versions of the dependencies were taken, and when. */
export interface Lock {
  readonly dependencies: readonly (Dependency | null)[] | null;
  /** Of what was asked for and what was taken. */
  readonly digest: string;
  /** A time as RFC 3339 has it. */
  readonly generated: string;
}

/** A chart in memory. Rendering processes dependencies on a copy, see `copyChart`. */
export interface Chart {
  metadata: Metadata;
  /** Chart.lock or requirements.lock. */
  lock: Lock | undefined;
  /** values.yaml. */
  values: GoMap;
  schema: Buffer | undefined;
  templates: ChartFile[];
  /** Everything else: what templates see as `.Files`, and `crds/`. */
  files: ChartFile[];
  dependencies: Chart[];
  parent: Chart | undefined;
  /** All files as they were found; the release record keeps them. */
  raw: ChartFile[];
}

/** `parent/charts/child`: how Helm names a chart in messages and `# Source:` lines. */
export function chartPath(chart: Chart): string {
  const { name } = chart.metadata;
  return chart.parent === undefined ? name : `${chartPath(chart.parent)}/charts/${name}`;
}

/** Puts a chart below another one. */
export function addDependency(chart: Chart, child: Chart): void {
  child.parent = chart;
  chart.dependencies.push(child);
}

/** A copy whose metadata and list of dependencies may be changed; files are shared. */
export function copyChart(chart: Chart, parent?: Chart): Chart {
  const copy: Chart = {
    ...chart,
    metadata: {
      ...chart.metadata,
      dependencies: chart.metadata.dependencies.map((dependency) => ({ ...dependency })),
    },
    parent,
    dependencies: [],
  };
  copy.dependencies = chart.dependencies.map((child) => copyChart(child, copy));
  return copy;
}

/** The CRDs of a chart and the charts below it, in Helm's order. */
export function chartCrds(chart: Chart): { readonly filename: string; readonly file: ChartFile }[] {
  const own = chart.files
    .filter(({ name }) => name.startsWith("crds/") && /\.(?:ya?ml|json)$/i.test(name))
    .map((file) => ({ filename: `${chartPath(chart)}/${file.name}`, file }));
  return [...own, ...chart.dependencies.flatMap(chartCrds)];
}

/** Whether the values of the chart, or of one below it, have a schema. */
export function hasSchema(chart: Chart): boolean {
  return chart.schema !== undefined || chart.dependencies.some(hasSchema);
}
