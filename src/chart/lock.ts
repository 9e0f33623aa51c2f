import { printYaml } from "#yaml";
import type { Dependency } from "./chart.ts";
import { jsonForm } from "./go-values.ts";

/** One line of a lock: which version was taken, and from where. */
export interface Locked {
  readonly name: string;
  readonly version: string;
  readonly repository: string;
}

/** Helm's digest of what was asked for and what was taken; it tells whether a lock still fits. */
export function lockDigest(declared: readonly Dependency[], locked: readonly Locked[]): string {
  const text = JSON.stringify([declared.map(ordered), locked.map(ordered)], (_, value: unknown) =>
    value instanceof Map ? Object.fromEntries(value) : value,
  );
  const go = text
    .replaceAll("<", "\\u003c")
    .replaceAll(">", "\\u003e")
    .replaceAll("&", "\\u0026")
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
  return `sha256:${process.getBuiltinModule("node:crypto").createHash("sha256").update(go).digest("hex")}`;
}

/** The text of Chart.lock. */
export function lockText(locked: readonly Locked[], digest: string, generated: string): string {
  return printYaml(
    new Map<string, unknown>([
      ["dependencies", locked.map((one) => new Map(Object.entries(one)))],
      ["digest", digest],
      ["generated", generated],
    ]),
    { convert: jsonForm },
  );
}

/** The fields in the order of Go's struct; what is empty is left out, save name and repository. */
function ordered(one: Locked & Partial<Dependency>): object {
  const { name, version, repository, condition, tags, importValues, alias } = one;
  return {
    name,
    ...(version === "" ? {} : { version }),
    repository,
    ...(condition ? { condition } : {}),
    ...(tags === undefined || tags.length === 0 ? {} : { tags }),
    ...(one.enabled === true ? { enabled: true } : {}),
    ...(importValues === undefined || importValues.length === 0 ? {} : { "import-values": importValues }),
    ...(alias ? { alias } : {}),
  };
}
