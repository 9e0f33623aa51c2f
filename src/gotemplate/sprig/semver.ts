import { compareVersions, parseConstraint, parseVersion, Version } from "#semver";
import { define, type TemplateFunction } from "../function.ts";
import { GoNumber, type GoObject, type Value } from "../value.ts";

export function semverFunctions(): readonly TemplateFunction[] {
  return [
    define(
      "semver",
      "func(string) (*semver.Version, error)",
      (text) => new GoVersion(parseVersion(text), true),
    ),
    define("semverCompare", "func(string, string) (bool, error)", (constraint, version) => {
      const allowed = parseConstraint(constraint);
      return allowed.allows(parseVersion(version));
    }),
  ];
}

/** A `*semver.Version`, or a `semver.Version` as its methods give it, which lacks the methods of the pointer. */
export class GoVersion implements GoObject {
  readonly version: Version;
  readonly goType: string;

  constructor(version: Version, isPointer: boolean) {
    this.version = version;
    this.goType = isPointer ? "*semver.Version" : "semver.Version";
  }

  field(): undefined {
    return undefined;
  }

  method(name: string): TemplateFunction | undefined {
    const found = METHODS[name]?.(this.version);
    if (found !== undefined) return found;
    return this.goType.startsWith("*") ? POINTER_METHODS[name]?.(this.version) : undefined;
  }

  print(): string {
    return this.version.toString();
  }

  *fields(): Iterable<readonly [string, Value]> {
    for (const part of ["major", "minor", "patch"] as const)
      yield [part, new GoNumber("uint64", this.version[part])];
    yield ["pre", this.version.prerelease];
    yield ["metadata", this.version.metadata];
    yield ["original", this.version.original];
  }

  /** What encoding/json writes. */
  json(): Value {
    return this.version.toString();
  }

  /** Go's copier sees no exported field, so that the copy is the zero version. */
  deepCopy(): GoVersion {
    const zero = { major: 0n, minor: 0n, patch: 0n, prerelease: "", metadata: "" };
    return new GoVersion(new Version(zero, ""), this.goType.startsWith("*"));
  }
}

type MethodTable = Readonly<Record<string, (version: Version) => TemplateFunction>>;

const METHODS: MethodTable = {
  Major: (version) => define("Major", "func() uint64", () => new GoNumber("uint64", version.major)),
  Minor: (version) => define("Minor", "func() uint64", () => new GoNumber("uint64", version.minor)),
  Patch: (version) => define("Patch", "func() uint64", () => new GoNumber("uint64", version.patch)),
  Prerelease: (version) => define("Prerelease", "func() string", () => version.prerelease),
  Metadata: (version) => define("Metadata", "func() string", () => version.metadata),
  String: (version) => define("String", "func() string", () => version.toString()),
  IncMajor: (version) =>
    define("IncMajor", "func() semver.Version", () => new GoVersion(version.nextMajor(), false)),
  IncMinor: (version) =>
    define("IncMinor", "func() semver.Version", () => new GoVersion(version.nextMinor(), false)),
  IncPatch: (version) =>
    define("IncPatch", "func() semver.Version", () => new GoVersion(version.nextPatch(), false)),
  SetPrerelease: (version) =>
    define(
      "SetPrerelease",
      "func(string) (semver.Version, error)",
      (text) => new GoVersion(version.withPrerelease(text), false),
    ),
  SetMetadata: (version) =>
    define(
      "SetMetadata",
      "func(string) (semver.Version, error)",
      (text) => new GoVersion(version.withMetadata(text), false),
    ),
};

const POINTER_METHODS: MethodTable = {
  Original: (version) => define("Original", "func() string", () => version.original),
  Compare: (version) =>
    define("Compare", "func(*semver.Version) int", (other) =>
      BigInt(compareVersions(version, versionOf(other))),
    ),
  Equal: (version) => comparison("Equal", version, (order) => order === 0),
  LessThan: (version) => comparison("LessThan", version, (order) => order < 0),
  LessThanEqual: (version) => comparison("LessThanEqual", version, (order) => order <= 0),
  GreaterThan: (version) => comparison("GreaterThan", version, (order) => order > 0),
  GreaterThanEqual: (version) => comparison("GreaterThanEqual", version, (order) => order >= 0),
};

function comparison(name: string, version: Version, holds: (order: number) => boolean): TemplateFunction {
  return define(name, "func(*semver.Version) bool", (other) =>
    holds(compareVersions(version, versionOf(other))),
  );
}

function versionOf(value: Value): Version {
  if (value instanceof GoVersion) return value.version;
  throw new Error("runtime error: invalid memory address or nil pointer dereference");
}
