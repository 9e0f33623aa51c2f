import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  archiveName,
  chooseVersion,
  isCompatible,
  loadChart,
  packChart,
  plainRepository,
  type Locked,
  type RepositoryEntry,
} from "#chart";
import { exists, makeDirectory, writeAtomically } from "#disk";
import { redact } from "#errors";
import { parseConstraint, parseVersion } from "#semver";
import type { Invocation } from "../command.ts";
import { fault } from "./arguments.ts";
import { fetchArchive, type RemoteChart } from "./remote-chart.ts";
import {
  archiveAddress,
  cachedIndex,
  isSameAddress,
  readRepositories,
  refreshIndex,
  unnamed,
} from "./repositories.ts";
import { refreshAll } from "./run-repo.ts";

/** Where a dependency comes from. */
export type Source =
  | { readonly kind: "directory" | "charts" | "registry"; readonly repository: string }
  | {
      readonly kind: "index";
      readonly repository: string;
      readonly entry: RepositoryEntry;
      /** The repository has a name here. */
      readonly isNamed: boolean;
    };

/** A dependency whose version is settled. */
export interface Chosen extends Locked {
  readonly source: Source;
}

/**
 * What the repositories of dependencies mean; `@NAME` and `alias:NAME` are looked up.
 *
 * @throws {SlipwayError} HELM_COMMAND naming all that are not known.
 */
