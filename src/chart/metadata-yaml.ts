import { printYaml } from "#yaml";
import type { Dependency, Metadata } from "./chart.ts";
import { jsonForm } from "./go-values.ts";

/** Chart.yaml as Helm writes it: sorted keys, nothing that is empty. */
export function metadataYaml(metadata: Metadata): string {
  return printYaml(metadataMap(metadata), { convert: jsonForm });
}

/** The same as a map, for an index. */
export function metadataMap(metadata: Metadata): Map<string, unknown> {
  const { maintainers, dependencies, annotations, ...plain } = metadata;
  const map = withoutEmpty(Object.entries(plain));
  if (annotations.size > 0) map.set("annotations", annotations);
  if (maintainers.length > 0)
    map.set(
      "maintainers",
      maintainers.map((one) => withoutEmpty(Object.entries(one))),
    );
  if (dependencies.length > 0) map.set("dependencies", dependencies.map(dependencyMap));
  return map;
}

/** A declared dependency; name and repository stand there even when empty. */
export function dependencyMap(dependency: Dependency): Map<string, unknown> {
  const { name, version, repository, condition, tags, enabled, importValues, alias } = dependency;
  const rest = withoutEmpty(
    Object.entries({ version, condition, tags, enabled, "import-values": importValues, alias }),
  );
  return new Map<string, unknown>([["name", name], ["repository", repository], ...rest]);
}

function withoutEmpty(entries: readonly [string, unknown][]): Map<string, unknown> {
  return new Map(
    entries.filter(
      ([, value]) => value !== "" && value !== false && !(Array.isArray(value) && value.length === 0),
    ),
  );
}
