import { SlipwayError } from "#errors";
import { compareVersions, parseConstraint, parseVersion } from "#semver";
import { parseYaml } from "#yaml";

/** One version of a chart in an index. */
export interface ChartVersion {
  readonly name: string;
  readonly version: string;
  readonly appVersion: string;
  readonly description: string;
  readonly keywords: readonly string[];
  readonly deprecated: boolean;
  /** Where the archive is, absolute or relative to the index. */
  readonly urls: readonly string[];
  /** SHA-256 of the archive, in hex; empty when the index does not say. */
  readonly digest: string;
}

/** By chart the versions, newest first. */
export type RepositoryIndex = ReadonlyMap<string, readonly ChartVersion[]>;

/**
 * Reads an index.yaml. Versions that are none are left out.
 *
 * @throws {SlipwayError} CHART_REPOSITORY with Helm's words.
 */
export function parseIndex(text: string): RepositoryIndex {
  const file = parsed(text);
  if (!(file instanceof Map)) throw fault("empty index.yaml file");
  if ((file.get("apiVersion") ?? "") === "") throw fault("no API version specified");
  const index = new Map<string, readonly ChartVersion[]>();
  const entries = file.get("entries") as unknown;
  if (!(entries instanceof Map)) return index;
  for (const [name, list] of entries as ReadonlyMap<string, unknown>) {
    if (!Array.isArray(list)) continue;
    const versions = list.filter((one) => one instanceof Map).map((one) => versionOf(name, one));
    index.set(name, newestFirst(versions));
  }
  return index;
}

/**
 * The newest version that a constraint allows; a version that is written as it stands in the index comes first.
 *
 * @param wanted empty: the newest that is no prerelease.
 * @throws {SlipwayError} CHART_REPOSITORY with Helm's words.
 */
export function chooseVersion(index: RepositoryIndex, name: string, wanted: string): ChartVersion {
  const versions = index.get(name);
  if (versions === undefined || versions.length === 0) throw fault("no chart name found");
  const exact = wanted === "" ? undefined : versions.find(({ version }) => version === wanted);
  if (exact !== undefined) return exact;
  let constraint;
  try {
    constraint = parseConstraint(wanted === "" ? "*" : wanted);
  } catch (error) {
    throw fault((error as Error).message, error);
  }
  const found = versions.find(({ version }) => constraint.allows(parseVersion(version)));
  if (found === undefined) throw fault(`no chart version found for ${name}-${wanted}`);
  return found;
}

function parsed(text: string): unknown {
  try {
    return text.trimStart().startsWith("{") ? (toMap(JSON.parse(text)) as unknown) : parseYaml(text);
  } catch (error) {
    throw fault((error as Error).message, error);
  }
}

function toMap(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toMap);
  if (typeof value !== "object" || value === null) return value;
  return new Map(Object.entries(value).map(([key, one]) => [key, toMap(one)]));
}

function versionOf(name: string, map: ReadonlyMap<string, unknown>): ChartVersion {
  const text = (key: string): string => {
    const value = map.get(key);
    return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
  };
  const texts = (key: string): string[] => {
    const value = map.get(key);
    return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
  };
  return {
    name,
    version: text("version"),
    appVersion: text("appVersion"),
    description: text("description"),
    keywords: texts("keywords"),
    deprecated: map.get("deprecated") === true,
    urls: texts("urls"),
    digest: text("digest"),
  };
}

function newestFirst(versions: readonly ChartVersion[]): ChartVersion[] {
  return versions
    .flatMap((one) => {
      try {
        return [{ one, parsed: parseVersion(one.version) }];
      } catch {
        return [];
      }
    })
    .sort((a, b) => compareVersions(b.parsed, a.parsed))
    .map(({ one }) => one);
}

function fault(message: string, cause?: unknown): SlipwayError {
  return new SlipwayError("CHART_REPOSITORY", message, { cause });
}
