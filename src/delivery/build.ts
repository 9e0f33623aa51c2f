import { join } from "node:path";
import { builtImages, executePlan, openBuild, planBuild, type BuildSession, type BuiltImage } from "#build";
import { SlipwayError } from "#errors";
import { imageNames, shownName, type Project } from "#project";
import type { Settings, Workplace } from "./workplace.ts";

export interface BuildRequest {
  readonly images: readonly string[];
  readonly jobs: number;
}

/** Builds the stages of a project's images that are not there yet. */
export async function build(
  place: Workplace,
  settings: Settings,
  request: BuildRequest,
): Promise<readonly BuiltImage[]> {
  const session = await openSession(place, settings, request);
  if (session.images.some(({ git }) => git.length > 0)) session.sources.beginUncommitted();
  return executePlan(await planBuild(session), session);
}

/** The images of a project as they were built before. Nothing is built. @throws {SlipwayError} BUILD_STAGES_REQUIRED */
export async function builtBefore(
  place: Workplace,
  settings: Settings,
  images: readonly string[],
): Promise<readonly BuiltImage[]> {
  const session = await openSession(place, settings, { images, jobs: 1 });
  return builtImages(await planBuild(session));
}

function openSession(place: Workplace, settings: Settings, request: BuildRequest): Promise<BuildSession> {
  return openBuild({
    project: place.project,
    repository: place.repository,
    storage: place.storage,
    store: place.store,
    registry: place.registry,
    locksDirectory: join(settings.home, "locks"),
    version: settings.version,
    events: settings.events,
    signal: settings.signal,
    now: () => settings.now().getTime(),
    images: request.images,
    jobs: request.jobs,
    sandbox: settings.sandbox,
  });
}

/** The one image that a command without a name means. */
export function onlyImage(project: Project, name: string | undefined): string {
  if (name !== undefined) return name;
  const names = imageNames(project, { imagesOnly: true }).map(shownName);
  const [only] = names;
  if (only !== undefined && names.length === 1) return only;
  throw new SlipwayError("IMAGE_REQUIRED", "werf.yaml has several images, and none was named", {
    hint: `Name one: ${names.join(", ")}`,
  });
}
