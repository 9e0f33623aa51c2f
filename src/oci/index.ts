/**
 * Images: where they come from (a registry, a layout, an archive), what they are made of (descriptors, layers, content in a
 * store), how a new one is made of an old one, and where they go. An Image never changes.
 * Paths are text as pathText() of #disk makes it.
 */
export {
  mediaTypes,
  type ContainerConfig,
  type Descriptor,
  type Digest,
  type Healthcheck,
  type HistoryEntry,
  type Image,
  type ImageConfig,
  type Index,
  type Layer,
  type Manifest,
  type PlatformDescriptor,
} from "./image.ts";
export { digestOf, isDigest } from "./digest.ts";
export { formatReference, parseFullReference, parseReference, type Reference } from "./reference.ts";
export type { TarEntry } from "./tar-entry.ts";
export { openContentStore, type ContentStore, type NewTree } from "./store.ts";
export { diffIdOf, layerFromEntries, type LayerOptions } from "./layer-write.ts";
export { layerFromTree, type TreeLayerOptions } from "./layer-from-tree.ts";
export { chainId, unpackLayers, type UnpackOptions } from "./unpack.ts";
export { readLayout, writeLayout, type ReadOptions } from "./layout.ts";
export { readArchive, writeArchive } from "./archive.ts";
export { emptyImage, withConfig, withLayers, type AddedLayer } from "./edit.ts";
export { eraseCredentials, storeCredentials, type Credentials } from "./credentials.ts";
export { RegistryError, type Exchange, type RegistryFault } from "./registry-error.ts";
export {
  openRegistry,
  type Artifact,
  type ArtifactBlob,
  type PullOptions,
  type Registry,
  type RegistrySettings,
  type TransferOptions,
} from "./registry.ts";
