import type { ContainerConfig, HistoryEntry, Image, ImageConfig, Layer } from "./image.ts";

export interface AddedLayer {
  readonly layer: Layer;
  readonly history?: HistoryEntry;
}

/** An image without layers. */
export function emptyImage(platform: {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}): Image {
  return { config: { ...platform, config: {}, rootfs: { type: "layers", diff_ids: [] } }, layers: [] };
}

/** The image with more layers on top, bottom first. Every layer gets an entry in the history, an empty one if none is given. */
export function withLayers(image: Image, added: readonly AddedLayer[]): Image {
  const { config } = image;
  const history = added.map((each) => each.history ?? {});
  return {
    ...image,
    layers: [...image.layers, ...added.map((each) => each.layer)],
    config: {
      ...config,
      rootfs: {
        type: "layers",
        diff_ids: [...config.rootfs.diff_ids, ...added.map((each) => each.layer.diffId)],
      },
      history: [...(config.history ?? []), ...history],
    },
  };
}

/** The image with another container configuration, and with other facts about itself such as `created`. */
export function withConfig(
  image: Image,
  change: (config: ContainerConfig) => ContainerConfig,
  about: Pick<Partial<ImageConfig>, "created" | "author" | "history"> = {},
): Image {
  return { ...image, config: { ...image.config, ...about, config: change(image.config.config) } };
}
