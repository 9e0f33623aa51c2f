import { compareVersions, parseVersion } from "#semver";
import { printYaml } from "#yaml";
import { jsonForm } from "./go-values.ts";
import { loadChart } from "./load.ts";
import { metadataMap } from "./metadata-yaml.ts";

export interface IndexedArchive {
  /** The address that the index gives, absolute or relative to the index. */
  readonly url: string;
  readonly data: Uint8Array;
}

/**
 * The index.yaml of a repository with these archives; of one chart the newest version comes first.
 *
 * @throws {SlipwayError} as loadChart does, for an archive that is no chart.
 */
export async function repositoryIndex(archives: readonly IndexedArchive[], time: string): Promise<string> {
  const { createHash } = process.getBuiltinModule("node:crypto");
  const entries = new Map<string, { version: string; entry: Map<string, unknown> }[]>();
  for (const { url, data } of archives) {
    const { metadata } = await loadChart(data);
    const entry = metadataMap(metadata);
    entry.set("created", time);
    entry.set("digest", createHash("sha256").update(data).digest("hex"));
    entry.set("urls", [url]);
    const known = entries.get(metadata.name) ?? [];
    entries.set(metadata.name, [...known, { version: metadata.version, entry }]);
  }
  const sorted = [...entries].map(
    ([name, list]) => [name, list.sort(newestFirst).map(({ entry }) => entry)] as const,
  );
  const index = new Map<string, unknown>([
    ["apiVersion", "v1"],
    ["entries", new Map(sorted)],
    ["generated", time],
  ]);
  return printYaml(index, { convert: jsonForm });
}

function newestFirst(a: { readonly version: string }, b: { readonly version: string }): number {
  return compareVersions(parseVersion(b.version), parseVersion(a.version));
}
