import { SlipwayError } from "#errors";
import { isDigest } from "./digest.ts";
import type { Descriptor, ImageConfig, Index, Manifest, PlatformDescriptor } from "./image.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * A manifest or index as a registry or layout gave it, checked so far that its fields are what the types say.
 *
 * @throws {SlipwayError} OCI_MANIFEST
 */
export function parseManifest(bytes: Uint8Array, what: string): Manifest | Index {
  const fields = parseObject(bytes, what);
  if (Array.isArray(fields["manifests"]) && fields["manifests"].every(isDescriptor))
    return fields as unknown as Index;
  const isManifest =
    Array.isArray(fields["layers"]) && fields["layers"].every(isDescriptor) && isDescriptor(fields["config"]);
  if (isManifest) return fields as unknown as Manifest;
  throw senseless(what, "it is neither a manifest nor an index of a known kind");
}

/** @throws {SlipwayError} OCI_MANIFEST when it is not the configuration of an image with so many layers */
export function parseImageConfig(bytes: Uint8Array, layers: number, what: string): ImageConfig {
  const fields = parseObject(bytes, what);
  const { diff_ids: diffIds } = objectOf(fields["rootfs"]);
  if (!Array.isArray(diffIds) || !diffIds.every((id) => typeof id === "string" && isDigest(id))) {
    throw senseless(what, "its configuration is not that of an image");
  }
  if (diffIds.length !== layers)
    throw senseless(what, `it names ${layers} layers and ${diffIds.length} diff ids`);
  return { ...(fields as unknown as ImageConfig), config: objectOf(fields["config"]) };
}

export interface Platform {
  readonly os: string;
  readonly architecture: string;
}

/** @throws {SlipwayError} OCI_PLATFORM with what there is instead */
export function choosePlatform(
  index: Index,
  { os, architecture }: Platform,
  what: string,
): PlatformDescriptor {
  const chosen = index.manifests.find(
    ({ platform }) => platform?.os === os && platform.architecture === architecture,
  );
  if (chosen !== undefined) return chosen;
  const only = index.manifests.length === 1 ? index.manifests[0] : undefined;
  if (only !== undefined && only.platform === undefined) return only;
  const had = index.manifests.map(({ platform }) => `${platform?.os}/${platform?.architecture}`).join(", ");
  throw new SlipwayError(
    "OCI_PLATFORM",
    `${what} is not there for ${os}/${architecture}, only for ${had || "nothing"}`,
  );
}

/** Where containers of this machine run. */
export function thisPlatform(): Platform {
  const names: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };
  return { os: "linux", architecture: names[process.arch] ?? process.arch };
}

function isDescriptor(value: unknown): value is Descriptor {
  const { digest, size, mediaType } = objectOf(value);
  return (
    typeof digest === "string" &&
    isDigest(digest) &&
    Number.isSafeInteger(size) &&
    typeof mediaType === "string"
  );
}

function parseObject(bytes: Uint8Array, what: string): Fields {
  try {
    return objectOf(JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()));
  } catch {
    throw senseless(what, "it is not JSON");
  }
}

function objectOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function senseless(what: string, why: string): SlipwayError {
  return new SlipwayError("OCI_MANIFEST", `Cannot read ${what}: ${why}`, {
    hint: "It was pushed by a broken tool, or is no image at all",
  });
}
