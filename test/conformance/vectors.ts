import { readFile } from "node:fs/promises";
import {
  buildChart,
  capabilitiesOf,
  processDependencies,
  renderTemplates,
  renderValues,
  toGoValue,
  parseGoMap,
  type Chart,
} from "#chart";
import { GoMap, int64, type Value } from "#gotemplate";

/** A case of a vector file: a chart, values, and what Helm makes of them. */
export interface Case {
  readonly name: string;
  readonly feature: string;
  readonly template: string | Record<string, string>;
  readonly data?: unknown;
  readonly valuesYaml?: string;
  readonly userValues?: unknown;
  readonly files?: Record<string, string | { readonly base64: string }>;
  readonly chart?: unknown;
  readonly subcharts?: readonly Case[];
  readonly release?: { name?: string; namespace?: string; revision?: number; isUpgrade?: boolean };
  readonly capabilities?: { kubeVersion?: string; apiVersions?: readonly string[] };
  readonly strict?: boolean;
  readonly lint?: boolean;
  readonly expect: {
    readonly output?: string;
    readonly outputs?: Record<string, string>;
    readonly errorSubstring?: string;
    readonly pattern?: string;
  };
}

export interface Outcome {
  readonly name: string;
  readonly passed: boolean;
  readonly expected: unknown;
  readonly got: unknown;
}

/** Reads a vector file: a list of cases, or an object that has one. */
export async function readCases(path: string): Promise<readonly Case[]> {
  const parsed = JSON.parse(await readFile(path, "utf8")) as readonly Case[] | { cases: readonly Case[] };
  return Array.isArray(parsed) ? parsed : (parsed as { cases: readonly Case[] }).cases;
}

/** Renders a case and compares. */
export function runCase(one: Case): Outcome {
  const { expect } = one;
  let outputs: Record<string, string>;
  try {
    outputs = renderCase(one);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const wanted = expect.errorSubstring;
    const passed = wanted !== undefined && message.includes(wanted);
    return {
      name: one.name,
      passed,
      expected: wanted === undefined ? expect : { errorSubstring: wanted },
      got: { error: message },
    };
  }
  const texts = Object.values(outputs);
  let passed = false;
  if (expect.pattern !== undefined)
    passed = texts.length === 1 && goPattern(expect.pattern).test(texts[0] as string);
  else if (expect.outputs !== undefined) passed = sameOutputs(expect.outputs, outputs);
  else if (expect.output !== undefined) passed = texts.length === 1 && texts[0] === expect.output;
  return { name: one.name, passed, expected: expect, got: outputs };
}

function sameOutputs(wanted: Record<string, string>, got: Record<string, string>): boolean {
  const names = Object.keys(wanted);
  return names.length === Object.keys(got).length && names.every((name) => wanted[name] === got[name]);
}

/** Go's flags at the head of a pattern, such as `(?s)`, are JavaScript's behind it. */
function goPattern(pattern: string): RegExp {
  const flags = /^\(\?([ims]+)\)/.exec(pattern);
  return new RegExp(pattern.slice(flags?.[0].length ?? 0), `${flags?.[1] ?? ""}u`);
}

function renderCase(one: Case): Record<string, string> {
  const chart = caseChart(one, "c");
  const user = one.userValues === undefined ? new GoMap() : (typedValue(one.userValues) as GoMap);
  const processed = processDependencies(chart, user);
  const release = {
    name: one.release?.name ?? "rel",
    namespace: one.release?.namespace ?? "ns",
    revision: one.release?.revision ?? 1,
    isUpgrade: one.release?.isUpgrade ?? false,
  };
  const capabilities = capabilitiesOf({
    kubeVersion: one.capabilities?.kubeVersion ?? "v1.31.0",
    apiVersions: one.capabilities?.apiVersions ?? [],
  });
  const given = renderValues(processed, user, release, capabilities);
  const options = { strict: one.strict === true, lint: one.lint === true };
  const prefix = `${processed.metadata.name}/`;
  const outputs: Record<string, string> = {};
  for (const [path, text] of renderTemplates(processed, given, options)) {
    outputs[path.startsWith(prefix) ? path.slice(prefix.length) : path] = text;
  }
  return outputs;
}

function caseChart(one: Case, name: string): Chart {
  const metadata = {
    apiVersion: "v2",
    name,
    version: "0.1.0",
    appVersion: "1.2.3",
    ...(one.chart as object | undefined),
  };
  const templates =
    typeof one.template === "string" ? { "templates/t.yaml": one.template } : (one.template ?? {});
  const chart = buildChart([
    { name: "Chart.yaml", data: Buffer.from(JSON.stringify(metadata)) },
    ...Object.entries(templates).map(([path, text]) => ({ name: path, data: Buffer.from(text) })),
    ...Object.entries(one.files ?? {}).map(([path, file]) => ({ name: path, data: fileData(file) })),
  ]);
  // Files of a case may have any name, those that mean something in a directory too.
  const known = new Set(chart.files.map((file) => file.name));
  for (const [path, file] of Object.entries(one.files ?? {})) {
    if (!known.has(path)) chart.files.push({ name: path, data: fileData(file) });
  }
  if (one.valuesYaml !== undefined) chart.values = parseValues(one.valuesYaml);
  else if (one.data !== undefined) chart.values = typedValue(one.data) as GoMap;
  (one.subcharts ?? []).forEach((below, index) => {
    const child = caseChart(below, `sub${index}`);
    child.parent = chart;
    chart.dependencies.push(child);
  });
  return chart;
}

/** The program that made the vectors says so when it reads values. */
function parseValues(text: string): GoMap {
  try {
    return parseGoMap(text);
  } catch (error) {
    throw new Error(`values: ${(error as Error).message}`, { cause: error });
  }
}

function fileData(file: string | { readonly base64: string }): Buffer {
  return typeof file === "string" ? Buffer.from(file) : Buffer.from(file.base64, "base64");
}

/** JSON as Helm reads values: numbers are float64; `{"$int": N}` is the int64 that `--set` gives. */
function typedValue(value: unknown): Value {
  if (Array.isArray(value)) return value.map(typedValue);
  if (typeof value !== "object" || value === null) return value as Value;
  const entries = Object.entries(value);
  const [first] = entries;
  if (entries.length === 1 && first?.[0] === "$int") return int64(BigInt(String(first[1])));
  return toGoValue(new Map(entries.map(([key, item]) => [key, typedValue(item) as never])));
}
