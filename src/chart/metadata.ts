import { SlipwayError } from "#errors";
import { fromBytes } from "#gotemplate";
import { parseVersion } from "#semver";
import { parseYaml } from "#yaml";
import type { Dependency, Maintainer, Metadata } from "./chart.ts";
import { anything, flag, list, mapOf, pointer, readStruct, struct, text, type Shape } from "./go-struct.ts";

/** Metadata as a file has it: an entry of a list may be empty. */
export type DeclaredMetadata = Omit<Metadata, "maintainers" | "dependencies"> & {
  maintainers: (Maintainer | null)[];
  dependencies: (Dependency | null)[];
};

const MAINTAINER = struct<Maintainer>("chart.Maintainer", { name: text, email: text, url: text });

/** One dependency of Chart.yaml or of a lock. */
export const DEPENDENCY: Shape<Dependency> = struct<Dependency>(
  "chart.Dependency",
  {
    name: text,
    version: text,
    repository: text,
    condition: text,
    tags: list(text),
    enabled: flag,
    importValues: list(anything),
    alias: text,
  },
  { importValues: "import-values" },
);

const METADATA = struct<DeclaredMetadata>("chart.Metadata", {
  name: text,
  home: text,
  sources: list(text),
  version: text,
  description: text,
  keywords: list(text),
  maintainers: list(pointer(MAINTAINER)),
  icon: text,
  apiVersion: text,
  condition: text,
  tags: text,
  appVersion: text,
  deprecated: flag,
  annotations: mapOf(text),
  kubeVersion: text,
  dependencies: list(pointer(DEPENDENCY)),
  type: text,
});

/** Metadata that says nothing. */
export function emptyMetadata(): Metadata {
  return METADATA.zero() as Metadata;
}

/**
 * Reads Chart.yaml or requirements.yaml into `metadata`, upon what is there.
 *
 * @throws {YamlError} or {SlipwayError} CHART_INVALID with Go's words.
 */
export function readMetadata(data: Buffer, metadata: DeclaredMetadata): void {
  readStruct(parseYaml(fromBytes(data), { integers: "bigint" }), METADATA, metadata);
}

/**
 * Checks the metadata and makes its texts printable.
 *
 * @throws {SlipwayError} CHART_INVALID, `validation: chart.metadata.name is required` and the like.
 */
export function validateMetadata(metadata: DeclaredMetadata): asserts metadata is Metadata {
  sanitizeTexts(metadata, [
    "name",
    "description",
    "home",
    "icon",
    "condition",
    "tags",
    "appVersion",
    "kubeVersion",
  ]);
  metadata.sources = metadata.sources.map(sanitize);
  metadata.keywords = metadata.keywords.map(sanitize);
  const { name, version } = metadata;
  if (metadata.apiVersion === "") throw invalid("validation: chart.metadata.apiVersion is required");
  if (name === "") throw invalid("validation: chart.metadata.name is required");
  if (name === "." || name === "..")
    throw invalid(`validation: chart.metadata.name ${quoted(name)} is not allowed`);
  if (name.includes("/")) throw invalid(`validation: chart.metadata.name ${quoted(name)} is invalid`);
  if (version === "") throw invalid("validation: chart.metadata.version is required");
  if (!isVersion(version)) throw invalid(`validation: chart.metadata.version ${quoted(version)} is invalid`);
  if (!["", "application", "library"].includes(metadata.type)) {
    throw invalid("validation: chart.metadata.type must be application or library");
  }
  for (const maintainer of metadata.maintainers) {
    if (maintainer === null) throw invalid("validation: maintainers must not contain empty or null nodes");
    sanitizeTexts(maintainer, ["name", "email", "url"]);
  }
  const known = new Set<string>();
  for (const dependency of metadata.dependencies) {
    if (dependency === null) throw invalid("validation: dependencies must not contain empty or null nodes");
    sanitizeTexts(dependency, ["name", "version", "repository", "condition"]);
    dependency.tags = dependency.tags.map(sanitize);
    if (dependency.alias !== "" && !/^[a-zA-Z0-9_-]+$/.test(dependency.alias)) {
      throw invalid(
        `validation: dependency ${quoted(dependency.name)} has disallowed characters in the alias`,
      );
    }
    const key = dependency.alias === "" ? dependency.name : dependency.alias;
    if (known.has(key))
      throw invalid(`validation: more than one dependency with name or alias ${quoted(key)}`);
    known.add(key);
  }
}

/** Whether a text is a semantic version, as far as Helm is strict about it. */
export function isVersion(text: string): boolean {
  try {
    parseVersion(text);
    return true;
  } catch {
    return false;
  }
}

function sanitizeTexts<Key extends string>(texts: Record<Key, string>, keys: readonly Key[]): void {
  for (const key of keys) texts[key] = sanitize(texts[key]);
}

function sanitize(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(/(?!\ufeff)[\s\x85]/g, " ").replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, "");
}

const PLAIN = /^[ -~]*$/;

function quoted(text: string): string {
  return JSON.stringify(text);
}

function invalid(message: string): SlipwayError {
  return new SlipwayError("CHART_INVALID", message);
}