export async function sourcesOf(call: Invocation, wanted: readonly Locked[]): Promise<Source[]> {
  const entries = (await readRepositories(call)) ?? [];
  const missing: string[] = [];
  const sources = wanted.map(({ repository }): Source => {
    if (repository === "") return { kind: "charts", repository };
    if (repository.startsWith("file://")) return { kind: "directory", repository };
    if (repository.startsWith("oci://")) return { kind: "registry", repository };
    const alias = /^(?:@|alias:)(.*)$/.exec(repository)?.[1];
    const entry = entries.find(({ name, url }) =>
      alias === undefined ? isSameAddress(url, repository) : name === alias,
    );
    if (entry !== undefined) {
      const address = alias === undefined ? repository : entry.url;
      return { kind: "index", repository: address, entry, isNamed: true };
    }
    if (alias !== undefined || !/^[a-z][a-z0-9+.-]*:\/\//i.test(repository)) missing.push(repository);
    return {
      kind: "index",
      repository,
      entry: plainRepository(unnamed(repository), repository),
      isNamed: false,
    };
  });
  if (missing.length === 0) return sources;
  const note = missing.some((one) => !one.includes("/") && !one.startsWith("@") && !one.startsWith("alias:"))
    ? `\nNote that repositories must be URLs or aliases. For example, to refer to the "example"\nrepository, use "https://charts.example.com/" or "@example" instead of\n"example". Don't forget to add the repo, too ('helm repo add').`
    : "";
  throw fault(
    `no repository definition for ${missing.join(", ")}. Please add them via 'helm repo add'${note}`,
  );
}

/** Fetches the indexes that are needed and, as Helm does, those of all repositories that have names. */
export async function refresh(call: Invocation, sources: readonly Source[]): Promise<void> {
  const nameless = new Map<string, RepositoryEntry>();
  for (const source of sources) {
    if (source.kind === "index" && !source.isNamed) nameless.set(source.repository, source.entry);
  }
  const { out, signal } = call.context;
  if (nameless.size > 0) out("Getting updates for unmanaged Helm repositories...\n");
  for (const [address, entry] of nameless) {
    try {
      await refreshIndex(call, entry);
      out(`...Successfully got an update from the "${redact(address)}" chart repository\n`);
    } catch (error) {
      signal.throwIfAborted();
      out(
        `...Unable to get an update from the "${redact(address)}" chart repository:\n\t${(error as Error).message}\n`,
      );
    }
  }
  const named = (await readRepositories(call)) ?? [];
  if (named.length === 0) return;
  await refreshAll(call, named);
  out("Update Complete. ⎈Happy Helming!⎈\n");
}

/** Settles the version of each dependency: the newest that its range allows. */
export async function choose(
  call: Invocation,
  path: string,
  declared: readonly Locked[],
  sources: readonly Source[],
): Promise<Chosen[]> {
  const missing: Locked[] = [];
  const chosen: Chosen[] = [];
  for (const [at, one] of declared.entries()) {
    const source = sources[at] as Source;
    checkRange(one);
    const version = await versionFrom(call, path, one, source);
    if (version === undefined) missing.push(one);
    else chosen.push({ name: one.name, version, repository: one.repository, source });
  }
  if (missing.length === 0) return chosen;
  const list = missing.map(
    ({ name, repository, version }) => `"${name}" (repository "${repository}", version "${version}")`,
  );
  throw fault(
    `can't get a valid version for ${missing.length} subchart(s): ${list.join(", ")}. Make sure a matching chart version exists in the repo, or change the version constraint in Chart.yaml`,
  );
}

/** Puts the archives of dependencies into `charts/` and removes those of other versions. */
export async function save(call: Invocation, path: string, chosen: readonly Chosen[]): Promise<void> {
  const { context } = call;
  const { out } = context;
  out(`Saving ${chosen.length} charts\n`);
  const folder = join(path, "charts");
  await makeDirectory(folder);
  const archives: { readonly fileName: string; readonly data: Buffer }[] = [];
  const kept = new Set<string>();
  const names = new Set(chosen.map(({ name }) => name));
  for (const one of chosen) {
    const { source } = one;
    if (source.kind === "charts") {
      out(
        `Dependency ${one.name} did not declare a repository. Assuming it exists in the charts directory\n`,
      );
      const present = await loadChart(join(folder, one.name));
      if (!isCompatible(one.version, present.metadata.version)) {
        throw fault(
          `dependency ${one.name} at version ${present.metadata.version} does not satisfy the constraint ${one.version}`,
        );
      }
      continue;
    }
    if (source.kind === "directory") {
      const chart = await loadChart(directoryOf(path, source.repository));
      checkVersion(one, chart.metadata.version);
      const data = packChart(chart, context.now().getTime() / 1000);
      archives.push({ fileName: archiveName(chart), data });
      continue;
    }
    out(`Downloading ${one.name} from repo ${redact(source.repository)}\n`);
    archives.push(await download(call, one, source));
  }
  for (const { fileName, data } of archives) {
    kept.add(fileName);
    await writeAtomically(join(folder, fileName), data);
  }
  out("Deleting outdated charts\n");
  for (const file of await readdir(folder)) {
    if (!file.endsWith(".tgz") || kept.has(file)) continue;
    const old = await loadChart(join(folder, file));
    if (names.has(old.metadata.name)) await rm(join(folder, file));
  }
}

async function download(call: Invocation, one: Chosen, source: Source): Promise<RemoteChart> {
  const isChecked = call.flags.bool("verify");
  try {
    if (source.kind === "index") {
      const address = await addressIn(call, one, source);
      return await checked(call, address, fetchArchive(call, address, source.entry, isChecked));
    }
    const address = `${source.repository.replace(/\/+$/, "")}/${one.name}`;
    const { pullChart } = await import("./oci-chart.ts");
    return await checked(call, address, pullChart(call, address, one.version, isChecked));
  } catch (error) {
    call.context.out(`Save error occurred:  ${(error as Error).message}\n`);
    throw error;
  }
}

async function addressIn(
  call: Invocation,
  one: Chosen,
  { entry, repository }: Source & { readonly kind: "index" },
): Promise<string> {
  const index = await indexOf(call, entry);
  try {
    return archiveAddress(entry.url, chooseVersion(index, one.name, one.version));
  } catch (error) {
    throw fault(
      `could not find : chart ${one.name} not found in ${repository}: ${(error as Error).message}`,
      error,
    );
  }
}

/** With `--verify`, `build` takes what nobody signed and says so; `update` does not. */
async function checked(
  call: Invocation,
  address: string,
  fetched: Promise<RemoteChart>,
): Promise<RemoteChart> {
  try {
    const chart = await fetched;
    if (chart.provenanceFault !== undefined && call.command.name === "build") {
      call.context.out(`WARNING: Verification not found for ${address}: ${chart.provenanceFault.message}\n`);
    } else if (call.flags.bool("verify")) {
      await (await import("./provenance.ts")).verifyFetched(call, chart);
    }
    return chart;
  } catch (error) {
    throw fault(`could not download ${address}: ${(error as Error).message}`, error);
  }
}

async function versionFrom(
  call: Invocation,
  path: string,
  wanted: Locked,
  source: Source,
): Promise<string | undefined> {
  const { name, version } = wanted;
  switch (source.kind) {
    case "charts":
      await needDirectory(join(path, "charts", name));
      return version;
    case "directory": {
      const directory = directoryOf(path, source.repository);
      await needDirectory(directory);
      const chart = await loadChart(directory);
      return isCompatible(version, chart.metadata.version) ? chart.metadata.version : undefined;
    }
    case "registry": {
      const { chooseTag } = await import("./oci-chart.ts");
      return chooseTag(call, source.repository, name, version);
    }
    case "index": {
      const versions = (await indexOf(call, source.entry)).get(name);
      if (versions === undefined) {
        throw fault(`${name} chart not found in repo ${source.repository}`);
      }
      const range = parseConstraint(version);
      return versions.find((one) => one.urls.length > 0 && range.allows(parseVersion(one.version)))?.version;
    }
    default:
      return source satisfies never;
  }
}

async function indexOf(call: Invocation, entry: RepositoryEntry) {
  try {
    return await cachedIndex(call, entry.name);
  } catch (error) {
    throw fault(
      `no cached repository for ${entry.name} found. (try 'helm repo update'): ${(error as Error).message}`,
      error,
    );
  }
}

function checkRange({ name, version }: Locked): void {
  try {
    parseConstraint(version);
  } catch (error) {
    throw fault(
      `dependency "${name}" has an invalid version/constraint format: ${(error as Error).message}`,
      error,
    );
  }
}

function checkVersion(wanted: Locked, version: string): void {
  if (isCompatible(wanted.version, version)) return;
  throw fault(
    `can't get a valid version for dependency ${wanted.name}: ${version} at ${wanted.repository} is not ${wanted.version}`,
  );
}

function directoryOf(path: string, repository: string): string {
  const place = repository.slice("file://".length);
  return place.startsWith("/") ? place : join(path, place);
}

async function needDirectory(path: string): Promise<void> {
  if (!(await exists(path))) throw fault(`directory ${path} not found`);
}
