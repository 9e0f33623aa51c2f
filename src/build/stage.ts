import type { Digest, ImageConfig, Layer } from "#oci";
import type { StageInput } from "./signature.ts";

/** In the order in which an image goes through them. */
export const stageNames = [
  "from",
  "beforeInstall",
  "importsBeforeInstall",
  "gitArchive",
  "install",
  "importsAfterInstall",
  "beforeSetup",
  "importsBeforeSetup",
  "setup",
  "importsAfterSetup",
  "gitCache",
  "gitLatestPatch",
  "dockerInstructions",
  "dockerfile",
] as const;

export type StageName = (typeof stageNames)[number];

/** What a stage is known by in the stages storage. */
export interface StageId {
  readonly signature: string;
  /** Unix time in milliseconds when it was stored; unique among the stages of one signature. */
  readonly uniqueId: number;
}

/**
 * A layer of a stage. Files from Git and of a base image are compressed blobs; what commands wrote stays a directory of the
 * content store, with the digest that its tar will have, until something leaves the machine.
 */
export type StageLayer =
  | { readonly source: "base" | "git"; readonly layer: Layer }
  | {
      readonly source: "commands";
      readonly layer: Layer & { readonly tree: string };
      /** Later times than this one become it when the layer is made. */
      readonly clampSeconds: number;
      readonly opaqueDirectories: readonly string[];
    };

/** An image as a stage leaves it. */
export interface StageImage {
  readonly config: Omit<ImageConfig, "rootfs">;
  /** Bottom first; those of the stages below are among them. */
  readonly layers: readonly StageLayer[];
  readonly base?: { readonly reference: string; readonly digest: Digest };
}

/** A built stage, complete in itself: what it was made of, what it is. */
export interface StageRecord extends StageId {
  readonly project: string;
  /** The image that was being built when the stage was made; others may share the stage. */
  readonly imageName: string;
  readonly stageName: StageName;
  readonly contentSignature: string;
  readonly parent?: StageId;
  readonly image: StageImage;
  readonly inputs: readonly StageInput[];
  /** The commit of each git mapping that the stage holds, by the digest of the mapping's parameters. */
  readonly commits: Readonly<Record<string, string>>;
  /** What `add` of each of them was. */
  readonly mappingTypes: Readonly<Record<string, "directory" | "file">>;
  /** HEAD when the stage was built. */
  readonly repositoryCommit: string;
  /** Version of slipway that built it. */
  readonly version: string;
  /** How many of `image.layers`, counted from the top, this stage added. */
  readonly ownLayers: number;
  /** Bytes of the files that this stage added, as well as known. */
  readonly sizeBytes: number;
  readonly buildMs: number;
}

/** `werf-stages-storage/shop:SIGNATURE-TIME`, as werf 1.1 names a stage of the local storage. */
export function stageReference(project: string, { signature, uniqueId }: StageId): string {
  return `werf-stages-storage/${project}:${signature}-${uniqueId}`;
}

/** The layers that a stage added to the one below. */
export function ownLayersOf(record: Pick<StageRecord, "image" | "ownLayers">): readonly StageLayer[] {
  return record.image.layers.slice(record.image.layers.length - record.ownLayers);
}
