/**
 * Renders every chart below a directory with slipway and with a real helm, with its own values and with each of its
 * `ci/*-values.yaml`: `node test/conformance/charts.ts DIR [--helm PATH] [--only NAME]`.
 */
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { capabilitiesOf, loadChart, mergeValues, renderChart, templateOutput } from "#chart";
import { run } from "#process";

const { positionals, values: flags } = parseArgs({
  allowPositionals: true,
  options: { helm: { type: "string" }, only: { type: "string" } },
});
const helm = flags.helm ?? process.env["SLIPWAY_TEST_HELM"] ?? "helm";
const directory = positionals[0];
if (directory === undefined) {
  process.stderr.write("usage: node test/conformance/charts.ts DIR [--helm PATH] [--only NAME]\n");
  process.exit(2);
}

const KUBE_VERSION = "1.31.0";
let passed = 0;
let failed = 0;
let ours = 0;
let theirs = 0;

for (const entry of (await readdir(directory, { withFileTypes: true })).sort((a, b) =>
  a.name < b.name ? -1 : 1,
)) {
  if (!entry.isDirectory() && !entry.isSymbolicLink() && !entry.name.endsWith(".tgz")) continue;
  if (flags.only !== undefined && !entry.name.includes(flags.only)) continue;
  const path = resolve(directory, entry.name);
  for (const file of [undefined, ...(await ciValues(path))]) await compare(entry.name, path, file);
}
process.stdout.write(
  `slipway ${ours.toFixed(0)} ms in process, helm ${theirs.toFixed(0)} ms\n${passed} passed, ${failed} failed\n`,
);
process.exitCode = failed === 0 ? 0 : 1;

async function ciValues(chart: string): Promise<string[]> {
  const names = await readdir(join(chart, "ci")).catch(() => []);
  return names
    .filter((name) => /values\.ya?ml$/.test(name))
    .sort()
    .map((name) => join("ci", name));
}

async function compare(name: string, path: string, file: string | undefined): Promise<void> {
  const expected = await byHelm(path, file);
  const got = await bySlipway(path, file);
  const title = file === undefined ? name : `${name} ${file}`;
  const difference = differenceOf(expected, got);
  if (difference === undefined) {
    passed++;
    process.stdout.write(`ok   ${title}\n`);
  } else {
    failed++;
    process.stdout.write(`FAIL ${title}\n${difference}\n`);
  }
}

interface Result {
  readonly output?: string;
  readonly error?: string;
}

async function byHelm(path: string, file: string | undefined): Promise<Result> {
  const started = performance.now();
  const result = await run(
    helm,
    [
      "template",
      "rel",
      path,
      "--namespace",
      "ns",
      "--kube-version",
      KUBE_VERSION,
      ...(file === undefined ? [] : ["-f", join(path, file)]),
    ],
    { env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", TZ: "UTC" }, accept: [0, 1] },
  );
  theirs += performance.now() - started;
  if (result.code === 0) return { output: result.stdout.toString() };
  const text = result.stderr;
  return { error: text.slice(text.indexOf("Error: ") + 7).trim() };
}

async function bySlipway(path: string, file: string | undefined): Promise<Result> {
  const started = performance.now();
  try {
    const chart = await loadChart(path);
    const values = await mergeValues({ files: file === undefined ? [] : [join(path, file)] });
    const release = { name: "rel", namespace: "ns", revision: 1, isUpgrade: false };
    const rendered = await renderChart(chart, values, release, {
      capabilities: capabilitiesOf({ kubeVersion: KUBE_VERSION }),
    });
    return { output: templateOutput(rendered) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  } finally {
    ours += performance.now() - started;
  }
}

function differenceOf(expected: Result, got: Result): string | undefined {
  if (expected.error !== undefined || got.error !== undefined) {
    const same = expected.error?.split("\n")[0] === got.error?.split("\n")[0];
    return same
      ? undefined
      : `  helm:    ${expected.error ?? "(rendered)"}\n  slipway: ${got.error ?? "(rendered)"}`;
  }
  const wanted = (expected.output ?? "").split("\n");
  const lines = (got.output ?? "").split("\n");
  const at = wanted.findIndex((line, index) => line !== lines[index] && !isRandom(line, lines[index] ?? ""));
  if (at < 0 && wanted.length >= lines.length) return undefined;
  const show = (text: readonly string[]): string =>
    text
      .slice(Math.max(0, at - 3), at + 4)
      .map((line) => `    ${line}`)
      .join("\n");
  return `  line ${at + 1}, helm:\n${show(wanted)}\n  slipway:\n${show(lines)}`;
}

/** Two texts of one shape with other letters: passwords, keys, certificates and sums over them. */
function isRandom(a: string, b: string): boolean {
  const shape = /^(\s*(?:- )?[\w."/-]+: ?"?)([A-Za-z0-9+/=]{8,})("?)$/;
  const first = shape.exec(a);
  const second = shape.exec(b);
  return first !== null && second !== null && first[1] === second[1];
}
