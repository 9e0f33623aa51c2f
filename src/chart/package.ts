import { basename, dirname, join } from "node:path/posix";
import type { Chart, ChartFile } from "./chart.ts";
import { lockText } from "./lock.ts";
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
  if (!isFirst && chart.lock !== undefined)
    files.push({ name: "Chart.lock", data: Buffer.from(lockText(chart.lock)) });
  take("values.yaml");
  take("values.schema.json");
  files.push(...chart.templates, ...chart.files);
  const own = files.map(({ name, data }) => ({ name: `${base}/${name}`, data }));
  return [...own, ...chart.dependencies.flatMap((child) => packedFiles(child, `${base}/charts`))];
}

/**
 * A file as Go's archive/tar writes it: a long name goes into the two fields of ustar where it can be cut at a slash,
 * and into a record of pax where it cannot, or where it is not plain ASCII.
 */
function member(name: string, data: Buffer, time: number): Buffer[] {
  const parts = /^[\x01-\x7f]*$/.test(name) ? ustarParts(name) : undefined;
  if (parts !== undefined) return [header({ ...FILE, ...parts, size: data.length, time }), padded(data)];
  const record = paxRecord("path", name);
  return [
    header({
      ...FILE,
      name: join(dirname(name), "PaxHeaders.0", basename(name)),
      mode: 0,
      type: "x",
      size: record.length,
    }),
    padded(record),
    header({ ...FILE, name, size: data.length, time }),
    padded(data),
  ];
}

const NAME = 100;
const PREFIX = 155;

function ustarParts(name: string): Pick<Header, "name" | "prefix"> | undefined {
  if (name.length <= NAME) return { name, prefix: "" };
  const cut = name.lastIndexOf("/", PREFIX);
  return cut <= 0 || name.length - cut - 1 > NAME
    ? undefined
    : { name: name.slice(cut + 1), prefix: name.slice(0, cut) };
}

/** `LENGTH KEY=VALUE\n`, where the length counts itself. */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (rest + String(length).length !== length) length++;
  return Buffer.from(`${length} ${key}=${value}\n`);
}

interface Header {
  readonly type: "0" | "x";
  readonly name: string;
  readonly prefix: string;
  readonly mode: number;
  readonly size: number;
  readonly time: number;
}

const FILE: Header = { type: "0", name: "", prefix: "", mode: 0o644, size: 0, time: 0 };

function header({ type, name, prefix, mode, size, time }: Header): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, digits: number): void =>
    void block.write(`${value.toString(8).padStart(digits, "0")}\0`, at);
  block.write(name.replaceAll(/[^\x01-\x7f]/gu, ""), 0, NAME, "latin1");
  octal(mode, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(size, 124, 11);
  octal(Math.floor(time), 136, 11);
  block.write("        ", 148);
  block.write(type, 156);
  block.write("ustar\u000000", 257, "latin1");
  if (type === "0") {
    octal(0, 329, 7);
    octal(0, 337, 7);
  }
  block.write(prefix, 345, PREFIX, "latin1");
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

function padded(data: Buffer): Buffer {
  const rest = data.length % BLOCK;
  return rest === 0 ? data : Buffer.concat([data, Buffer.alloc(BLOCK - rest)]);
}
