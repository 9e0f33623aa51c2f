import { publishedImage, publishedReference, type BuiltImage, type RepoMode, type TagStrategy } from "#build";
import { writeAtomically } from "#disk";
import { during } from "#events";
import { parseReference } from "#oci";
import { shownName } from "#project";
import type { Settings, Workplace } from "./workplace.ts";

/** Where images go, and by which tags. By stages signature each image has a tag of its own, so none is given. */
export interface TagRequest {
  readonly repo: string;
  readonly mode: RepoMode;
  readonly tags: readonly { readonly strategy: TagStrategy; readonly tag?: string }[];
}

export interface PublishRequest extends TagRequest {
  /** Where to write what was published, as JSON. */
  readonly reportPath: string | undefined;
}

export interface PublishedImage {
  readonly name: string;
  readonly reference: string;
  readonly digest: string;
}

/**
 * Pushes built images. A tag that names this very image already is left alone.
 *
 * @see werf 1.1, "Published image"
 */
export async function publish(
  place: Workplace,
  settings: Settings,
  images: readonly BuiltImage[],
  request: PublishRequest,
): Promise<readonly PublishedImage[]> {
  const published: PublishedImage[] = [];
  for (const image of images.filter((one) => !one.isArtifact)) {
    for (const { strategy, tag = image.contentSignature } of request.tags) {
      published.push(await publishOne(place, settings, image, { strategy, tag, request }));
    }
  }
  if (request.reportPath !== undefined) await writeAtomically(request.reportPath, report(published));
  return published;
}

async function publishOne(
  place: Workplace,
  settings: Settings,
  image: BuiltImage,
  {
    strategy,
    tag,
    request,
  }: { readonly strategy: TagStrategy; readonly tag: string; readonly request: TagRequest },
): Promise<PublishedImage> {
  const { events, signal } = settings;
  const name = publishedReference(request.repo, request.mode, image.name, tag);
  const path = [`image ${shownName(image.name)}`, `publish by ${strategy} tag`];
  return during(events, path, async (end) => {
    const publication = {
      imageName: image.name,
      reference: name,
      tag,
      strategy,
      contentSignature: image.contentSignature,
    };
    const reference = parseReference(name);
    const house = { store: place.store, registry: place.registry, signal };
    const [made, existing] = await Promise.all([
      publishedImage(image.record, publication, house),
      place.registry.config(reference, { signal }),
    ]);
    const isThere = JSON.stringify(existing?.config) === JSON.stringify(made.config);
    let digest = existing?.descriptor.digest;
    if (!isThere || digest === undefined) {
      digest = (
        await place.registry.push(made, reference, place.store, {
          signal,
          onProgress: ({ bytes, total }) =>
            events({ type: "progress", path, done: bytes, total, unit: "bytes" }),
        })
      ).digest;
    }
    events({ type: "facts", path, facts: { "images-repo": request.repo, image: name, digest } });
    end(isThere ? "reused" : "done", isThere ? `${strategy} tag ${tag} is up-to-date` : undefined);
    return { name: image.name, reference: name, digest };
  });
}

function report(images: readonly PublishedImage[]): string {
  const entries = images.map((image) => {
    const at = image.reference.lastIndexOf(":");
    return [
      image.name,
      {
        WerfImageName: image.name,
        DockerRepo: image.reference.slice(0, at),
        DockerTag: image.reference.slice(at + 1),
        DockerImageID: "",
        DockerImageDigest: image.digest,
      },
    ] as const;
  });
  return `${JSON.stringify({ Images: Object.fromEntries(entries) })}\n`;
}
