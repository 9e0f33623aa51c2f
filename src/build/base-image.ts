import { arch } from "node:os";
import { SlipwayError } from "#errors";
import type { EventPath } from "#events";
import { emptyImage, parseReference, type Image } from "#oci";
import { rootOf } from "./root.ts";
import type { BuildSession } from "./session.ts";

/** Names of the image format for those of Node. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };

/**
 * The image that `from` names, with all its layers unpacked in the store, pulled by digest; nothing at all for `scratch`.
 *
 * @throws {SlipwayError} BUILD_NO_BASE when it cannot be had, with the reason as its cause.
 */
export async function fetchBase(reference: string, session: BuildSession, path: EventPath): Promise<Image> {
  const { store, registry, signal, events } = session.options;
  if (reference === "scratch")
    return emptyImage({ os: "linux", architecture: ARCHITECTURES[arch()] ?? arch() });
  events({ type: "notice", path, level: "info", text: `Pulling base image ${reference}` });
  try {
    return await unpacked(
      await registry.pull(parseReference(reference), store, { layers: "later", signal }),
      session,
    );
  } catch (error) {
    if (!(error instanceof SlipwayError) || !error.code.startsWith("OCI_")) throw error;
    throw new SlipwayError("BUILD_NO_BASE", `Unable to fetch base image ${reference}`, {
      cause: error,
      hint: error.hint ?? "Check `from` in werf.yaml",
    });
  }
}

/** Unpacked at once, so that a later build needs no registry. */
async function unpacked(image: Image, session: BuildSession): Promise<Image> {
  await rootOf(
    image.layers.map((layer) => ({ source: "base", layer })),
    session.options,
  );
  return image;
}
