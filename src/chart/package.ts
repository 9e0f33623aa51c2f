import type { Chart, ChartFile } from "./chart.ts";
import { metadataYaml } from "./metadata-yaml.ts";

const BLOCK = 512;

/** The name of a chart's archive. */
export function archiveName(chart: Chart): string {
  return `${chart.metadata.name}-${chart.metadata.version}.tgz`;
}

/**
 * A chart as an archive (.tgz), as Helm packs it: the definition written anew, charts below it unpacked in `charts/`.
 * The same chart and time give the same bytes.
 *
 * @param time seconds, for every file.
 */
export function packChart(chart: Chart, time: number): Buffer {
  const blocks: Buffer[] = [];
  for (const { name, data } of packedFiles(chart, "")) {
    blocks.push(...member(name, data, time));
  }
  blocks.push(Buffer.alloc(2 * BLOCK));
  return process.getBuiltinModule("node:zlib").gzipSync(Buffer.concat(blocks));
}

/** The files of an archive in Helm's order, each below the folder of its chart. */
export function packedFiles(chart: Chart, prefix: string): ChartFile[] {
  const base = prefix === "" ? chart.metadata.name : `${prefix}/${chart.metadata.name}`;
  const isFirst = chart.metadata.apiVersion === "v1";
  const definition = isFirst ? { ...chart.metadata, dependencies: [] } : chart.metadata;
  const files: ChartFile[] = [{ name: "Chart.yaml", data: Buffer.from(metadataYaml(definition)) }];
  const take = (name: string): void => void files.push(...chart.raw.filter((file) => file.name === name));
  if (!isFirst) take("Chart.lock");
  take("values.yaml");
  take("values.schema.json");
  files.push(...chart.templates, ...chart.files);
  const own = files.map(({ name, data }) => ({ name: `${base}/${name}`, data }));
  return [...own, ...chart.dependencies.flatMap((child) => packedFiles(child, `${base}/charts`))];
}

function member(name: string, data: Buffer, time: number): Buffer[] {
  const long = Buffer.byteLength(name) > 100;
  const blocks: Buffer[] = [];
  if (long) {
    const record = paxRecord("path", name);
    blocks.push(header("PaxHeaders.0/path", record.length, "x", time), padded(record));
  }
  const short = long ? Buffer.from(name).subarray(0, 100).toString("latin1") : name;
  blocks.push(header(short, data.length, "0", time), padded(data));
  return blocks;
}

/** `LENGTH KEY=VALUE\n`, where the length counts itself. */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (rest + String(length).length !== length) length++;
  return Buffer.from(`${length} ${key}=${value}\n`);
}

function header(name: string, size: number, type: "0" | "x", time: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0, 100, "latin1");
  if (type === "0") block.write(name, 0, 100);
  block.write("0000644\0", 100);
  block.write("0000000\0", 108);
  block.write("0000000\0", 116);
  block.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  block.write(`${Math.floor(time).toString(8).padStart(11, "0")}\0`, 136);
  block.write("        ", 148);
  block.write(type, 156);
  block.write("ustar\u000000", 257, "latin1");
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

function padded(data: Buffer): Buffer {
  const rest = data.length % BLOCK;
  return rest === 0 ? data : Buffer.concat([data, Buffer.alloc(BLOCK - rest)]);
}
