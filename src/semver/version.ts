const MAX_UINT64 = 2n ** 64n - 1n;
const MAX_LENGTH = 256;

const LOOSE =
  /^v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/;

/** A text that is no version, or a constraint that cannot be read. */
export class VersionError extends Error {
  override readonly name = "VersionError";
}

export interface VersionParts {
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  /** What stands after the `-`, without it; empty for a release. */
  readonly prerelease: string;
  /** What stands after the `+`, without it. */
  readonly metadata: string;
}

/** A version; it never changes. Its text form is complete and has no leading `v`. */
export class Version implements VersionParts {
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  readonly prerelease: string;
  readonly metadata: string;
  /** The text that was parsed. */
  readonly original: string;

  constructor(parts: VersionParts, original?: string) {
    this.major = parts.major;
    this.minor = parts.minor;
    this.patch = parts.patch;
    this.prerelease = parts.prerelease;
    this.metadata = parts.metadata;
    this.original = original ?? this.toString();
  }

  toString(): string {
    const core = `${this.major}.${this.minor}.${this.patch}`;
    const prerelease = this.prerelease === "" ? "" : `-${this.prerelease}`;
    return core + prerelease + (this.metadata === "" ? "" : `+${this.metadata}`);
  }

  /** The release after this one. A prerelease becomes its release. */
  nextPatch(): Version {
    if (this.prerelease !== "") return this.#with({ prerelease: "", metadata: "" });
    return this.#with({ patch: next(this.patch, "patch"), prerelease: "", metadata: "" });
  }

  nextMinor(): Version {
    return this.#with({ minor: next(this.minor, "minor"), patch: 0n, prerelease: "", metadata: "" });
  }

  nextMajor(): Version {
    return this.#with({
      major: next(this.major, "major"),
      minor: 0n,
      patch: 0n,
      prerelease: "",
      metadata: "",
    });
  }

  /** @throws {VersionError} when the text is no prerelease. */
  withPrerelease(prerelease: string): Version {
    if (prerelease !== "") checkPrerelease(prerelease);
    return this.#with({ prerelease });
  }

  /** @throws {VersionError} when the text is no build metadata. */
  withMetadata(metadata: string): Version {
    if (metadata !== "") checkMetadata(metadata);
    return this.#with({ metadata });
  }

  #with(change: Partial<VersionParts>): Version {
    const { major, minor, patch, prerelease, metadata } = this;
    const changed = new Version({ major, minor, patch, prerelease, metadata, ...change });
    return this.original.startsWith("v") ? new Version(changed, `v${changed}`) : changed;
  }
}

/**
 * Reads `1`, `v1.2`, `1.2.3-rc.1+build`; what is missing is 0, and leading zeros of the three numbers are dropped.
 *
 * @throws {VersionError}
 */
export function parseVersion(text: string): Version {
  checkLength(text);
  const match = LOOSE.exec(text);
  if (match === null) throw new VersionError("invalid semantic version");
  const [, major = "0", minor = "0", patch = "0", prerelease = "", metadata = ""] = match;
  const parts = {
    major: segment(major, "error parsing version segment: "),
    minor: segment(minor, "error parsing version segment: "),
    patch: segment(patch, "error parsing version segment: "),
    prerelease,
    metadata,
  };
  if (prerelease !== "") checkPrerelease(prerelease);
  return new Version(parts, text);
}

/**
 * Reads a complete version, as the specification has it: `1.2.3-rc.1+build`.
 *
 * @throws {VersionError}
 */
export function parseStrictVersion(text: string): Version {
  if (text === "") throw new VersionError("version string empty");
  checkLength(text);
  const [major, minor, ...others] = text.split(".");
  if (major === undefined || minor === undefined || others.length === 0)
    throw new VersionError("invalid semantic version");
  const [beforeMetadata, metadata] = cut(others.join("."), "+");
  if (metadata !== undefined) checkMetadata(metadata);
  const [patch, prerelease] = cut(beforeMetadata, "-");
  if (prerelease !== undefined) checkPrerelease(prerelease);
  for (const part of [major, minor, patch]) {
    if (!/^[0-9]*$/.test(part)) throw new VersionError("invalid characters in version");
    if (part.length > 1 && part.startsWith("0")) throw new VersionError("version segment starts with 0");
  }
  return new Version(
    {
      major: segment(major),
      minor: segment(minor),
      patch: segment(patch),
      prerelease: prerelease ?? "",
      metadata: metadata ?? "",
    },
    text,
  );
}

/** Negative when `a` comes before `b`; build metadata does not count. Fits `Array.prototype.sort`. */
export function compareVersions(a: Version, b: Version): -1 | 0 | 1 {
  return (
    compare(a.major, b.major) ||
    compare(a.minor, b.minor) ||
    compare(a.patch, b.patch) ||
    comparePrereleases(a.prerelease, b.prerelease)
  );
}

/** As compareVersions() for the part after the `-`; a release, which has none, comes last. */
export function comparePrereleases(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  if (a === "") return 1;
  if (b === "") return -1;
  const [left, right] = [a.split("."), b.split(".")];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const order = compareIdentifiers(left[at] ?? "", right[at] ?? "");
    if (order !== 0) return order;
  }
  return 0;
}

function compareIdentifiers(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  if (a === "") return -1;
  if (b === "") return 1;
  const [left, right] = [asNumber(a), asNumber(b)];
  if (left === undefined && right === undefined) return a > b ? 1 : -1;
  if (right === undefined) return -1;
  if (left === undefined) return 1;
  return left > right ? 1 : -1;
}

function asNumber(identifier: string): bigint | undefined {
  if (!/^[0-9]+$/.test(identifier)) return undefined;
  const number = BigInt(identifier);
  return number > MAX_UINT64 ? undefined : number;
}

function compare(a: bigint, b: bigint): -1 | 0 | 1 {
  return a < b ? -1 : a > b ? 1 : 0;
}

function next(part: bigint, name: string): bigint {
  if (part === MAX_UINT64) throw new VersionError(`${name} version increment would overflow uint64`);
  return part + 1n;
}

function checkLength(text: string): void {
  if (Buffer.byteLength(text) > MAX_LENGTH)
    throw new VersionError(`version string is too long (max ${MAX_LENGTH} bytes)`);
}

function segment(digits: string, context = ""): bigint {
  if (digits === "") throw new VersionError(`${context}strconv.ParseUint: parsing "": invalid syntax`);
  const number = BigInt(digits);
  if (number > MAX_UINT64)
    throw new VersionError(`${context}strconv.ParseUint: parsing "${digits}": value out of range`);
  return number;
}

function cut(text: string, separator: string): [before: string, after: string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function checkPrerelease(text: string): void {
  for (const part of text.split(".")) {
    if (/^[0-9]+$/.test(part)) {
      if (part.length > 1 && part.startsWith("0")) throw new VersionError("version segment starts with 0");
    } else if (!/^[0-9A-Za-z-]+$/.test(part)) {
      throw new VersionError("invalid prerelease string");
    }
  }
}

function checkMetadata(text: string): void {
  if (!text.split(".").every((part) => /^[0-9A-Za-z-]+$/.test(part)))
    throw new VersionError("invalid metadata string");
}
