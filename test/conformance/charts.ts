/**
 * Renders every chart below a directory, of any shape and depth, with slipway and with a real helm:
 * `node test/conformance/charts.ts DIR... [--helm PATH] [--only PART] [--damages] [--settings] [--commands]
 * [--cache DIR] [--jobs N] [--quiet]`.
 *
 * Compared are standard output, the exit code and, of a failure, its first line. Random output is masked only where two
 * renders of helm itself differ (random-text.ts). Slipway runs in this process, from the command line down; helm's
 * answers are kept in the cache by the content of the chart.
 */
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { gunzipSync, gzipSync } from "node:zlib";
import { helmPath } from "../env/helm.ts";
import { byHelm, bySlipway, type Outcome } from "./both.ts";
import { chartsBelow, damagesOf, readingsOf, rendersOf, settingsOf, type Case } from "./chart-tree.ts";
import { isSameButRandom } from "./random-text.ts";

const { positionals, values: flags } = parseArgs({
  allowPositionals: true,
  options: {
    helm: { type: "string", default: process.env["SLIPWAY_TEST_HELM"] ?? helmPath },
    only: { type: "string" },
    damages: { type: "boolean", default: false },
    settings: { type: "boolean", default: false },
    commands: { type: "boolean", default: false },
    cache: { type: "string" },
    jobs: { type: "string", default: "2" },
    quiet: { type: "boolean", default: false },
  },
});
if (positionals.length === 0) {
  process.stderr.write(
    "usage: node test/conformance/charts.ts DIR... [--helm PATH] [--only PART] [--damages] [--settings] [--commands]\n",
  );
  process.exit(2);
}

const scratch = await mkdtemp(join(tmpdir(), "slipway-charts-"));
const cache = flags.cache ?? join(scratch, "cache");
const home = join(scratch, "home");

const failures: string[] = [];
let charts = 0;
let passed = 0;
let ours = 0;
let answered = 0;
try {
  const cases = allCases();
  await Promise.all(
    Array.from({ length: Number(flags.jobs) }, async () => {
      for await (const one of cases) await compare(one);
    }),
  );
} finally {
  await rm(scratch, { recursive: true, force: true });
}
for (const failure of failures.sort()) process.stdout.write(`failed: ${failure}\n`);
process.stdout.write(
  `${charts} charts, ${passed + failures.length} runs of slipway in ${ours.toFixed(0)} ms, ` +
    `${answered} of them ending in an error\n${passed} passed, ${failures.length} failed\n`,
);
process.exitCode = failures.length === 0 ? 0 : 1;

async function* allCases(): AsyncGenerator<Case & { readonly key: string }> {
  for (const directory of positionals.map((path) => resolve(path))) {
    for await (const chart of chartsBelow(directory)) {
      const name = relative(directory, chart) || ".";
      if (flags.only !== undefined && !name.includes(flags.only)) continue;
      charts++;
      const key = await contentOf(chart);
      const cases = [
        ...(await rendersOf(chart, name)),
        ...(flags.damages ? await damagesOf(chart, name) : []),
        ...(flags.settings ? await settingsOf(chart, name) : []),
        ...(flags.commands ? readingsOf(chart, name) : []),
      ];
      for (const one of cases) yield { ...one, key };
    }
  }
}

async function compare({ title, chart, words, values, key }: Case & { readonly key: string }): Promise<void> {
  const name = createHash("sha256")
    .update([flags.helm, key, values, ...words].join("\0"))
    .digest("hex");
  const file = join(cache, name.slice(0, 2), name);
  const line = [...words];
  if (values !== undefined) {
    const path = `${file}.yaml`;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, values);
    line.push("-f", path);
  }
  const known = await recorded(file);
  const theirs = known[0] ?? (await byHelm(flags.helm, line, home));
  if (known.length === 0) await record(file, [theirs]);
  const started = performance.now();
  const mine = await bySlipway(line, home);
  const took = performance.now() - started;
  ours += took;
  const again = async (): Promise<Outcome> => {
    if (known[1] !== undefined) return known[1];
    await delay(1_100);
    const second = await byHelm(flags.helm, line, home);
    await record(file, [theirs, second]);
    return second;
  };
  const difference = await differenceOf(mine, theirs, again);
  if (theirs.code !== 0) answered++;
  if (difference === undefined) {
    passed++;
    if (!flags.quiet) process.stdout.write(`ok   ${took.toFixed(0)} ms ${title}\n`);
  } else {
    failures.push(title);
    process.stdout.write(`FAIL ${title}\n  ${chart}\n${difference}\n`);
  }
}

async function differenceOf(
  mine: Outcome,
  theirs: Outcome,
  again: () => Promise<Outcome>,
): Promise<string | undefined> {
  if (mine.code !== theirs.code || (mine.code !== 0 && mine.error !== theirs.error)) {
    const said = ({ code, error }: Outcome): string => (code === 0 ? "(no fault)" : `${code} ${error}`);
    if (theirs.code !== 0 && isSameButRandom(mine.error, theirs.error, (await again()).error))
      return undefined;
    return `  helm:    ${said(theirs)}\n  slipway: ${said(mine)}`;
  }
  if (mine.output === theirs.output) return undefined;
  const second = await again();
  if (isSameButRandom(mine.output, theirs.output, second.output)) return undefined;
  const wanted = theirs.output.split("\n");
  const repeated = second.output.split("\n");
  const lines = mine.output.split("\n");
  const at = wanted.findIndex((line, index) => line !== lines[index] && line === repeated[index]);
  const first = at < 0 ? wanted.findIndex((line, index) => line !== lines[index]) : at;
  const show = (text: readonly string[]): string =>
    text
      .slice(Math.max(0, first - 3), first + 4)
      .map((line) => `    ${line}`)
      .join("\n");
  return `  line ${first + 1}, helm:\n${show(wanted)}\n  slipway:\n${show(lines)}`;
}

/** A sum over a chart's files, so that an answer of helm is kept as long as the chart is what it was. */
async function contentOf(chart: string): Promise<string> {
  const hash = createHash("sha256");
  if (chart.endsWith(".tgz")) return hash.update(await readFile(chart)).digest("hex");
  const entries = await readdir(chart, { recursive: true, withFileTypes: true });
  for (const path of entries
    .filter((entry) => entry.isFile())
    .map((e) => join(e.parentPath, e.name))
    .sort()) {
    hash
      .update(path)
      .update("\0")
      .update(await readFile(path));
  }
  return hash.digest("hex");
}

async function recorded(file: string): Promise<readonly Outcome[]> {
  const bytes = await readFile(file).catch(() => undefined);
  return bytes === undefined ? [] : (JSON.parse(gunzipSync(bytes).toString()) as Outcome[]);
}

async function record(file: string, outcomes: readonly Outcome[]): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, gzipSync(JSON.stringify(outcomes), { level: 1 }));
}
