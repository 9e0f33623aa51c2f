import { publishedReference, type TagStrategy } from "#build";
import { SlipwayError } from "#errors";
import type { TagRequest } from "./publish.ts";
import type { ServiceImage } from "./service-values.ts";

/** The one tag option by which a release names its images. */
export interface ChosenTag {
  readonly strategy: TagStrategy;
  readonly tag?: string;
}

/** A release has one tag option. @throws {SlipwayError} TAG_REQUIRED */
export function onlyTag(request: Pick<TagRequest, "tags">): ChosenTag {
  const [only, second] = request.tags;
  if (only !== undefined && second === undefined) return only;
  throw new SlipwayError("TAG_REQUIRED", "exactly one tag option should be specified for deploy", {
    hint: "Use --tag-by-stages-signature alone",
  });
}

/** The images as the chart sees them. */
export function serviceImages(
  images: readonly { readonly name: string; readonly contentSignature: string }[],
  request: Pick<TagRequest, "repo" | "mode">,
  chosen: ChosenTag,
): readonly ServiceImage[] {
  return images.map(({ name, contentSignature }) => {
    const tag = chosen.tag ?? contentSignature;
    return { name, tag, reference: publishedReference(request.repo, request.mode, name, tag) };
  });
}
