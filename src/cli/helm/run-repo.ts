import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import { plainRepository, type RepositoryEntry } from "#chart";
import { redact } from "#errors";
import { parseYaml, printYaml } from "#yaml";
import type { Invocation } from "../command.ts";
import { fault, needArguments } from "./arguments.ts";
import { askSecret } from "./ask.ts";
import { cachedFiles, changeRepositories, reached, readRepositories, refreshIndex } from "./repositories.ts";
import { table } from "./table.ts";
import { certificatesOf, tlsSettings } from "./tls.ts";

const RETIRED: readonly (readonly [old: string, now: string])[] = [
  ["//kubernetes-charts.storage.googleapis.com", "https://charts.helm.sh/stable"],
  ["//kubernetes-charts-incubator.storage.googleapis.com", "https://charts.helm.sh/incubator"],
];

/** What Helm 2 served itself, and every home of it names. */
const HELM_2_LOCAL = "http://127.0.0.1:8879/";

/** `helm repo add NAME URL`. */
export async function runRepoAdd(call: Invocation): Promise<undefined> {
  needArguments(call, 2, "[NAME] [URL] [flags]");
  const { flags, context } = call;
  const [name = "", url = ""] = call.args;
  const isOld = RETIRED.find(([old]) => url.includes(old));
  if (isOld !== undefined && !flags.bool("allow-deprecated-repos")) {
    throw fault(`repo "${url}" is no longer available; try "${isOld[1]}" instead`);
  }
  if (name.includes("/")) {
    throw fault(`repository name (${name}) contains '/', please specify a different name without '/'`);
  }
  const entry = await entryFrom(call, name, url);
  const known = (await readRepositories(call))?.find((one) => one.name === name);
  if (known !== undefined && !flags.bool("force-update")) {
    if (!isSame(known, entry)) {
      throw fault(`repository name (${name}) already exists, please specify a different name`);
    }
    context.out(`"${name}" already exists with the same configuration, skipping\n`);
    return undefined;
  }
  await reached(url, async () => {
    // As they were written, where one of them cannot be read.
    await tlsSettings(certificatesOf(call));
    await refreshIndex(call, entry);
  });
  await changeRepositories(call, (entries) =>
    entries.some((one) => one.name === name)
      ? entries.map((one) => (one.name === name ? entry : one))
      : [...entries, entry],
  );
  context.out(`"${name}" has been added to your repositories\n`);
  return undefined;
}

/** `helm repo list`. */
export async function runRepoList(call: Invocation): Promise<undefined> {
  const entries = (await readRepositories(call)) ?? [];
  const format = outputFormat(call);
  if (entries.length === 0 && format === "table") throw fault("no repositories to show");
  const shown = entries.map(({ name, url }) => ({ name, url }));
  if (format === "table") {
    call.context.out(table([["NAME", "URL"], ...shown.map(({ name, url }) => [name, url])]));
  } else call.context.out(listText(shown, format));
  return undefined;
}

/** `helm repo update [NAME...]`. */
export async function runRepoUpdate(call: Invocation): Promise<undefined> {
  const entries = (await readRepositories(call)) ?? [];
  if (entries.length === 0) throw fault("no repositories found. You must add one before updating");
  const unknown = call.args.find((name) => !entries.some((one) => one.name === name));
  if (unknown !== undefined) {
    throw fault(`no repositories found matching '${unknown}'.  Nothing will be updated`);
  }
  const wanted = call.args.length === 0 ? entries : entries.filter(({ name }) => call.args.includes(name));
  const failed = await refreshAll(call, wanted);
  if (failed.length > 0 && (call.flags.bool("fail-on-repo-update-fail") || call.flags.bool("strict"))) {
    throw fault(`failed to update the following repositories: [${failed.join(" ")}]`);
  }
  call.context.out("Update Complete. ⎈Happy Helming!⎈\n");
  return undefined;
}

/** `helm repo remove NAME...`. */
export async function runRepoRemove(call: Invocation): Promise<undefined> {
  needArguments(call, 1, "[REPO1 [REPO2 ...]] [flags]", true);
  const entries = (await readRepositories(call)) ?? [];
  if (entries.length === 0) throw fault("no repositories configured");
  for (const name of call.args) {
    await changeRepositories(call, (known) => {
      if (!known.some((one) => one.name === name)) throw fault(`no repo named "${name}" found`);
      return known.filter((one) => one.name !== name);
    });
    for (const file of Object.values(cachedFiles(call, name))) await rm(file, { force: true });
    call.context.out(`"${name}" has been removed from your repositories\n`);
  }
  return undefined;
}

/** Fetches indexes at the same time, saying which came; answers the addresses of those that did not. */
export async function refreshAll(call: Invocation, entries: readonly RepositoryEntry[]): Promise<string[]> {
  call.context.out("Hang tight while we grab the latest from your chart repositories...\n");
  const failed: string[] = [];
  const isServed = ({ url }: RepositoryEntry): boolean => !url.startsWith(HELM_2_LOCAL);
  if (!entries.every(isServed)) call.context.out("...Skip local chart repository\n");
  await Promise.all(
    entries.filter(isServed).map(async (entry) => {
      try {
        await refreshIndex(call, entry);
        call.context.out(`...Successfully got an update from the "${entry.name}" chart repository\n`);
      } catch (error) {
        call.context.signal.throwIfAborted();
        failed.push(entry.url);
        call.context.out(
          `...Unable to get an update from the "${entry.name}" chart repository (${redact(entry.url)}):\n\t${(error as Error).message}\n`,
        );
      }
    }),
  );
  return failed;
}

/** The value of `--output`. */
export function outputFormat(call: Invocation): "table" | "json" | "yaml" {
  const format = call.flags.text("output") ?? "table";
  if (format === "table" || format === "json" || format === "yaml") return format;
  throw fault(`invalid argument "${format}" for "-o, --output" flag: invalid format type`);
}

/** A list of records in one of Helm's other formats. */
export function listText(rows: readonly object[], format: "json" | "yaml"): string {
  return format === "json" ? `${JSON.stringify(rows)}\n` : printYaml(parseYaml(JSON.stringify(rows)));
}

async function entryFrom(call: Invocation, name: string, url: string): Promise<RepositoryEntry> {
  const { flags, context } = call;
  const { skipTlsVerify, ...files } = certificatesOf(call);
  const path = (file: string): string => (file === "" ? "" : resolve(context.cwd, file));
  const username = flags.text("username") ?? "";
  let password = flags.text("password") ?? "";
  if (username !== "" && password === "") {
    password = flags.bool("password-stdin")
      ? (await text(process.stdin)).replace(/\r?\n$/, "")
      : await askSecret(context, "Password: ", "\n");
  }
  return {
    ...plainRepository(name, url),
    username,
    password,
    certFile: path(files.certFile),
    keyFile: path(files.keyFile),
    caFile: path(files.caFile),
    skipTlsVerify,
    passCredentials: flags.bool("pass-credentials"),
  };
}

function isSame(a: RepositoryEntry, b: RepositoryEntry): boolean {
  return (Object.keys(a) as (keyof RepositoryEntry)[]).every((key) => a[key] === b[key]);
}
