import { setTimeout as sleep } from "node:timers/promises";
import type {
  Cluster,
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
import { Discovery, collectionPath, describe, objectPath } from "./discovery.ts";
import { type KubeConfigSource, readAccess } from "./kube-config.ts";
import { isKubeError } from "./kube-error.ts";
import { linesOf } from "./lines.ts";
import { type KindId, type KubeObject, type ObjectId, idOf } from "./object.ts";
import { openTransport } from "./transport.ts";
import { follow } from "./watch.ts";

const PATCH_CONTENT: Readonly<Record<PatchType, string>> = {
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  json: "application/json-patch+json",
};
const METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
/** The server ends a watch after this time, so that a dead connection is noticed soon after. */
const WATCH_SECONDS = 60;
const LOG_IDLE_MS = 3_600_000;
const LONGEST_LOG_LINE = 16_384;

/**
 * A Kubernetes API by kubeconfig. Nothing is sent before the first call, so an unreachable cluster shows there.
 *
 * @throws {SlipwayError} KUBE_NO_CONFIG, KUBE_BAD_CONFIG, KUBE_NO_CONTEXT
 */
export async function openCluster(source: KubeConfigSource): Promise<Cluster> {
  const access = await readAccess(source);
  const transport = openTransport(access, source.env);
  const discovery = new Discovery(transport);

  const listPage = async (kind: KindId, options: ListOptions, page: string | undefined): Promise<RawList> => {
    const type = await discovery.find(kind, options.signal);
    return (await transport.call({
      method: "GET",
      path: collectionPath(type, options.namespace),
      query: {
        labelSelector: options.labelSelector,
        fieldSelector: options.fieldSelector,
        limit: "500",
        continue: page,
      },
      ...(options.metadataOnly ? { accept: METADATA_LIST } : {}),
      doing: `list ${type.resource}${options.namespace === undefined ? "" : ` in namespace ${options.namespace}`}`,
      signal: options.signal,
    })) as RawList;
  };

  const list = async (kind: KindId, options: ListOptions = {}): Promise<ObjectList> => {
    const items: KubeObject[] = [];
    let page: string | undefined;
    for (;;) {
      const answer = await listPage(kind, options, page);
      // Items of a list carry no apiVersion and kind of their own.
      for (const item of answer.items ?? [])
        items.push({ ...item, apiVersion: kind.apiVersion, kind: kind.kind });
      page = answer.metadata.continue || undefined;
      if (page === undefined) return { items, resourceVersion: answer.metadata.resourceVersion };
    }
  };

  const write = async (
    method: "POST" | "PUT" | "PATCH",
    verb: string,
    id: ObjectId,
    body: unknown,
    options: WriteOptions & { readonly contentType?: string; readonly force?: boolean },
  ): Promise<KubeObject> => {
    const type = await discovery.find(id, options.signal);
    return (await transport.call({
      method,
      path: method === "POST" ? collectionPath(type, id.namespace) : objectPath(type, id),
      query: {
        fieldManager: options.fieldManager,
        dryRun: options.dryRun ? "All" : undefined,
        force: options.force ? "true" : undefined,
      },
      body,
      ...(options.contentType === undefined ? {} : { contentType: options.contentType }),
      doing: describe(verb, id),
      signal: options.signal,
    })) as KubeObject;
  };

  const get: Cluster["get"] = async (id, options = {}) => {
    const type = await discovery.find(id, options.signal);
    try {
      return (await transport.call({
        method: "GET",
        path: objectPath(type, id),
        doing: describe("read", id),
        signal: options.signal,
      })) as KubeObject;
    } catch (error) {
      if (isKubeError(error, "KUBE_NOT_FOUND")) return undefined;
      throw error;
    }
  };

  return {
    server: access.server,
    context: access.context,
    namespace: access.namespace,
    clockSkewMs: () => transport.clockSkewMs(),
    discover: (kind, options = {}) => discovery.find(kind, options.signal),
    forgetKinds: () => discovery.forget(),
    apiVersions: (options = {}) => discovery.apiVersions(options.signal),
    get,
    list,
    create: (object, options = {}) => write("POST", "create", idOf(object), object, options),
    replace: (object, options = {}) => write("PUT", "replace", idOf(object), object, options),
    apply: (object, options) =>
      write("PATCH", "apply", idOf(object), object, {
        ...options,
        contentType: "application/apply-patch+yaml",
      }),
    patch: (id, patch, options) =>
      write("PATCH", "patch", id, patch, { ...options, contentType: PATCH_CONTENT[options.type] }),

    async version(options = {}) {
      return (await transport.call({
        method: "GET",
        path: "/version",
        doing: "read the server's version",
        signal: options.signal,
      })) as ServerVersion;
    },

    async delete(id, options = {}) {
      const type = await discovery.find(id, options.signal);
      const { uid, resourceVersion } = options;
      try {
        await transport.call({
          method: "DELETE",
          path: objectPath(type, id),
          body: {
            apiVersion: "v1",
            kind: "DeleteOptions",
            propagationPolicy: options.propagation ?? "Background",
            ...(options.gracePeriodSeconds === undefined
              ? {}
              : { gracePeriodSeconds: options.gracePeriodSeconds }),
            ...(uid === undefined && resourceVersion === undefined
              ? {}
              : { preconditions: { uid, resourceVersion } }),
          },
          doing: describe("delete", id),
          signal: options.signal,
        });
        return true;
      } catch (error) {
        if (isKubeError(error, "KUBE_NOT_FOUND")) return false;
        throw error;
      }
    },

    watch(kind, options: WatchOptions = {}): AsyncIterable<WatchEvent> {
      const changes = async (resourceVersion: string): Promise<AsyncIterable<Buffer>> => {
        const type = await discovery.find(kind, options.signal);
        return transport.stream(
          {
            method: "GET",
            path: collectionPath(type, options.namespace),
            query: {
              watch: "true",
              allowWatchBookmarks: "true",
              timeoutSeconds: String(WATCH_SECONDS),
              resourceVersion,
              labelSelector: options.labelSelector,
              fieldSelector: options.fieldSelector,
            },
            doing: `watch ${type.resource}${options.namespace === undefined ? "" : ` in namespace ${options.namespace}`}`,
            signal: options.signal,
          },
          (WATCH_SECONDS + 15) * 1000,
        );
      };
      return follow(
        { list: () => list(kind, options), changes },
        options.patienceMs ?? 120_000,
        options.signal,
      );
    },

    async *logs(pod, options: LogOptions = {}): AsyncGenerator<LogLine> {
      const stream = await transport.stream(
        {
          method: "GET",
          path: `/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${encodeURIComponent(pod.name)}/log`,
          query: {
            container: options.container,
            follow: options.follow ? "true" : undefined,
            previous: options.previous ? "true" : undefined,
            sinceTime: options.since,
            tailLines: options.tailLines === undefined ? undefined : String(options.tailLines),
            timestamps: "true",
          },
          accept: "*/*",
          doing: `read the log of po/${pod.name} in namespace ${pod.namespace}`,
          signal: options.signal,
        },
        LOG_IDLE_MS,
      );
      for await (const line of linesOf(stream, LONGEST_LOG_LINE)) {
        const space = line.indexOf(" ");
        yield space < 0
          ? { time: line, text: "" }
          : { time: line.slice(0, space), text: line.slice(space + 1) };
      }
    },

    async ensureNamespace(name, options = {}) {
      const id = { apiVersion: "v1", kind: "Namespace", name };
      try {
        if ((await get(id, options)) !== undefined) return false;
      } catch (error) {
        if (isKubeError(error, "KUBE_FORBIDDEN")) return false;
        throw error;
      }
      try {
        await write(
          "POST",
          "create",
          id,
          { apiVersion: "v1", kind: "Namespace", metadata: { name } },
          options,
        );
        return true;
      } catch (error) {
        if (isKubeError(error, "KUBE_EXISTS")) return false;
        throw error;
      }
    },

    async awaitAbsent(id, options) {
      const deadline = Date.now() + options.timeoutMs;
      for (let waitMs = 50; ; waitMs = Math.min(waitMs * 2, 1000)) {
        const live = await get(id, options);
        if (live === undefined || (options.uid !== undefined && live.metadata.uid !== options.uid))
          return true;
        if (Date.now() > deadline) return false;
        await sleep(waitMs, undefined, options.signal ? { signal: options.signal } : {});
      }
    },

    [Symbol.asyncDispose]: async () => transport.close(),
  };
}

interface RawList {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly KubeObject[] | null;
}
