import { basename, join } from "node:path";
import { plainRepository, type RepositoryEntry } from "#chart";
import { writeAtomically } from "#disk";
import { SlipwayError } from "#errors";
import type { Invocation } from "../command.ts";
import { fault } from "./arguments.ts";
import { fetchAddress, type Access } from "./fetch.ts";
import { helmHome } from "./home.ts";
import {
  archiveAddress,
  cachedIndex,
  readRepositories,
  reached,
  refreshIndex,
  unnamed,
  versionIn,
} from "./repositories.ts";
import { certificatesOf, checkCertificates } from "./tls.ts";

/** The archive of a chart that is elsewhere. */
export interface RemoteChart {
  readonly fileName: string;
  /** Where it was fetched. */
  readonly address: string;
  readonly data: Buffer;
  /** Its signed statement; absent where none was asked for or there is none. */
  readonly provenance?: Buffer;
  /** Why a statement that was asked for did not come. */
  readonly provenanceFault?: Error;
}

/** Which version is meant: as `--version` says, or the newest, with `--devel` prereleases too. */
export function wantedVersion(call: Invocation): string {
  const { flags } = call;
  const version = flags.text("version") ?? "";
  return version === "" && flags.bool("devel") ? ">0.0.0-0" : version;
}

/**
 * Fetches what `REPOSITORY/CHART`, an address, or a name with `--repo` means.
 *
 * @throws {SlipwayError} HELM_COMMAND with Helm's words.
 */
export async function fetchChart(
  call: Invocation,
  word: string,
  withProvenance = false,
): Promise<RemoteChart> {
  await checkCertificates(certificatesOf(call));
  if (word.startsWith("oci://")) {
    const { pullChart } = await import("./oci-chart.ts");
    return pullChart(call, word, wantedVersion(call), withProvenance);
  }
  const { address, access } = await addressOf(call, word);
  return fetchArchive(call, address, access, withProvenance);
}

/** The archive at an address. */
export async function fetchArchive(
  call: Invocation,
  address: string,
  access: Access | undefined,
  withProvenance = false,
): Promise<RemoteChart> {
  if (address.startsWith("oci://")) {
    const { pullChart } = await import("./oci-chart.ts");
    return pullChart(call, address, "", withProvenance);
  }
  const data = (await fetchAddress(call.context, address, access))?.data ?? Buffer.alloc(0);
  const chart = { fileName: basename(new URL(address).pathname), address, data };
  if (!withProvenance) return chart;
  try {
    const signed = await fetchAddress(call.context, `${address}.prov`, access);
    return signed === undefined ? chart : { ...chart, provenance: signed.data };
  } catch (error) {
    return { ...chart, provenanceFault: error as Error };
  }
}

/** The same, kept in Helm's cache and with `--verify` checked before; the answer is the path of the archive. */
export async function fetchIntoCache(call: Invocation, word: string): Promise<string> {
  const isChecked = call.flags.bool("verify");
  const chart = await fetchChart(call, word, isChecked);
  if (isChecked) await (await import("./provenance.ts")).verifyFetched(call, chart);
  const path = join(helmHome(call).repositoryCache, chart.fileName);
  await writeAtomically(path, chart.data);
  if (chart.provenance !== undefined) await writeAtomically(`${path}.prov`, chart.provenance);
  return path;
}

interface Address {
  readonly address: string;
  readonly access: Access | undefined;
}

async function addressOf(call: Invocation, word: string): Promise<Address> {
  const repository = call.flags.text("repo") ?? "";
  if (repository !== "") return inRepository(call, repository, word);
  const given = accessFrom(call, "");
  if (/^https?:\/\/[^/]/.test(word)) {
    const known = (await readRepositories(call))?.find(({ url }) =>
      word.startsWith(`${url.replace(/\/+$/, "")}/`),
    );
    return { address: word, access: given ?? known };
  }
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//.exec(word)?.[1];
  if (scheme !== undefined) throw fault(`scheme "${scheme}" not supported`);
  const slash = word.indexOf("/");
  if (slash < 0) {
    throw new SlipwayError(
      "HELM_COMMAND",
      `non-absolute URLs should be in form of repo_name/path_to_chart, got: ${word}`,
      { hint: `There is no file or directory ${word} here; a chart of a repository is REPOSITORY/${word}` },
    );
  }
  const name = word.slice(0, slash);
  const entry = (await readRepositories(call))?.find((one) => one.name === name);
  if (entry === undefined) {
    throw new SlipwayError("HELM_COMMAND", `repo ${name} not found`, {
      hint: `There is no file or directory ${word} here, and no repository with the name ${name}: see helm repo list`,
    });
  }
  let index;
  try {
    index = await cachedIndex(call, name);
  } catch (error) {
    throw fault(`no cached repo found. (try 'helm repo update'): ${(error as Error).message}`, error);
  }
  const version = versionIn(index, name, word.slice(slash + 1), wantedVersion(call));
  return { address: archiveAddress(entry.url, version), access: given ?? entry };
}

async function inRepository(call: Invocation, repository: string, chart: string): Promise<Address> {
  const access = accessFrom(call, repository) ?? plainRepository("", repository);
  const entry: RepositoryEntry = { ...access, url: repository, name: unnamed(repository) };
  const index = await reached(repository, () => refreshIndex(call, entry));
  const wanted = wantedVersion(call);
  try {
    const version = versionIn(index, repository, chart, wanted);
    return { address: archiveAddress(repository, version), access: entry };
  } catch (error) {
    const which = wanted === "" ? "" : ` version "${wanted}"`;
    throw fault(`chart "${chart}"${which} not found in ${repository} repository`, error);
  }
}

/** What the flags of this call give to show to the server; nothing when none was given. */
function accessFrom(call: Invocation, url: string): Access | undefined {
  const { flags } = call;
  const names = ["username", "password", "cert-file", "key-file", "ca-file"] as const;
  const bools = ["insecure-skip-tls-verify", "pass-credentials"] as const;
  if (![...names, ...bools].some((name) => flags.has(name) && flags.isGiven(name))) return undefined;
  return {
    url,
    username: flags.text("username") ?? "",
    password: flags.text("password") ?? "",
    ...certificatesOf(call),
    passCredentials: flags.bool("pass-credentials"),
  };
}
