import { compareVersions, parseVersion } from "#semver";
import { compareStrings } from "#gotemplate";
import { parseYaml, printYaml } from "#yaml";
import { jsonForm } from "./go-values.ts";
import { loadChart } from "./load.ts";
import { metadataMap } from "./metadata-yaml.ts";

export interface IndexedArchive {
  /** The address that the index gives, absolute or relative to the index. */
  readonly url: string;
  readonly data: Uint8Array;
}

export interface RepositoryIndexOptions {
  /** Another index, whose entries are taken where these archives have no chart of that name and version. */
  readonly merge?: string;
  /** JSON instead of YAML. */
  readonly json?: boolean;
}

type Entry = ReadonlyMap<string, unknown>;

/** The order in which Helm writes an entry as JSON; its YAML is sorted. */
const ENTRY_FIELDS = [
  ...["name", "home", "sources", "version", "description", "keywords", "maintainers", "icon", "apiVersion"],
  ...["condition", "tags", "appVersion", "deprecated", "annotations", "kubeVersion", "dependencies", "type"],
  ...["urls", "created", "removed", "digest"],
];

/**
 * The index.yaml of a repository with these archives; of one chart the newest version comes first.
 *
 * @throws {SlipwayError} as loadChart does, for an archive that is no chart; YAML_SYNTAX for an index that is none.
 */
export async function repositoryIndex(
  archives: readonly IndexedArchive[],
  time: string,
  options: RepositoryIndexOptions = {},
): Promise<string> {
  const { createHash } = process.getBuiltinModule("node:crypto");
  const entries = new Map<string, Entry[]>();
  const add = (name: string, entry: Entry): void =>
    void entries.set(name, [...(entries.get(name) ?? []), entry]);
  for (const { url, data } of archives) {
    const { metadata } = await loadChart(data);
    const entry = metadataMap(metadata);
    entry.set("created", time);
    entry.set("digest", createHash("sha256").update(data).digest("hex"));
    entry.set("urls", [url]);
    add(metadata.name, entry);
  }
  for (const entry of options.merge === undefined ? [] : entriesOf(options.merge)) {
    const name = textOf(entry, "name");
    const known = entries.get(name) ?? [];
    if (!known.some((one) => textOf(one, "version") === textOf(entry, "version"))) add(name, entry);
  }
  const sorted = [...entries].sort(([a], [b]) => compareStrings(a, b));
  const charts = new Map(sorted.map(([name, list]) => [name, list.sort(newestFirst)] as const));
  if (options.json === true) return indexJson(charts, time);
  const index = new Map<string, unknown>([
    ["apiVersion", "v1"],
    ["entries", charts],
    ["generated", time],
  ]);
  return printYaml(index, { convert: jsonForm });
}

/** The entries of an index as they are written there. */
function entriesOf(text: string): Entry[] {
  const index = parseYaml(text);
  const charts = index instanceof Map ? index.get("entries") : undefined;
  if (!(charts instanceof Map)) return [];
  return [...charts.values()].flatMap((list) =>
    Array.isArray(list) ? list.filter((one) => one instanceof Map) : [],
  );
}

function indexJson(charts: ReadonlyMap<string, readonly Entry[]>, time: string): string {
  const ordered = (entry: Entry): object =>
    Object.fromEntries(ENTRY_FIELDS.filter((name) => entry.has(name)).map((name) => [name, entry.get(name)]));
  const entries = Object.fromEntries([...charts].map(([name, list]) => [name, list.map(ordered)]));
  const index = { apiVersion: "v1", generated: time, entries };
  const plain = (_: string, value: unknown): unknown =>
    value instanceof Map ? Object.fromEntries(value as Map<string, unknown>) : value;
  return JSON.stringify(index, plain, 2).replace(
    /[<>&]/g,
    (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`,
  );
}

function newestFirst(a: Entry, b: Entry): number {
  return compareVersions(parseVersion(textOf(b, "version")), parseVersion(textOf(a, "version")));
}

function textOf(entry: Entry, name: string): string {
  return String(entry.get(name) ?? "");
}
