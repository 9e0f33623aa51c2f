import { SlipwayError } from "#errors";
import { shownName, type Project, type ProjectImage } from "./project.ts";

/** Names of the images and artifacts as `config list` has them; "" is the nameless image. */
export function imageNames(
  project: Project,
  options: { readonly imagesOnly?: boolean } = {},
): readonly string[] {
  return project.images
    .filter((image) => options.imagesOnly !== true || image.kind === "dockerfile" || !image.isArtifact)
    .map((image) => image.name);
}

/**
 * The rendered werf.yaml; with names, only the documents that declare them, `---` between. `~` names the nameless image.
 *
 * @throws {SlipwayError} CONFIG_NO_IMAGE
 */
export function renderedConfig(project: Project, names: readonly string[] = []): string {
  if (names.length === 0) return project.rendered;
  return names.map((name) => findImage(project, name).document.text).join("---\n");
}

/**
 * The image or artifact of that name; `~` is the nameless image.
 *
 * @throws {SlipwayError} CONFIG_NO_IMAGE
 */
export function findImage(project: Project, name: string): ProjectImage {
  const wanted = name === "~" ? "" : name;
  const image = project.images.find((one) => one.name === wanted);
  if (image !== undefined) return image;
  const known = project.images.map((one) => shownName(one.name));
  throw new SlipwayError(
    "CONFIG_NO_IMAGE",
    `Specified image ${shownName(wanted)} is not defined in werf.yaml`,
    {
      hint: known.length === 0 ? "It defines no images" : `It defines: ${known.join(", ")}`,
    },
  );
}
