import { createHash } from "node:crypto";
import { join } from "node:path";
import {
  chooseVersion,
  parseIndex,
  parseRepositories,
  repositoriesText,
  type ChartVersion,
  type RepositoryEntry,
  type RepositoryIndex,
} from "#chart";
import { readIfExists, withLock, writeAtomically } from "#disk";
import { SlipwayError } from "#errors";
import type { Invocation } from "../command.ts";
import { fault } from "./arguments.ts";
import { fetchAddress } from "./fetch.ts";
import { helmHome } from "./home.ts";

/** The repositories that have names; undefined when there is no file of them. */
export async function readRepositories(call: Invocation): Promise<RepositoryEntry[] | undefined> {
  const path = helmHome(call).repositoryConfig;
  const text = await readIfExists(path);
  return text === undefined ? undefined : parseRepositories(text, path);
}

/** Changes repositories.yaml while nobody else does. */
export async function changeRepositories(
  call: Invocation,
  change: (entries: readonly RepositoryEntry[]) => readonly RepositoryEntry[],
): Promise<void> {
  const path = helmHome(call).repositoryConfig;
  await withLock(`${path.replace(/\.[^./]*$/, "")}.slipway.lock`, async () => {
    const text = await readIfExists(path);
    const entries = text === undefined ? [] : parseRepositories(text, path);
    await writeAtomically(path, repositoriesText(change(entries)), 0o600);
  });
}

/** The files that stand for a repository in the cache. */
export function cachedFiles(
  call: Invocation,
  name: string,
): { readonly index: string; readonly charts: string; readonly etag: string } {
  const below = (file: string): string => join(helmHome(call).repositoryCache, file);
  return {
    index: below(`${name}-index.yaml`),
    charts: below(`${name}-charts.txt`),
    etag: below(`${name}-index.etag`),
  };
}

/** Work with a repository, whose faults are told in Helm's words: an address that is none, or that does not answer. */
export async function reached<T>(url: string, work: () => Promise<T>): Promise<T> {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase() ?? "";
  if (!["http", "https", "oci"].includes(scheme)) {
    throw new SlipwayError("HELM_COMMAND", `could not find protocol handler for: ${scheme}`, {
      hint: `Write the whole address of the repository, such as https://${scheme === "" ? url : "charts.example.com"}`,
    });
  }
  try {
    return await work();
  } catch (error) {
    throw fault(
      `looks like "${url}" is not a valid chart repository or cannot be reached: ${(error as Error).message}`,
      error,
    );
  }
}

/** Fetches the index of a repository, unless the server says that it is still the one in the cache. */
export async function refreshIndex(call: Invocation, entry: RepositoryEntry): Promise<RepositoryIndex> {
  const address = `${entry.url.replace(/\/+$/, "")}/index.yaml`;
  const files = cachedFiles(call, entry.name);
  const cached = await readIfExists(files.index);
  const known = (await readIfExists(files.etag))?.split("\n") ?? [];
  const [of = "", etag = "", digest = ""] = known;
  const isUsable = cached !== undefined && of === address && digest === digestOf(cached);
  const fetched = await fetchAddress(call.context, address, entry, isUsable ? etag : "");
  if (fetched === undefined) return parseIndex(cached ?? "");
  const text = fetched.data.toString("utf8");
  const index = parseIndex(text);
  await writeAtomically(files.index, text);
  await writeAtomically(
    files.charts,
    [...index.keys()]
      .sort()
      .map((one) => `${one}\n`)
      .join(""),
  );
  await writeAtomically(files.etag, [address, fetched.etag, digestOf(text)].join("\n"));
  return index;
}

/** The index in the cache. */
export async function cachedIndex(call: Invocation, name: string): Promise<RepositoryIndex> {
  const { index } = cachedFiles(call, name);
  const text = await readIfExists(index);
  if (text === undefined) throw fault(`open ${index}: no such file or directory`);
  return parseIndex(text);
}

/** An entry for an address without a name, known in the cache by its digest as in Helm. */
export function unnamed(url: string): string {
  return `helm-manager-${createHash("sha256").update(url).digest("hex")}`;
}

/** Where the archive of a version is. */
export function archiveAddress(repository: string, version: ChartVersion): string {
  const [url] = version.urls;
  if (url === undefined) throw fault(`chart "${version.name}" has no downloadable URLs`);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(url)) return url;
  const base = `${repository.replace(/\/+$/, "")}/`;
  if (!URL.canParse(url, base)) throw fault(`invalid chart URL format: ${url}`);
  return new URL(url, base).href;
}

/** The version of a chart that an index has; Helm names the index in its complaint. */
export function versionIn(
  index: RepositoryIndex,
  repository: string,
  chart: string,
  wanted: string,
): ChartVersion {
  try {
    return chooseVersion(index, chart, wanted);
  } catch (error) {
    const reason = (error as Error).message;
    throw fault(
      `chart "${chart}" matching ${wanted} not found in ${repository} index. (try 'helm repo update'): ${reason}`,
      error,
    );
  }
}

/** Whether two addresses are one, but for a slash at the end and the case of the host. */
export function isSameAddress(a: string, b: string): boolean {
  return canonical(a) === canonical(b);
}

function canonical(address: string): string {
  try {
    const url = new URL(address);
    return `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, "")}${url.search}`;
  } catch {
    return address.replace(/\/+$/, "");
  }
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
