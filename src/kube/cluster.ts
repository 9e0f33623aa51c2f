import type { KindId, KubeObject, ObjectId, ResourceType } from "./object.ts";

/**
 * A Kubernetes API, as much of it as a release needs. Every call takes an AbortSignal in its options, repeats itself when the
 * server is busy or the connection is cut, and fails with a KubeError that names the object and the reason.
 */
export interface Cluster extends AsyncDisposable {
  /** Address of the API server. */
  readonly server: string;
  /** The kubeconfig context in use; absent inside a pod. */
  readonly context: string | undefined;
  /** The namespace that the context names; `default` when it names none. */
  readonly namespace: string;

  version(options?: CallOptions): Promise<ServerVersion>;
  /** Every `group/version` and `group/version/Kind` served, as Helm's `.Capabilities.APIVersions` lists them. */
  apiVersions(options?: CallOptions): Promise<readonly string[]>;
  /**
   * How a kind is served; remembered for the life of the cluster.
   *
   * @throws {KubeError} KUBE_NO_KIND when the server does not know it.
   */
  discover(kind: KindId, options?: CallOptions): Promise<ResourceType>;
  /** Forgets what discover() remembers, for after a CustomResourceDefinition was added. */
  forgetKinds(): void;

  /** The object, or undefined when there is none. */
  get(id: ObjectId, options?: CallOptions): Promise<KubeObject | undefined>;
  list(kind: KindId, options?: ListOptions): Promise<ObjectList>;
  create(object: KubeObject, options?: WriteOptions): Promise<KubeObject>;
  /** Writes the whole object over the one with its name; with a resourceVersion only if it has not changed since. */
  replace(object: KubeObject, options?: WriteOptions): Promise<KubeObject>;
  /** Server-side apply. */
  apply(object: KubeObject, options: WriteOptions & { readonly force?: boolean }): Promise<KubeObject>;
  /** Changes an object; `merge` is RFC 7386, `strategic` Kubernetes' own for built-in kinds, `json` RFC 6902. */
  patch(
    id: ObjectId,
    patch: unknown,
    options: WriteOptions & { readonly type: PatchType },
  ): Promise<KubeObject>;
  /** Asks for the removal of an object; false when there was none. It may take time to go: see awaitAbsent(). */
  delete(id: ObjectId, options?: DeleteOptions): Promise<boolean>;

  /**
   * The objects there are, as `added`, then one `synced`, then every change, for as long as the caller listens. Survives cut
   * connections and expired resource versions; what changed in between is told as the changes that make up for it.
   */
  watch(kind: KindId, options?: WatchOptions): AsyncIterable<WatchEvent>;
  /** Lines of a container's log, oldest first. With `follow` it ends when the container does or the connection is cut. */
  logs(
    pod: { readonly namespace: string; readonly name: string },
    options?: LogOptions,
  ): AsyncIterable<LogLine>;
  /** Makes the namespace when it is absent; true when it was made. A user who may not look at namespaces is believed. */
  ensureNamespace(name: string, options?: CallOptions): Promise<boolean>;
  /** Waits until an object is gone, or one with another uid has its name. */
  awaitAbsent(
    id: ObjectId,
    options: CallOptions & { readonly uid?: string; readonly timeoutMs: number },
  ): Promise<boolean>;
  /** The server's clock less ours, in milliseconds, as last seen; 0 before the first answer. */
  clockSkewMs(): number;
}

export type PatchType = "merge" | "strategic" | "json";

export interface ServerVersion {
  readonly gitVersion: string;
  readonly major: string;
  readonly minor: string;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface ListOptions extends CallOptions {
  /** Without it objects of all namespaces are listed. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Only apiVersion, kind and metadata of each object travel. */
  readonly metadataOnly?: boolean;
}

export interface ObjectList {
  readonly items: readonly KubeObject[];
  readonly resourceVersion: string;
}

export interface WriteOptions extends CallOptions {
  readonly fieldManager?: string;
  readonly dryRun?: boolean;
}

export interface DeleteOptions extends CallOptions {
  readonly propagation?: "Foreground" | "Background" | "Orphan";
  readonly gracePeriodSeconds?: number;
  /** Delete only the object with this uid. */
  readonly uid?: string;
  readonly resourceVersion?: string;
}

export interface WatchOptions extends CallOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** How long the server may be out of reach before the watch fails; 120 s unless told. */
  readonly patienceMs?: number;
}

export type WatchEvent =
  | { readonly type: "added" | "modified" | "deleted"; readonly object: KubeObject }
  /** Everything that was there has been told. */
  | { readonly type: "synced" };

export interface LogOptions extends CallOptions {
  readonly container?: string;
  readonly follow?: boolean;
  /** Only lines after this time, RFC 3339. */
  readonly since?: string;
  /** Of the container's run before the present one. */
  readonly previous?: boolean;
  readonly tailLines?: number;
}

export interface LogLine {
  /** RFC 3339 with nanoseconds, as the node's runtime wrote it. */
  readonly time: string;
  /** Without line end; cut after 16 KiB. */
  readonly text: string;
}
