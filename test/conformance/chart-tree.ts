import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseYaml, type YamlValue } from "#yaml";

/** A run of helm on one chart: the words that follow `helm`, and values to put into a file for it. */
export interface Case {
  readonly title: string;
  readonly chart: string;
  readonly words: readonly string[];
  /** Text of a values file that the run takes besides. */
  readonly values?: string;
}

const RELEASE = ["--namespace", "ns", "--kube-version", "1.31.0"];

/** A release that exists, in a cluster that offers more than the default. */
const UPGRADE = [
  "--is-upgrade",
  "--include-crds",
  "--skip-tests",
  "--api-versions",
  "monitoring.coreos.com/v1,monitoring.coreos.com/v1/ServiceMonitor,gateway.networking.k8s.io/v1,cert-manager.io/v1",
];

/** More would not fit into a command line. */
const MAX_SETTINGS = 60;

const DAMAGES = ["null", '"text"', "[1]", "7.5", "{}", '{"a":{"b":[true]}}'];

/** Every chart below a directory, archives included; not the subcharts within a chart. */
export async function* chartsBelow(directory: string): AsyncGenerator<string> {
  const entries = await readdir(directory, { withFileTypes: true });
  if (entries.some(({ name }) => name === "Chart.yaml")) {
    yield directory;
    return;
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) yield* chartsBelow(path);
    else if (entry.name.endsWith(".tgz")) yield path;
  }
}

/** The renders of a chart: with its own values, with each of its test values, with every switch of its values on. */
export async function rendersOf(chart: string, name: string): Promise<readonly Case[]> {
  const words = ["template", "rel", chart, ...RELEASE];
  const files = await testValues(chart);
  const values = await readFile(join(chart, "values.yaml"), "utf8").catch(() => "");
  const allOn = values.replaceAll(/^(\s*(?:- )?[\w.-]+:\s+)false(?=\s*(?:#.*)?$)/gm, "$1true");
  return [
    { title: name, chart, words },
    { title: `${name} (upgrade)`, chart, words: [...words, ...UPGRADE] },
    ...files.map((file) => ({
      title: `${name} -f ${file}`,
      chart,
      words: [...words, "-f", join(chart, file)],
    })),
    ...(allOn === values ? [] : [{ title: `${name} (every switch on)`, chart, words, values: allOn }]),
  ];
}

/** Renders of a chart with something in its values that it did not reckon with: what fails must fail with Helm's words. */
export async function damagesOf(chart: string, name: string): Promise<readonly Case[]> {
  const values = await readFile(join(chart, "values.yaml"), "utf8").catch(() => "");
  const keys = [...values.matchAll(/^([A-Za-z]\w*):/gm)].map((found) => found[1] ?? "");
  const step = Math.max(1, keys.length / DAMAGES.length);
  return DAMAGES.slice(0, keys.length).map((damage, at) => {
    const setting = `${keys[Math.floor(at * step)] ?? ""}=${damage}`;
    return {
      title: `${name} --set-json ${setting}`,
      chart,
      words: ["template", "rel", chart, ...RELEASE, "--set-json", setting],
    };
  });
}

/** Renders with settings made from the chart's own values: every switch turned, every number changed, maps taken away. */
export async function settingsOf(chart: string, name: string): Promise<readonly Case[]> {
  const text = await readFile(join(chart, "values.yaml"), "utf8").catch(() => "");
  const leaves = leavesOf(valuesOf(text), "");
  const switches = leaves.filter(([, value]) => typeof value === "boolean");
  const numbers = leaves.filter(([, value]) => typeof value === "number");
  const maps = leaves.filter(([, value]) => value instanceof Map);
  const settings = (flag: string, chosen: typeof leaves, change: (value: YamlValue) => string): string[] =>
    chosen.slice(0, MAX_SETTINGS).flatMap(([path, value]) => [flag, `${path}=${change(value)}`]);
  const first = Math.ceil(maps.length / 3);
  return [
    settings("--set", switches, (value) => String(value !== true)),
    settings("--set", numbers, (value) => String(Number(value) + 1)),
    settings("--set-json", numbers, (value) => JSON.stringify(Number(value) * 2 + 0.5)),
    settings("--set-string", [...numbers, ...switches], String),
    ...[maps.slice(0, first), maps.slice(first, 2 * first), maps.slice(2 * first)].map((some) =>
      settings("--set", some, () => "null"),
    ),
  ]
    .filter((flags) => flags.length > 0)
    .map((flags) => ({
      title: `${name} ${flags.slice(0, 8).join(" ")}`,
      chart,
      words: ["template", "rel", chart, ...RELEASE, ...flags],
    }));
}

/** The commands that read a chart without rendering it for a release. */
export function readingsOf(chart: string, name: string): readonly Case[] {
  return [
    ["lint"],
    ["lint", "--strict", "--with-subcharts"],
    ["show", "all"],
    ["show", "crds"],
    ["dependency", "list"],
  ].map((command) => ({
    title: `${command.join(" ")} ${name}`,
    chart,
    words: [...command, chart],
  }));
}

async function testValues(chart: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const folder of ["", "ci", "test", "tests", "test-values", "examples"]) {
    const names = await readdir(join(chart, folder)).catch(() => []);
    found.push(
      ...names
        .filter((name) => /\.ya?ml$/.test(name) && /values/.test(name))
        .map((name) => join(folder, name))
        .filter((name) => name !== "values.yaml")
        .sort(),
    );
  }
  return found;
}

function valuesOf(text: string): YamlValue {
  try {
    return parseYaml(text);
  } catch {
    return null;
  }
}

/** Switches, numbers and maps with their paths as `--set` reads them. */
function leavesOf(value: YamlValue, path: string): (readonly [path: string, value: YamlValue])[] {
  if (Array.isArray(value)) return value.flatMap((one, at) => leavesOf(one, `${path}[${at}]`));
  if (!(value instanceof Map)) return [[path, value]];
  const below = [...value].flatMap(([key, one]) => {
    const escaped = key.replaceAll(/[.,=[\]\\]/g, String.raw`\$&`);
    return leavesOf(one, path === "" ? escaped : `${path}.${escaped}`);
  });
  return path === "" ? below : [[path, value], ...below];
}
