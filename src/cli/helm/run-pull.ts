import { mkdir, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { loadChart, readChartArchive } from "#chart";
import { exists, makeDirectory, scratchDirectory, writeAtomically } from "#disk";
import type { Invocation } from "../command.ts";
import { fault, needArguments } from "./arguments.ts";
import { fetchChart, type RemoteChart } from "./remote-chart.ts";

/** `helm pull CHART...`. */
export async function runPull(call: Invocation): Promise<undefined> {
  needArguments(call, 1, "[chart URL | repo/chartname] [...] [flags]", true);
  for (const word of call.args) call.context.out(await pull(call, word));
  return undefined;
}

/** Answers what is to be said once all went well. */
async function pull(call: Invocation, word: string): Promise<string> {
  const { flags, context } = call;
  const isUnpacked = flags.bool("untar");
  const destination = flags.text("destination") ?? ".";
  const chart = await fetchChart(call, word, flags.bool("verify") || flags.bool("prov"));
  const report = await reportOn(call, word, chart);
  const below = isUnpacked ? untarDirectory(call) : destination;
  if (isUnpacked) {
    await unpack(chart.data, below);
    return report;
  }
  if (!(await exists(below))) throw fault(`open ${join(below, chart.fileName)}: no such file or directory`);
  await writeAtomically(resolve(context.cwd, below, chart.fileName), chart.data);
  if (chart.provenance !== undefined) {
    await writeAtomically(resolve(context.cwd, below, `${chart.fileName}.prov`), chart.provenance);
  }
  return report;
}

async function reportOn(call: Invocation, word: string, chart: RemoteChart): Promise<string> {
  if (call.flags.bool("verify")) {
    const { verifiedText, verifyFetched } = await import("./provenance.ts");
    return verifiedText(await verifyFetched(call, chart));
  }
  const { provenanceFault } = chart;
  return provenanceFault === undefined
    ? ""
    : `WARNING: Verification not found for ${word}: ${provenanceFault.message}\n`;
}

function untarDirectory(call: Invocation): string {
  const directory = call.flags.text("untardir") ?? ".";
  return directory.startsWith("/") ? directory : join(call.flags.text("destination") ?? ".", directory);
}

/** Writes the files of an archive below a folder with the chart's name, which is there whole or not at all. */
async function unpack(data: Buffer, below: string): Promise<void> {
  const { metadata } = await loadChart(data);
  const target = join(below, metadata.name);
  if (await stat(target).catch(() => undefined)) {
    throw fault(`failed to untar: a file or directory with the name ${target} already exists`);
  }
  await makeDirectory(below);
  await using scratch = await scratchDirectory(below, ".slipway-untar");
  const unpacked = join(scratch.path, metadata.name);
  await mkdir(unpacked);
  for (const file of readChartArchive(data)) {
    const path = join(unpacked, file.name);
    await makeDirectory(dirname(path));
    await writeFile(path, file.data);
  }
  await rename(unpacked, target);
}
