import { fromBytes } from "#gotemplate";
import { parseYaml, printYaml } from "#yaml";
import type { Dependency, Lock } from "./chart.ts";
import { list, orNull, pointer, readStruct, struct, text, time } from "./go-struct.ts";
import { jsonForm } from "./go-values.ts";
import { DEPENDENCY } from "./metadata.ts";

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

/**
 * Reads Chart.lock or requirements.lock; undefined where it says nothing.
 *
 * @throws {YamlError} or {SlipwayError} CHART_INVALID with Go's words.
 */
export function readLock(data: Buffer): Lock | undefined {
  return readStruct(parseYaml(fromBytes(data), { integers: "bigint" }), LOCK) ?? undefined;
}

const LOCK = orNull(
  struct<Lock>("chart.Lock", {
    generated: time,
    digest: text,
    dependencies: orNull(list(pointer(DEPENDENCY))),
  }),
);

/** The text of Chart.lock. */
export function lockText(lock: LockOf<Locked>): string {
  return printYaml(lockMap(lock), { convert: jsonForm });
}

/** A lock as a map, as Helm writes it. */
export function lockMap({ dependencies, digest, generated }: LockOf<Locked>): Map<string, unknown> {
  const lines = dependencies && dependencies.map((one) => one && new Map(Object.entries(ordered(one))));
  return new Map<string, unknown>([
    ["dependencies", lines],
    ["digest", digest],
    ["generated", generated],
  ]);
}

type LockOf<Line> = Omit<Lock, "dependencies"> & { readonly dependencies: readonly (Line | null)[] | null };

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
