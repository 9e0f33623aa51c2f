import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { declaresDependencies, loadChart, lockDigest, lockText, type Chart, type Dependency } from "#chart";
import { exists, writeAtomically } from "#disk";
import { compareStrings } from "#gotemplate";
import { parseConstraint, parseStrictVersion, parseVersion } from "#semver";
import type { Invocation } from "../command.ts";
import { fault, warner } from "./arguments.ts";
import { choose, refresh, save, sourcesOf, type Chosen, type Source } from "./dependency-sources.ts";
import { cutter, table } from "./table.ts";

/** `helm dependency list`. */
export async function runDependencyList(call: Invocation): Promise<undefined> {
  const path = chartPathOf(call);
  const chart = await loadDeclaring(call, path);
  const { dependencies } = chart.metadata;
  if (!declaresDependencies(chart)) {
    call.context.out(`WARNING: no dependencies at ${join(path, "charts")}\n`);
    return undefined;
  }
  const cut = cutter(call);
  const rows = [["NAME", "VERSION", "REPOSITORY", "STATUS"]];
  for (const one of dependencies) {
    rows.push([one.name, one.version, one.repository, await statusOf(path, one, chart)]);
  }
  call.context.out(`${table(rows.map((row) => row.map(cut)))}\n${await strangers(path, dependencies)}`);
  return undefined;
}

/** What lies in charts/ without being declared. */
async function strangers(path: string, declared: readonly Dependency[]): Promise<string> {
  const folder = join(path, "charts");
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const lines: string[] = [];
  for (const entry of entries.sort((a, b) => compareStrings(a.name, b.name))) {
    if (!entry.isDirectory() && !entry.name.endsWith(".tgz")) continue;
    const place = JSON.stringify(join(folder, entry.name));
    const chart = await loadChart(join(folder, entry.name)).catch(() => undefined);
    if (chart === undefined) lines.push(`WARNING: ${place} is not a chart.\n`);
    else if (!declared.some(({ name }) => name === chart.metadata.name))
      lines.push(`WARNING: ${place} is not in Chart.yaml.\n`);
  }
  return lines.join("");
}

/** `helm dependency update`, and `helm dependency build` of a chart without a lock. */
export async function runDependencyUpdate(call: Invocation): Promise<undefined> {
  const path = chartPathOf(call);
  await updateDependencies(call, path, !call.flags.bool("skip-refresh"));
  return undefined;
}

/** `helm dependency build`. */
export async function runDependencyBuild(call: Invocation): Promise<undefined> {
  const path = chartPathOf(call);
  const chart = await loadUnpacked(call, path);
  const lock = chart.lock;
  if (lock === undefined) {
    await updateDependencies(call, path, !call.flags.bool("skip-refresh"));
    return undefined;
  }
  const locked = (lock.dependencies ?? []).filter((one) => one !== null);
  const { dependencies } = chart.metadata;
  const declared = resolved(dependencies, await sourcesOf(call, dependencies));
  if (lock.digest !== lockDigest(declared, locked)) {
    throw fault(
      "the lock file (Chart.lock) is out of sync with the dependencies file (Chart.yaml). Please update the dependencies",
    );
  }
  const sources = await sourcesOf(call, locked);
  const unknown = sources.filter((source) => source.kind === "index" && !source.isNamed);
  if (unknown.length > 0) {
    const names = unknown.map(({ repository }) => repository).join(", ");
    throw fault(`no repository definition for ${names}. Please add the missing repos via 'helm repo add'`);
  }
  if (!call.flags.bool("skip-refresh")) await refresh(call, sources);
  const chosen = locked.map((one, at): Chosen => ({ ...one, source: sources[at] as Source }));
  await save(call, path, chosen);
  return undefined;
}

