/**
 * A Kubernetes API, typed: find it (openCluster), speak to it (Cluster), read what it should hold (readManifest). The official
 * client is loaded only for login plugins; everything else is plain HTTP with one pool of connections.
 */
export type {
  CallOptions,
  Cluster,
  DeleteOptions,
  ListOptions,
  LogLine,
  LogOptions,
  ObjectList,
  PatchType,
  ServerVersion,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from "./cluster.ts";
export { openCluster } from "./open-cluster.ts";
export { contextNamespace, type KubeConfigSource } from "./kube-config.ts";
export { KubeError, isKubeError } from "./kube-error.ts";
export { plain, plainYaml, readManifest, splitDocuments, type ManifestObject } from "./manifest.ts";
export {
  groupOf,
  idOf,
  objectName,
  type KindId,
  type KubeObject,
  type ObjectId,
  type ObjectMeta,
  type OwnerReference,
  type ResourceType,
} from "./object.ts";
