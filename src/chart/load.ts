import { join } from "node:path";
import { SlipwayError } from "#errors";
import { compareStrings, GoMap } from "#gotemplate";
import { ArchiveBudget, MAX_FILE_SIZE, readChartArchive, withoutByteOrderMark } from "./archive.ts";
import { addDependency, type Chart, type ChartFile, type Metadata } from "./chart.ts";
import { parseGoMap, textOf } from "./go-values.ts";
import { readIgnoreRules } from "./ignore.ts";
import { followed } from "./links.ts";
import { readLock } from "./lock.ts";
import { emptyMetadata, readMetadata, validateMetadata } from "./metadata.ts";
import { within } from "./within.ts";

// An import statement would read every member of the module and load what stands behind each.
const { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync, statSync } =
  process.getBuiltinModule("node:fs");

export interface LoadOptions {
  /** Called for what Helm warns of on the standard error. */
  readonly onWarning?: (message: string) => void;
  /**
   * Metadata that replaces Chart.yaml, as werf 1.1 generates it. A chart directory then needs no Chart.yaml, and one
   * that is there is not read.
   */
  readonly metadata?: { readonly name: string; readonly version: string; readonly apiVersion?: string };
}

/**
 * Loads a chart from a directory, from an archive (.tgz), or from an archive's bytes, with everything in `charts/`.
 *
 * @throws {SlipwayError} CHART_NOT_FOUND, CHART_INVALID or CHART_ARCHIVE; the message is Helm's.
 * @see `helm.sh/helm/v3/pkg/chart/loader`
 */
export async function loadChart(source: string | Uint8Array, options: LoadOptions = {}): Promise<Chart> {
  if (typeof source !== "string") return unpackChart(source, options);
  let info;
  try {
    info = statSync(source);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new SlipwayError("CHART_NOT_FOUND", `stat ${source}: no such file or directory`, {
      hint: "Check the path: a chart is a directory, or an archive (.tgz) of one",
    });
  }
  if (info.isDirectory()) return buildChart(await readChartDirectory(source), options);
  const data = readFileSync(source);
  ensureArchive(source, data);
  return unpackChart(data, options);
}

function unpackChart(archive: Uint8Array, options: LoadOptions): Chart {
  const budget = new ArchiveBudget();
  return chartOf(readChartArchive(archive, budget), options, { depth: 0, budget });
}

/** The files of a chart directory, without those that `.helmignore` leaves out. */
export async function readChartDirectory(directory: string): Promise<ChartFile[]> {
  const ignored = readIgnoreRules(readIfThere(join(directory, ".helmignore"))?.toString());
  const files: ChartFile[] = [];
  // A chart is many small files: going to the thread pool for each takes longer than reading them.
  const walk = (folder: string): void => {
    const entries = readdirSync(`${directory}/${folder}`, { withFileTypes: true });
    entries.sort((a, b) => compareStrings(a.name, b.name));
    for (const entry of entries) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      const isPlain = entry.isFile() || entry.isDirectory();
      const info = isPlain ? entry : followed(join(directory, path));
      if (ignored(path, info.isDirectory())) continue;
      if (info.isDirectory()) walk(path);
      else files.push({ name: path, data: readChartFile(directory, path, info.isFile()) });
    }
  };
  walk("");
  return files;
}

function readChartFile(directory: string, path: string, isFile: boolean): Buffer {
  if (!isFile) {
    throw new SlipwayError(
      "CHART_INVALID",
      `cannot load irregular file ${join(directory, path)} as it has file mode type bits set`,
    );
  }
  const file = openSync(`${directory}/${path}`, "r");
  try {
    let size = 0;
    for (let count = -1; count !== 0 && size < SCRATCH.length; size += count)
      count = readSync(file, SCRATCH, size, SCRATCH.length - size, null);
    if (size < SCRATCH.length) return withoutByteOrderMark(Buffer.from(SCRATCH.subarray(0, size)));
    if (fstatSync(file).size > MAX_FILE_SIZE) {
      const base = path.slice(path.lastIndexOf("/") + 1);
      throw new SlipwayError(
        "CHART_INVALID",
        `chart file ${JSON.stringify(base)} is larger than the maximum file size ${MAX_FILE_SIZE}`,
      );
    }
    return withoutByteOrderMark(Buffer.concat([SCRATCH, readFileSync(file)]));
  } finally {
    closeSync(file);
  }
}

/** Most files of charts end within this, and are read without a question about their size. */
const SCRATCH = Buffer.allocUnsafeSlow(16 * 1024);

/** A file of a chart, or undefined where there is none. */
export function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return undefined;
  }
}

function ensureArchive(name: string, data: Buffer): void {
  if (data[0] === 0x1f && data[1] === 0x8b) return;
  const message = /\.ya?ml$/.test(name)
    ? `file '${name}' seems to be a YAML file, but expected a gzipped archive`
    : `file '${name}' does not appear to be a gzipped archive; got 'application/octet-stream'`;
  throw new SlipwayError("CHART_ARCHIVE", message);
}

/**
 * A chart out of its files.
 *
 * @throws {SlipwayError} CHART_INVALID
 */
export function buildChart(files: readonly ChartFile[], options: LoadOptions = {}): Chart {
  return chartOf(files, options, { depth: 0, budget: new ArchiveBudget() });
}

