import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { lintChart, readChartArchive, type LintMessage, type LintOptions } from "#chart";
import { makeDirectory, scratchDirectory } from "#disk";
import { compareStrings } from "#gotemplate";
import type { Invocation } from "../command.ts";
import { fault, warner } from "./arguments.ts";
import { capabilitiesOf, valuesOf } from "./chart-values.ts";
import { namespaceOf } from "./cluster.ts";
import { machineFault } from "./machine-fault.ts";

/** `helm lint`. */
export async function runLint(call: Invocation): Promise<undefined> {
  const { flags, context } = call;
  const options: LintOptions = {
    values: await valuesOf(call),
    namespace: await namespaceOf(call),
    capabilities: capabilitiesOf(call),
    skipSchema: flags.bool("skip-schema-validation"),
    onWarning: warner(context),
  };
  const given = call.args.length === 0 ? ["."] : call.args;
  const paths = flags.bool("with-subcharts") ? await withSubcharts(given) : given;
  const isQuiet = flags.bool("quiet");
  const failing = flags.bool("strict") ? ["WARNING", "ERROR"] : ["ERROR"];
  let failed = 0;
  let isSilent = isQuiet;
  for (const path of paths) {
    const result = await lintPath(path, options);
    const isFailed = "fault" in result || result.messages.some(({ severity }) => failing.includes(severity));
    if (isFailed) failed++;
    const lines = "fault" in result ? [`Error ${result.fault}`] : shown(result.messages, isQuiet);
    if (!isQuiet || isFailed || lines.length > 0) {
      isSilent = false;
      context.out(`==> Linting ${path}\n${lines.map((line) => `${line}\n`).join("")}\n`);
    }
  }
  const summary = `${paths.length} chart(s) linted, ${failed} chart(s) failed`;
  if (failed > 0) throw fault(summary);
  if (!isSilent) context.out(`${summary}\n`);
  return undefined;
}

function shown(messages: readonly LintMessage[], isQuiet: boolean): string[] {
  return messages
    .filter(({ severity }) => !isQuiet || severity !== "INFO")
    .map(({ severity, path, text }) => `[${severity}] ${path}: ${text}`);
}

type Result = { readonly messages: readonly LintMessage[] } | { readonly fault: string };

async function lintPath(path: string, options: LintOptions): Promise<Result> {
  if (/\.(?:tgz|tar\.gz)$/.test(path)) return lintArchive(path, options);
  const definition = join(path, "Chart.yaml");
  try {
    await stat(definition);
  } catch (error) {
    return {
      fault: `unable to check Chart.yaml file in chart: ${machineFault(error)?.message ?? String(error)}`,
    };
  }
  return { messages: await lintChart(path, options) };
}

async function lintArchive(path: string, options: LintOptions): Promise<Result> {
  let data;
  try {
    data = await readFile(path);
  } catch (error) {
    return { fault: `unable to open tarball: ${machineFault(error, path)?.message ?? String(error)}` };
  }
  await using scratch = await scratchDirectory(tmpdir(), "helm-lint");
  for (const file of readChartArchive(data)) {
    const target = join(scratch.path, file.name);
    await makeDirectory(dirname(target));
    await writeFile(target, file.data);
  }
  return { messages: await lintChart(scratch.path, options) };
}

/** The charts below `charts/` behind all that are given; links are not followed. */
async function withSubcharts(paths: readonly string[]): Promise<string[]> {
  const all = [...paths];
  for (const path of paths) {
    const folder = join(path, "charts");
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    const found = entries.map(({ parentPath, name }) => join(parentPath, name));
    for (const one of found.sort((a, b) =>
      compareStrings(a.replaceAll("/", "\0"), b.replaceAll("/", "\0")),
    )) {
      if (basename(one) === "Chart.yaml") all.push(dirname(one));
      else if (/\.(?:tgz|tar\.gz)$/.test(one)) all.push(one);
    }
  }
  return all;
}
