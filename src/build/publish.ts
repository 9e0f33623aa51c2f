import { SlipwayError } from "#errors";
import { layerFromTree, type HistoryEntry, type Image, type Layer } from "#oci";
import { rootOf, type Storehouse } from "./root.ts";
import { CACHE_VERSION } from "./signature.ts";
import { stageReference, type StageLayer, type StageRecord } from "./stage.ts";

/** How a tag came about. */
export type TagStrategy = "custom" | "git-tag" | "git-branch" | "git-commit" | "stages-signature";

export interface Publication {
  /** The name in werf.yaml, "" for the nameless image. */
  readonly imageName: string;
  /** The whole name under which the image is published, tag included. */
  readonly reference: string;
  readonly tag: string;
  readonly strategy: TagStrategy;
  readonly contentSignature: string;
}

export type RepoMode = "multirepo" | "monorepo";

/**
 * Where an image is published: `REPO/NAME:TAG`, or `REPO:NAME-TAG` when all images share one repository; `REPO:TAG` for the
 * nameless one.
 *
 * @see werf 1.1, "Names and repo modes"
 */
export function publishedReference(repo: string, mode: RepoMode, imageName: string, tag: string): string {
  if (imageName === "") return `${repo}:${tag}`;
  return mode === "multirepo" ? `${repo}/${imageName}:${tag}` : `${repo}:${imageName}-${tag}`;
}

/** The image of a stage, every layer a blob of the store, with the labels of a stage. */
export async function imageOfStage(record: StageRecord, house: Storehouse): Promise<Image> {
  return imageWith(record, stageLabels(record), house);
}

/**
 * The image as it is published: the last stage, and labels that say under which name. Nothing of it depends on when or where
 * it was built, beyond the commits of its stages.
 *
 * @throws {SlipwayError} BUILD_DAMAGED when files of a stage were changed in the store.
 * @see werf 1.1, "Published image"
 */
export async function publishedImage(
  record: StageRecord,
  publication: Publication,
  house: Storehouse,
): Promise<Image> {
  return imageWith(
    record,
    {
      ...stageLabels(record),
      "werf-docker-image-name": publication.reference,
      "werf-tag-strategy": publication.strategy,
      "werf-image": "true",
      "werf-image-name": publication.imageName,
      "werf-image-tag": publication.tag,
      "werf-content-signature": publication.contentSignature,
      "werf-image-version": "1",
    },
    house,
  );
}

/** What a stage says of itself. @see werf 1.1, "Stage labels" */
export function stageLabels(record: StageRecord): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {
    werf: record.project,
    "werf-version": record.version,
    "werf-cache-version": CACHE_VERSION,
    "werf-image": "false",
    "werf-docker-image-name": stageReference(record.project, record),
    "werf-stage-signature": record.signature,
    "werf-stage-content-signature": record.contentSignature,
    "werf-project-repo-commit": record.repositoryCommit,
  };
  for (const [id, commit] of Object.entries(record.commits)) {
    labels[`werf-git-${id}-commit`] = commit;
    labels[`werf-git-${id}-type`] = record.mappingTypes[id] ?? "directory";
    labels[`werf-git-${id}-virtual-merge`] = "false";
  }
  return labels;
}

async function imageWith(
  record: StageRecord,
  labels: Readonly<Record<string, string>>,
  house: Storehouse,
): Promise<Image> {
  const { config, layers: stageLayers, base } = record.image;
  const layers = await Promise.all(
    stageLayers.map((layer, index) => withBlob(layer, stageLayers.slice(0, index), house)),
  );
  return {
    layers,
    config: {
      ...config,
      config: { ...config.config, Labels: { ...config.config.Labels, ...labels } },
      rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
      history: fittingHistory(config.history ?? [], layers.length),
    },
    ...(base === undefined ? {} : { base }),
  };
}

async function withBlob(one: StageLayer, below: readonly StageLayer[], house: Storehouse): Promise<Layer> {
  const { layer } = one;
  if (one.source !== "commands") return layer;
  const known = await house.store.blobOfLayer(layer.diffId);
  if (known !== undefined) return { ...layer, blob: known };
  const { directories } = await rootOf(below, house);
  const made = await layerFromTree(house.store, one.layer.tree, {
    mtime: one.clampSeconds,
    lower: directories,
    signal: house.signal,
  });
  if (made.diffId === layer.diffId) return made;
  throw new SlipwayError(
    "BUILD_DAMAGED",
    `The files of a stage were changed in ${house.store.treePath(one.layer.tree)}`,
    {
      hint: "Remove that directory and build again",
    },
  );
}

/** A config has an entry of history for each layer, or pullers complain; a base image may have come without. */
function fittingHistory(history: readonly HistoryEntry[], layers: number): readonly HistoryEntry[] {
  const told = history.filter((entry) => entry.empty_layer !== true).length;
  const missing = Array.from({ length: Math.max(0, layers - told) }, () => ({ created_by: "base image" }));
  return [...missing, ...history];
}