/** Where a chart is among those it lies in. */
interface Nesting {
  readonly depth: number;
  readonly budget: ArchiveBudget;
}

/** More than anybody's charts are nested: an archive can hold itself, and a name any number of folders. */
const MAX_DEPTH = 100;

function chartOf(files: readonly ChartFile[], options: LoadOptions, nesting: Nesting): Chart {
  if (nesting.depth > MAX_DEPTH) {
    throw new SlipwayError("CHART_INVALID", `charts are nested more than ${MAX_DEPTH} deep`);
  }
  const metadata = emptyMetadata();
  const chart: Chart = {
    metadata,
    lock: undefined,
    values: new GoMap(),
    schema: undefined,
    templates: [],
    files: [],
    dependencies: [],
    parent: undefined,
    raw: [...files],
  };
  const chartYaml = files.find((file) => file.name === "Chart.yaml");
  if (options.metadata !== undefined) {
    Object.assign(metadata, { apiVersion: "v1" }, options.metadata);
  } else if (chartYaml !== undefined) {
    loading(chartYaml, metadata, () => readMetadata(chartYaml.data, metadata));
    if (metadata.apiVersion === "") metadata.apiVersion = "v1";
  }
  const subcharts = new Map<string, ChartFile[]>();
  for (const file of files) sortIn(file, chart, subcharts, options);
  const hasMetadata =
    chartYaml !== undefined ||
    options.metadata !== undefined ||
    files.some(({ name }) => /^requirements\.(yaml|lock)$/.test(name));
  if (!hasMetadata) throw new SlipwayError("CHART_INVALID", "Chart.yaml file is missing");
  validateMetadata(metadata);
  for (const [name, own] of subcharts) {
    if (name.startsWith("_") || name.startsWith(".")) continue;
    const child = within(`error unpacking subchart ${name} in ${metadata.name}`, () =>
      loadSubchart(name, own, chart, options, nesting),
    );
    addDependency(chart, child);
  }
  return chart;
}

function sortIn(
  file: ChartFile,
  chart: Chart,
  subcharts: Map<string, ChartFile[]>,
  options: LoadOptions,
): void {
  const { name, data } = file;
  switch (name) {
    case "Chart.yaml":
      return;
    case "Chart.lock":
      chart.lock = loading(file, chart.metadata, () => readLock(data));
      return;
    case "values.yaml":
      chart.values = loading(file, chart.metadata, () => parseGoMap(textOf(data)));
      return;
    case "values.schema.json":
      chart.schema = data;
      return;
    case "requirements.yaml":
      warnOfRequirements(
        chart.metadata,
        options,
        'Dependencies are handled in Chart.yaml since apiVersion "v2". We recommend migrating dependencies to Chart.yaml.',
      );
      loading(file, chart.metadata, () => readMetadata(data, chart.metadata));
      if (chart.metadata.apiVersion === "v1") chart.files.push(file);
      return;
    case "requirements.lock":
      chart.lock = loading(file, chart.metadata, () => readLock(data));
      warnOfRequirements(
        chart.metadata,
        options,
        'Dependency locking is handled in Chart.lock since apiVersion "v2". We recommend migrating to Chart.lock.',
      );
      if (chart.metadata.apiVersion === "v1") chart.files.push(file);
      return;
    default:
      break;
  }
  if (name.startsWith("templates/")) chart.templates.push(file);
  else if (name.startsWith("charts/") && !name.endsWith(".prov")) {
    const path = name.slice("charts/".length);
    const subchart = path.split("/", 1)[0] as string;
    const own = subcharts.get(subchart);
    const relative = { name: path, data };
    if (own === undefined) subcharts.set(subchart, [relative]);
    else own.push(relative);
  } else chart.files.push(file);
}

/** Reads a file, which its faults call as those of templates call theirs: below the name of its chart. */
function loading<T>({ name, data }: ChartFile, metadata: Metadata, read: () => T): T {
  return within(`cannot load ${name}`, read, () => ({
    file: metadata.name === "" ? name : `${metadata.name}/${name}`,
    text: data.toString(),
  }));
}

function warnOfRequirements(metadata: Metadata, options: LoadOptions, text: string): void {
  if (metadata.apiVersion !== "v1") options.onWarning?.(`Warning: ${text}`);
}

function loadSubchart(
  name: string,
  files: readonly ChartFile[],
  parent: Chart,
  options: LoadOptions,
  { depth, budget }: Nesting,
): Chart {
  const nesting = { depth: depth + 1, budget };
  const below = options.onWarning === undefined ? {} : { onWarning: options.onWarning };
  if (name.endsWith(".tgz")) {
    const [archive] = files;
    if (archive?.name !== name) {
      throw new SlipwayError(
        "CHART_INVALID",
        `error unpacking subchart tar in ${parent.metadata.name}: expected ${name}, got ${archive?.name ?? ""}`,
      );
    }
    return chartOf(readChartArchive(archive.data, budget), below, nesting);
  }
  const own = files
    .filter((file) => file.name.includes("/"))
    .map((file) => ({ name: file.name.slice(file.name.indexOf("/") + 1), data: file.data }));
  return chartOf(own, below, nesting);
}
