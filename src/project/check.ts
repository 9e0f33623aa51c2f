import { SlipwayError } from "#errors";
import { shownName, type ProjectImage, type StapelImage } from "./project.ts";

/** Complains about images that cannot stand beside each other: by name, by reference, by circle. */
export function checkImages(
  images: readonly ProjectImage[],
  fail: (image: ProjectImage, message: string) => SlipwayError,
): void {
  checkNameless(images, fail);
  checkDuplicates(images, fail);
  checkReferences(images, fail);
  checkLoops(images, fail);
}

function isArtifact(image: ProjectImage): boolean {
  return image.kind === "stapel" && image.isArtifact;
}

/** Counted apart for stapel and Dockerfile images, as werf 1.1 counts. */
function checkNameless(
  images: readonly ProjectImage[],
  fail: (image: ProjectImage, message: string) => SlipwayError,
): void {
  for (const kind of ["stapel", "dockerfile"] as const) {
    const group = images.filter((image) => image.kind === kind && !isArtifact(image));
    const nameless = group.find((image) => image.name === "");
    if (nameless !== undefined && group.length > 1) {
      throw fail(nameless, "a nameless image (`image: ~`) cannot be used when there are several images");
    }
  }
}

function checkDuplicates(
  images: readonly ProjectImage[],
  fail: (image: ProjectImage, message: string) => SlipwayError,
): void {
  const seen = new Map<string, ProjectImage>();
  for (const image of images) {
    const other = seen.get(image.name);
    if (other !== undefined) {
      const what =
        isArtifact(image) && isArtifact(other)
          ? "artifact"
          : isArtifact(image)
            ? "image or artifact"
            : "image";
      throw fail(image, `${what} name \`${shownName(image.name)}\` is used twice`);
    }
    seen.set(image.name, image);
  }
}

function checkReferences(
  images: readonly ProjectImage[],
  fail: (image: ProjectImage, message: string) => SlipwayError,
): void {
  for (const image of images) {
    for (const edge of edges(image)) {
      if (edge.name === image.name && edge.by === "from") {
        throw fail(image, `cannot use own name \`${shownName(image.name)}\` as its base`);
      }
      const target = images.find((other) => other.name === edge.name);
      if (target === undefined || isArtifact(target) !== (edge.kind === "artifact")) {
        throw fail(image, `no such ${edge.kind} \`${shownName(edge.name)}\``);
      }
    }
  }
}

function checkLoops(
  images: readonly ProjectImage[],
  fail: (image: ProjectImage, message: string) => SlipwayError,
): void {
  const byName = new Map(images.map((image) => [image.name, image]));
  const finished = new Set<string>();
  const walk = (image: ProjectImage, trail: readonly string[]): void => {
    if (finished.has(image.name)) return;
    if (trail.includes(image.name)) {
      const loop = [...trail.slice(trail.indexOf(image.name)), image.name].map(shownName);
      throw fail(image, `infinite loop detected: ${loop.join(" -> ")}`);
    }
    for (const edge of edges(image)) {
      const next = byName.get(edge.name);
      if (next !== undefined) walk(next, [...trail, image.name]);
    }
    finished.add(image.name);
  };
  for (const image of images) walk(image, []);
}

interface Edge {
  readonly by: "from" | "import";
  readonly kind: "image" | "artifact";
  readonly name: string;
}

/** The images and artifacts that an image needs before it can be built. */
export function edges(image: ProjectImage): readonly Edge[] {
  if (image.kind === "dockerfile") return [];
  return [...baseEdge(image), ...image.imports.map(({ source }) => ({ by: "import" as const, ...source }))];
}

function baseEdge({ base }: StapelImage): readonly Edge[] {
  return base.kind === "reference" ? [] : [{ by: "from", kind: base.kind, name: base.name }];
}
