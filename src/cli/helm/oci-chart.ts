import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { loadChart, metadataYaml, type Metadata } from "#chart";
import { openHttp } from "#http";
import { openRegistry, parseReference, type ArtifactBlob, type Reference, type Registry } from "#oci";
import { compareVersions, parseConstraint, parseStrictVersion, parseVersion } from "#semver";
import { parseYaml } from "#yaml";
import type { Invocation } from "../command.ts";
import { fault } from "./arguments.ts";
import { helmHome } from "./home.ts";
import type { RemoteChart } from "./remote-chart.ts";

const CONFIG = "application/vnd.cncf.helm.config.v1+json";
const CONTENT = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
const PROVENANCE = "application/vnd.cncf.helm.chart.provenance.v1.prov";

/** Fetches the archive of `oci://HOST/PATH/CHART`; a tag is the version, `+` written as `_`. */
export async function pullChart(
  call: Invocation,
  address: string,
  wanted: string,
  withProvenance = false,
): Promise<RemoteChart> {
  using opened = open(call);
  const { registry } = opened;
  const named = referenceOf(address);
  const reference = await versioned(registry, named, address, wanted, call.context.signal);
  const artifact = await registry.readArtifact(reference, { signal: call.context.signal });
  const content = artifact.layers.find(({ mediaType }) => mediaType === CONTENT);
  if (content === undefined) {
    throw fault(
      `manifest does not contain a layer with mediatype ${CONTENT}: ${address} is no chart but ${artifact.config.mediaType}`,
    );
  }
  const { metadata } = await loadChart(content.data);
  const where = `${reference.registry}/${reference.repository}`;
  const shown = reference.tag === undefined ? where : `${where}:${reference.tag}`;
  call.context.err(`Pulled: ${shown}\nDigest: ${artifact.descriptor.digest}\n`);
  const signed = artifact.layers.find(({ mediaType }) => mediaType === PROVENANCE);
  return {
    fileName: `${metadata.name}-${metadata.version}.tgz`,
    data: content.data,
    ...(!withProvenance
      ? {}
      : signed === undefined
        ? { provenanceFault: `${address} has no layer of provenance` }
        : { provenance: signed.data }),
  };
}

/** Uploads an archive below `oci://HOST/PATH`; the manifest names the time at which it was made. */
export async function pushChart(
  call: Invocation,
  archive: Buffer,
  remote: string,
  provenance: Buffer | undefined,
  created: Date,
): Promise<void> {
  using opened = open(call);
  const { metadata } = await loadChart(archive);
  const tag = tagOf(metadata.version);
  const reference = { ...referenceOf(`${remote.replace(/\/+$/, "")}/${metadata.name}`), tag };
  const layers: ArtifactBlob[] = [{ mediaType: CONTENT, data: archive }];
  if (provenance !== undefined) layers.push({ mediaType: PROVENANCE, data: provenance });
  const pushed = await opened.registry.pushArtifact(
    {
      config: { mediaType: CONFIG, data: Buffer.from(configOf(metadata)) },
      layers,
      annotations: annotationsOf(metadata, created),
    },
    reference,
    { signal: call.context.signal },
  );
  const where = `${reference.registry}/${reference.repository}:${tag}`;
  call.context.err(`Pushed: ${where}\nDigest: ${pushed.digest}\n`);
}

/** The newest version of a chart in a registry that a constraint allows. */
export async function chooseTag(call: Invocation, address: string, wanted: string): Promise<string> {
  using opened = open(call);
  const chosen = await versioned(opened.registry, referenceOf(address), address, wanted, call.context.signal);
  return (chosen.tag ?? "").replaceAll("_", "+");
}

function open(call: Invocation): Disposable & { readonly registry: Registry } {
  const { env, userHome } = call.context;
  const own = helmHome(call).registryConfig;
  const { flags } = call;
  const skipTlsVerify = flags.has("insecure-skip-tls-verify") && flags.bool("insecure-skip-tls-verify");
  const http = openHttp({ env, userAgent: "Helm/3.22.0", skipTlsVerify });
  const registry = openRegistry({
    http,
    env,
    insecure: flags.has("plain-http") && flags.bool("plain-http"),
    dockerConfig: existsSync(own) ? dirname(own) : env["DOCKER_CONFIG"] || join(userHome, ".docker"),
  });
  return { registry, [Symbol.dispose]: () => http[Symbol.dispose]() };
}

function referenceOf(address: string): Reference {
  try {
    return parseReference(address.slice("oci://".length));
  } catch (error) {
    throw fault(`invalid reference: ${(error as Error).message}`, error);
  }
}

async function versioned(
  registry: Registry,
  named: Reference,
  address: string,
  wanted: string,
  signal: AbortSignal,
): Promise<Reference> {
  if (named.digest !== undefined) return named;
  if (named.tag !== undefined) {
    if (wanted !== "" && tagOf(wanted) !== named.tag) {
      throw fault(`chart reference and version mismatch: ${wanted} is not ${named.tag}`);
    }
    return named;
  }
  if (isExact(wanted)) return { ...named, tag: tagOf(wanted) };
  const tags = await registry.tags(named, { signal });
  if (tags.length === 0) throw fault(`unable to locate any tags in provided repository: ${address}`);
  const constraint = constraintOf(wanted === "" ? "*" : wanted);
  const versions = tags.flatMap((tag) => {
    try {
      return [{ tag, version: parseVersion(tag.replaceAll("_", "+")) }];
    } catch {
      return [];
    }
  });
  const [newest] = versions
    .filter(({ version }) => constraint.allows(version))
    .sort((a, b) => compareVersions(b.version, a.version));
  if (newest === undefined) {
    throw fault(`Could not locate a version matching provided version string ${wanted}`);
  }
  return { ...named, tag: newest.tag };
}

function constraintOf(text: string) {
  try {
    return parseConstraint(text);
  } catch (error) {
    throw fault((error as Error).message, error);
  }
}

function isExact(version: string): boolean {
  try {
    parseStrictVersion(version);
    return true;
  } catch {
    return false;
  }
}

function tagOf(version: string): string {
  return version.replaceAll("+", "_");
}

function configOf(metadata: Metadata): string {
  const plain: unknown = parseYaml(metadataYaml(metadata));
  return JSON.stringify(plain, (_, value: unknown) =>
    value instanceof Map ? Object.fromEntries(value as Map<string, unknown>) : value,
  );
}

/** What the manifest says of the chart; annotations of the chart that have not the same names are taken along. */
function annotationsOf(metadata: Metadata, created: Date): Record<string, string> {
  const own: Record<string, string> = {};
  for (const [name, value] of metadata.annotations) own[name] = value;
  const add = (name: string, value: string): void => {
    if (value.trim() !== "") own[`org.opencontainers.image.${name}`] = value.trim();
  };
  add("title", metadata.name);
  add("version", metadata.version);
  add("description", metadata.description);
  add("url", metadata.home);
  add("created", `${created.toISOString().slice(0, 19)}Z`);
  add("source", metadata.sources[0] ?? "");
  add(
    "authors",
    metadata.maintainers.map(({ name, email }) => (email === "" ? name : `${name} (${email})`)).join(", "),
  );
  return own;
}
