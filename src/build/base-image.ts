import { arch } from "node:os";
import { resolve } from "node:path";
import { SlipwayError } from "#errors";
import type { EventPath } from "#events";
import { emptyImage, parseReference, readArchive, readLayout, type Image } from "#oci";
import { rootOf } from "./root.ts";
import type { BuildSession } from "./session.ts";

/** Names of the image format for those of Node. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };

/**
 * The image that `from` names, with all its layers unpacked in the store: from its registry, by digest; from an OCI layout,
 * `oci:DIRECTORY[:NAME]`, or a file of `docker save`, `docker-archive:FILE`, both relative to the project directory; or
 * nothing at all, `scratch`.
 *
 * @throws {SlipwayError} BUILD_NO_BASE when it cannot be had, with the reason as its cause.
 */
export async function fetchBase(reference: string, session: BuildSession, path: EventPath): Promise<Image> {
  try {
    const image = await readBase(reference, session, path);
    // Unpacked at once, so that a later build needs no registry.
    await rootOf(
      image.layers.map((layer) => ({ source: "base", layer })),
      session.options,
    );
    return image;
  } catch (error) {
    if (!(error instanceof SlipwayError) || !error.code.startsWith("OCI_")) throw error;
    throw new SlipwayError("BUILD_NO_BASE", `Unable to fetch base image ${reference}`, {
      cause: error,
      hint: error.hint ?? "Check `from` in werf.yaml",
    });
  }
}

async function readBase(reference: string, session: BuildSession, path: EventPath): Promise<Image> {
  const { store, registry, signal, events, project } = session.options;
  if (reference === "scratch")
    return emptyImage({ os: "linux", architecture: ARCHITECTURES[arch()] ?? arch() });
  const [, archive] = /^docker-archive:(.+)$/.exec(reference) ?? [];
  if (archive !== undefined) return readArchive(resolve(project.directory, archive), store);
  const [, layout, name] = /^oci:(.+?)(?::(\w[\w.-]*))?$/.exec(reference) ?? [];
  if (layout !== undefined) {
    return readLayout(resolve(project.directory, layout), store, name === undefined ? {} : { name });
  }
  events({ type: "notice", path, level: "info", text: `Pulling base image ${reference}` });
  return registry.pull(parseReference(reference), store, { layers: "later", signal });
}
