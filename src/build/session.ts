import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { SlipwayError } from "#errors";
import type { EventSink } from "#events";
import type { Repository } from "#git";
import { formatReference, parseReference, type ContentStore, type Registry } from "#oci";
import { edges, findImage, shownName, type Project, type ProjectImage, type StapelImage } from "#project";
import type { SandboxSettings } from "#sandbox";
import { inBuildOrder, planImage, type BuildPlan, type ImagePlan, type PlanWorld } from "./plan.ts";
import { Sources } from "./sources.ts";
import { ownLayersOf, type StageRecord } from "./stage.ts";
import type { StagesStorage } from "./stages-storage.ts";

export interface BuildOptions {
  readonly project: Project;
  readonly repository: Repository;
  readonly storage: StagesStorage;
  readonly store: ContentStore;
  readonly registry: Registry;
  /** Where locks are kept: a directory that all builds with this storage on this machine share. */
  readonly locksDirectory: string;
  /** slipway's own version, for the labels of stages. */
  readonly version: string;
  readonly events: EventSink;
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Names of images or artifacts; all of werf.yaml unless told. `~` is the nameless image. */
  readonly images?: readonly string[];
  /** How many images are built at once; 5 unless told, any number when 0 or less. */
  readonly jobs?: number;
  /** What commands of the build need on this machine and no image should hold: certificates, proxies, client settings. */
  readonly sandbox?: SandboxSettings;
}

/** A build of a project at one commit: what is asked of Git is asked once for all images. */
export interface BuildSession extends PlanWorld {
  readonly options: BuildOptions;
  readonly images: readonly StapelImage[];
}

/**
 * Looks at HEAD and at what is to be built.
 *
 * @throws {SlipwayError} GIT_NO_COMMITS; CONFIG_NO_IMAGE for a name that werf.yaml has not; BUILD_UNSUPPORTED, naming the
 *   directive, for an image that has one that cannot be built yet.
 */
export async function openBuild(options: BuildOptions): Promise<BuildSession> {
  const { project, repository, storage, store, registry, signal } = options;
  const [{ commit }, directory] = await Promise.all([repository.head(), realpath(project.directory)]);
  const time = await repository.commitTime(commit);
  const wanted =
    options.images === undefined || options.images.length === 0
      ? project.images
      : options.images.map((name) => findImage(project, name));
  const images = inBuildOrder(project, wanted).map(stapelOnly);
  for (const image of images) refuseUnsupported(image);
  return {
    options,
    project,
    images,
    storage,
    sources: new Sources(repository, directory, { commit, time }),
    isWhole: (record) => hasOwnLayers(record, store),
    async baseDigest(reference) {
      const found = await registry.resolve(parseReference(reference), { signal });
      if (found !== undefined) return found.digest;
      throw new SlipwayError(
        "BUILD_NO_BASE",
        `Can not get base image id from registry (${formatReference(parseReference(reference))})`,
        {
          hint: "`fromLatest: true` needs the registry on every build",
        },
      );
    },
  };
}

/** Plans every image, each after those it is built on. Changes nothing. */
export async function planBuild(session: BuildSession): Promise<BuildPlan> {
  const plans = new Map<string, ImagePlan>();
  for (const image of session.images) {
    const { base } = image;
    const signature = base.kind === "reference" ? undefined : plans.get(base.name)?.contentSignature;
    plans.set(image.name, await planImage(image, session, signature));
  }
  return { commit: session.sources.commit, images: [...plans.values()] };
}

/** Whether the layers that a stage added are still in the store, or can be had again from where they came. */
async function hasOwnLayers(record: StageRecord, store: ContentStore): Promise<boolean> {
  const answers = ownLayersOf(record).map(async (own) => {
    const { blob, tree, origin } = own.layer;
    if (tree !== undefined && (await store.hasTree(tree))) return true;
    return origin !== undefined || (blob !== undefined && store.has(blob));
  });
  return !(await Promise.all(answers)).includes(false);
}

function stapelOnly(image: ProjectImage): StapelImage {
  if (image.kind === "stapel") return image;
  throw unsupported(image.name, "dockerfile");
}

function refuseUnsupported(image: StapelImage): void {
  if (image.ansible !== undefined) throw unsupported(image.name, "ansible");
  if (image.mounts.length > 0) throw unsupported(image.name, "mount");
  if (image.imports.length > 0) throw unsupported(image.name, "import");
}

function unsupported(name: string, directive: string): SlipwayError {
  return new SlipwayError(
    "BUILD_UNSUPPORTED",
    `Cannot build image ${shownName(name)}: \`${directive}\` is not supported yet`,
    {
      hint: "It is read and checked, but slipway cannot build it so far",
    },
  );
}

/** The lock that builders of one stage take. */
export function stageLock(directory: string, project: string, signature: string): string {
  return join(directory, "stages", `${project}.${signature}`);
}

/** The images that one is built on. */
export function basesOf(image: StapelImage): readonly string[] {
  return edges(image).map((edge) => edge.name);
}