/** Chooses versions of what a chart depends on, puts them into its `charts/` and locks them. */
export async function updateDependencies(
  call: Invocation,
  path: string,
  isRefreshing: boolean,
): Promise<void> {
  const chart = await loadUnpacked(call, path);
  const { dependencies } = chart.metadata;
  if (dependencies.length === 0) return;
  const sources = await sourcesOf(call, dependencies);
  if (isRefreshing) await refresh(call, sources);
  const declared = resolved(dependencies, sources);
  const chosen = await choose(call, path, declared, sources);
  await save(call, path, chosen);
  const locked = chosen.map(({ name, version, repository }) => ({ name, version, repository }));
  const digest = lockDigest(declared, locked);
  if (chart.lock?.digest === digest) return;
  const name = chart.metadata.apiVersion === "v1" ? "requirements.lock" : "Chart.lock";
  await writeAtomically(
    join(path, name),
    lockText({ dependencies: locked, digest, generated: call.context.now().toISOString() }),
  );
}

async function loadUnpacked(call: Invocation, path: string): Promise<Chart> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw fault(`could not find ${path}: stat ${path}: no such file or directory`);
  if (!found.isDirectory()) throw fault("only unpacked charts can be updated");
  return loadDeclaring(call, path);
}

/** A chart whose dependencies matter; that of a project of werf 1.1 has no Chart.yaml, only requirements.yaml. */
async function loadDeclaring(call: Invocation, path: string): Promise<Chart> {
  const isWerfs =
    !(await exists(join(path, "Chart.yaml"))) && (await exists(join(path, "requirements.yaml")));
  const metadata = { apiVersion: "v1", name: "project", version: "0.1.0" };
  return loadChart(path, { onWarning: warner(call.context), ...(isWerfs ? { metadata } : {}) });
}

/** The chart that is given, else for werf that of the project, else the current directory as for Helm. */
function chartPathOf({ args, flags, context }: Invocation): string {
  const [given] = args;
  if (given !== undefined) return given;
  const isProjects = context.calledAs === "werf" || flags.isGiven("dir") || flags.isGiven("helm-chart-dir");
  return isProjects ? join(flags.text("dir") ?? "", flags.text("helm-chart-dir") ?? ".helm") : ".";
}

/** The dependencies with the addresses that their repositories stand for: so they enter the digest of a lock. */
function resolved(dependencies: readonly Dependency[], sources: readonly Source[]): Dependency[] {
  return dependencies.map((one, at) => ({ ...one, repository: sources[at]?.repository ?? one.repository }));
}

/** How a dependency stands in charts/: an archive of its name is looked at first, then what the chart was loaded with. */
async function statusOf(path: string, wanted: Dependency, chart: Chart): Promise<string> {
  const folder = join(path, "charts");
  const files = await readdir(folder).catch((): string[] => []);
  const versionOf = (file: string): string => file.slice(wanted.name.length + 1, -".tgz".length);
  const archives = files.filter((file) => file.startsWith(`${wanted.name}-`) && file.endsWith(".tgz"));
  const chosen = archives.length > 1 ? archives.filter((file) => isStrictVersion(versionOf(file))) : archives;
  if (chosen.length > 1) return "too many matches";
  if (chosen[0] !== undefined) {
    const packed = await loadChart(join(folder, chosen[0])).catch(() => undefined);
    if (packed === undefined) return "corrupt";
    if (packed.metadata.name !== wanted.name) return "misnamed";
    return versionFault(wanted, packed) ?? "ok";
  }
  const unpacked = chart.dependencies.findLast(({ metadata }) => metadata.name === wanted.name);
  return unpacked === undefined ? "missing" : (versionFault(wanted, unpacked) ?? "unpacked");
}

function versionFault({ version }: Dependency, { metadata }: Chart): string | undefined {
  if (metadata.version === version) return undefined;
  try {
    return parseConstraint(version).allows(parseVersion(metadata.version)) ? undefined : "wrong version";
  } catch {
    return "invalid version";
  }
}

function isStrictVersion(text: string): boolean {
  try {
    parseStrictVersion(text);
    return true;
  } catch {
    return false;
  }
}
