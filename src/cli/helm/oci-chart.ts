import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { loadChart, metadataJson, type Metadata } from "#chart";
import type { SlipwayError } from "#errors";
import {
  digestOf,
  formatReference,
  parseFullReference,
  type Artifact,
  type ArtifactBlob,
  type Reference,
  type Registry,
} from "#oci";
import { compareVersions, parseConstraint, parseStrictVersion, parseVersion } from "#semver";
import type { Invocation } from "../command.ts";
import { fault } from "./arguments.ts";
import { inHelmsWords } from "./registry-fault.ts";
import { loginOf, openHelmRegistry, type OpenedRegistry } from "./registry.ts";
import type { RemoteChart } from "./remote-chart.ts";
import { certificatesOf } from "./tls.ts";

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
  using opened = await open(call);
  const { registry } = opened;
  const { signal } = call.context;
  const { reference, version } = await versioned(registry, address, wanted, signal);
  const artifact = await inHelmsWords(
    { doing: 'failed to perform "FetchReference" on source', wanted: reference },
    registry.readArtifact(reference, { signal }),
  );
  const data = contentOf(artifact);
  const place = formatReference(reference);
  const of = version === "" ? `@${reference.digest}` : `:${version}`;
  report(call, "Pulled", place, artifact.descriptor.digest);
  const provenance = artifact.layers.find(({ mediaType }) => mediaType === PROVENANCE)?.data;
  return {
    fileName: `${basename(reference.repository)}${of.replace(/:(?=[^:]*$)/, "-")}.tgz`,
    address: `oci://${reference.registry}/${reference.repository}${of}`,
    data,
    ...(!withProvenance
      ? {}
      : provenance === undefined
        ? { provenanceFault: lacking(PROVENANCE) }
        : { provenance }),
  };
}

/** Uploads an archive below `oci://HOST/PATH`; the manifest names the time at which it was made. */
export async function pushChart(
  call: Invocation,
  path: string,
  remote: string,
  provenance: Buffer | undefined,
  created: Date,
): Promise<void> {
  const { metadata } = await loadChart(path);
  const archive = await readFile(path);
  using opened = await open(call);
  const tag = tagOf(metadata.version);
  const reference = { ...referenceOf(`${remote.replace(/\/+$/, "")}/${metadata.name}`), tag };
  const layers: ArtifactBlob[] = [{ mediaType: CONTENT, data: archive }];
  if (provenance !== undefined) layers.push({ mediaType: PROVENANCE, data: provenance });
  const pushed = await inHelmsWords(
    { doing: 'failed to perform "Exists" on destination' },
    opened.registry.pushArtifact(
      {
        config: { mediaType: CONFIG, data: Buffer.from(metadataJson(metadata)) },
        layers: layers.toSorted((a, b) => (digestOf(a.data) < digestOf(b.data) ? -1 : 1)),
        annotations: annotationsOf(metadata, created),
      },
      reference,
      { signal: call.context.signal },
    ),
  );
  report(call, "Pushed", formatReference(reference), pushed.digest);
}

/**
 * The version that a dependency's range means: what names one is taken as it is, and so is a range that no tag fits, to
 * be refused when it is fetched.
 */
export async function chooseTag(
  call: Invocation,
  repository: string,
  name: string,
  wanted: string,
): Promise<string> {
  if (isVersion(wanted)) return wanted;
  using opened = await open(call);
  const reference = referenceOf(`${repository.replace(/\/+$/, "")}/${name}`);
  const doing = `could not retrieve list of tags for repository ${repository}`;
  const versions = await versionsOf(opened.registry, reference, call.context.signal, doing);
  return newest(versions, wanted) ?? wanted;
}

async function open(call: Invocation): Promise<OpenedRegistry> {
  return openHelmRegistry(call, certificatesOf(call), loginOf(call));
}

function contentOf({ config, layers }: Artifact): Buffer {
  const known = [CONFIG, CONTENT];
  const found = [config, ...layers].filter(({ mediaType }) => known.includes(mediaType)).length + 1;
  if (found < 2) {
    throw fault(
      `manifest does not contain minimum number of descriptors (2), descriptors found: ${found}`,
      new Error(`it is no chart but ${config.mediaType}`),
    );
  }
  if (config.mediaType !== CONFIG) throw fault(`could not load config with mediatype ${CONFIG}`);
  const content = layers.find(({ mediaType }) => mediaType === CONTENT);
  if (content === undefined) throw lacking(CONTENT);
  return content.data;
}

function lacking(mediaType: string): SlipwayError {
  return fault(`manifest does not contain a layer with mediatype ${mediaType}`);
}

