import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  archiveName,
  isCompatible,
  loadChart,
  lockDigest,
  lockText,
  packChart,
  type Chart,
  type Dependency,
  type Locked,
} from "#chart";
import { exists, writeAtomically } from "#disk";
import { GoMap } from "#gotemplate";
import type { Invocation } from "../command.ts";
import { fault } from "./arguments.ts";
import { table } from "./table.ts";

/** `helm dependency list`. */
export async function runDependencyList(call: Invocation): Promise<undefined> {
  const path = call.args[0] ?? ".";
  const chart = await loadChart(path, { onWarning: (text) => call.context.err(`${text}\n`) });
  const { dependencies } = chart.metadata;
  if (dependencies.length === 0) {
    call.context.out(`WARNING: no dependencies at ${join(path, "charts")}\n`);
    return undefined;
  }
  const rows = [["NAME", "VERSION", "REPOSITORY", "STATUS"]];
  for (const one of dependencies) {
    rows.push([one.name, one.version, one.repository, await statusOf(path, one)]);
  }
  call.context.out(`${table(rows)}\n`);
  return undefined;
}

/** `helm dependency update`, and `helm dependency build` of a chart without a lock. */
export async function runDependencyUpdate(call: Invocation): Promise<undefined> {
  const path = call.args[0] ?? ".";
  const chart = await loadChart(path, { onWarning: (text) => call.context.err(`${text}\n`) });
  await update(call, path, chart);
  return undefined;
}

/** `helm dependency build`. */
export async function runDependencyBuild(call: Invocation): Promise<undefined> {
  const path = call.args[0] ?? ".";
  const chart = await loadChart(path, { onWarning: (text) => call.context.err(`${text}\n`) });
  const lock = chart.lock;
  if (!(lock instanceof GoMap)) {
    await update(call, path, chart);
    return undefined;
  }
  const locked = lockedOf(lock);
  if (lock.get("digest") !== lockDigest(chart.metadata.dependencies, locked)) {
    throw fault(
      "the lock file (Chart.lock) is out of sync with the dependencies file (Chart.yaml). Please update the dependencies",
    );
  }
  await save(call, path, await fetchAll(path, locked));
  return undefined;
}

async function update(call: Invocation, path: string, chart: Chart): Promise<void> {
  const { dependencies } = chart.metadata;
  if (dependencies.length === 0) return;
  const fetched = await fetchAll(path, dependencies);
  await save(call, path, fetched);
  const locked = dependencies.map(({ name, repository }, at) => ({
    name,
    version: fetched[at]?.metadata.version ?? "",
    repository,
  }));
  const digest = lockDigest(dependencies, locked);
  if (chart.lock instanceof GoMap && chart.lock.get("digest") === digest) return;
  const name = chart.metadata.apiVersion === "v1" ? "requirements.lock" : "Chart.lock";
  await writeAtomically(join(path, name), lockText(locked, digest, call.context.now().toISOString()));
}

async function fetchAll(path: string, wanted: readonly Locked[]): Promise<Chart[]> {
  return Promise.all(wanted.map((one) => fetchOne(path, one)));
}

async function fetchOne(path: string, wanted: Locked): Promise<Chart> {
  const { name, version, repository } = wanted;
  if (!repository.startsWith("file://")) {
    throw fault(
      `The dependency ${name} is in ${repository === "" ? "charts/" : repository}; only file:// is built so far`,
    );
  }
  const place = repository.slice("file://".length);
  const source = place.startsWith("/") ? place : join(path, place);
  if (!(await exists(source))) throw fault(`directory ${source} not found`);
  const chart = await loadChart(source);
  if (!isCompatible(version, chart.metadata.version)) {
    throw fault(
      `can't get a valid version for dependency ${name}: ${chart.metadata.version} at ${repository} is not ${version}`,
    );
  }
  return chart;
}

async function save(call: Invocation, path: string, charts: readonly Chart[]): Promise<void> {
  call.context.out(`Saving ${charts.length} charts\n`);
  const folder = join(path, "charts");
  await mkdir(folder, { recursive: true });
  const time = call.context.now().getTime() / 1000;
  const kept = new Set<string>();
  for (const chart of charts) {
    kept.add(archiveName(chart));
    await writeAtomically(join(folder, archiveName(chart)), packChart(chart, time));
  }
  call.context.out("Deleting outdated charts\n");
  const names = new Set(charts.map(({ metadata }) => metadata.name));
  for (const file of await readdir(folder)) {
    if (!file.endsWith(".tgz") || kept.has(file)) continue;
    const old = await loadChart(join(folder, file));
    if (names.has(old.metadata.name)) await rm(join(folder, file));
  }
}

function lockedOf(lock: GoMap): Locked[] {
  const lines = lock.get("dependencies");
  if (!Array.isArray(lines)) return [];
  return lines
    .filter((line) => line instanceof GoMap)
    .map((line) => ({
      name: String(line.get("name") ?? ""),
      version: String(line.get("version") ?? ""),
      repository: String(line.get("repository") ?? ""),
    }));
}

async function statusOf(path: string, wanted: Dependency): Promise<string> {
  const folder = join(path, "charts");
  const files = await readdir(folder).catch((): string[] => []);
  const archives = files.filter(
    (file) => file.startsWith(`${wanted.name}-`) && /^\d.*\.tgz$/.test(file.slice(wanted.name.length + 1)),
  );
  if (archives.length > 1) return "too many matches";
  const [archive] = archives;
  const source = archive ?? (files.includes(wanted.name) ? wanted.name : undefined);
  if (source === undefined) return "missing";
  let chart;
  try {
    chart = await loadChart(join(folder, source));
  } catch {
    return "corrupt";
  }
  if (chart.metadata.name !== wanted.name) return "misnamed";
  if (!isCompatible(wanted.version, chart.metadata.version)) return "wrong version";
  return archive === undefined ? "unpacked" : "ok";
}