function report(call: Invocation, done: "Pulled" | "Pushed", place: string, digest: string): void {
  call.context.err(`${done}: ${place}\nDigest: ${digest}\n`);
  if (!place.includes("_")) return;
  call.context.err(
    `${place} contains an underscore.\n\nTags of registries cannot hold a plus sign (+): the version of a chart is written there with an\nunderscore (_), and read back with a plus sign.\n`,
  );
}

function referenceOf(address: string): Reference {
  const [, place = "", tag, digest = ""] = /^oci:\/\/(.*?)(?::([^:/@]*))?(@.*)?$/.exec(address) ?? [];
  const read = (text: string, wrong: string): Reference => {
    try {
      return parseFullReference(text);
    } catch (error) {
      throw fault(`invalid reference: ${wrong}`, error);
    }
  };
  read(place, `invalid repository ${JSON.stringify(place.replace(/^[^/]*\//, ""))}`);
  if (tag === undefined)
    return read(`${place}${digest}`, `invalid digest ${JSON.stringify(digest.slice(1))}`);
  return read(`${place}:${tagOf(tag)}${digest}`, `invalid tag ${JSON.stringify(tag)}`);
}

/** A reference and the version that it stands for; none where a digest alone says what is meant. */
async function versioned(
  registry: Registry,
  address: string,
  wanted: string,
  signal: AbortSignal,
): Promise<{ readonly reference: Reference; readonly version: string }> {
  const named = referenceOf(address);
  if (wanted !== "" && named.tag !== undefined && tagOf(wanted) !== named.tag) {
    throw fault(`chart reference and version mismatch: ${wanted} is not ${named.tag}`);
  }
  const asked = wanted === "" ? versionOf(named.tag ?? "") : wanted;
  if (named.digest !== undefined) {
    await checkDigest(registry, named, asked, signal);
    const { registry: host, repository, digest } = named;
    return { reference: { registry: host, repository, digest }, version: "" };
  }
  if (isVersion(asked)) return { reference: { ...named, tag: tagOf(asked) }, version: asked };
  const versions = await versionsOf(registry, named, signal);
  if (versions.length === 0) throw fault(`Unable to locate any tags in provided repository: ${address}`);
  const version = newest(versions, asked);
  if (version === undefined) {
    throw fault(`Could not locate a version matching provided version string ${asked}`);
  }
  return { reference: { ...named, tag: tagOf(version) }, version };
}

/** A tag beside a digest must not mean something else; it need not be there. */
async function checkDigest(
  registry: Registry,
  { registry: host, repository, digest }: Reference,
  version: string,
  signal: AbortSignal,
): Promise<void> {
  if (version === "") return;
  const found = await registry
    .resolve({ registry: host, repository, tag: tagOf(version) }, { signal })
    .catch(() => undefined);
  if (found === undefined || found.digest === digest) return;
  throw fault(`chart reference digest mismatch: ${found.digest} is not ${digest}`);
}

/** The tags of a repository that are versions, newest first. */
async function versionsOf(
  registry: Registry,
  reference: Reference,
  signal: AbortSignal,
  doing?: string,
): Promise<readonly string[]> {
  const tags = await inHelmsWords(doing === undefined ? {} : { doing }, registry.tags(reference, { signal }));
  return tags
    .flatMap((tag) => {
      try {
        return [{ text: versionOf(tag), version: parseStrictVersion(versionOf(tag)) }];
      } catch {
        return [];
      }
    })
    .toSorted((a, b) => compareVersions(b.version, a.version))
    .map(({ text }) => text);
}

function newest(versions: readonly string[], wanted: string): string | undefined {
  if (versions.includes(wanted)) return wanted;
  const constraint = constraintOf(wanted === "" ? "*" : wanted);
  return versions.find((version) => constraint.allows(parseVersion(version)));
}

function constraintOf(text: string) {
  try {
    return parseConstraint(text);
  } catch (error) {
    throw fault((error as Error).message, error);
  }
}

function isVersion(text: string): boolean {
  try {
    parseVersion(text);
    return true;
  } catch {
    return false;
  }
}

function tagOf(version: string): string {
  return version.replaceAll("+", "_");
}

function versionOf(tag: string): string {
  return tag.replaceAll("_", "+");
}

/** What the manifest says of the chart; its own annotations go before, but for its name and version. */
function annotationsOf(metadata: Metadata, created: Date): Record<string, string> {
  const image = (names: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(names)
        .filter(([, value]) => value.trim() !== "")
        .map(([name, value]) => [`org.opencontainers.image.${name}`, value]),
    );
  const authors = metadata.maintainers.map(({ name, email }) => (email === "" ? name : `${name} (${email})`));
  return {
    ...image({
      description: metadata.description,
      url: metadata.home,
      created: `${created.toISOString().slice(0, 19)}Z`,
      source: metadata.sources[0] ?? "",
      authors: authors.join(", "),
    }),
    ...Object.fromEntries(metadata.annotations),
    ...image({ title: metadata.name, version: metadata.version }),
  };
}
