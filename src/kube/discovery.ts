import { KubeError, isKubeError } from "./kube-error.ts";
import { type KindId, type ObjectId, type ResourceType, objectName } from "./object.ts";
import type { Transport } from "./transport.ts";

interface ServedResource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** @see Kubernetes 1.30 and later, aggregated discovery; older ones serve it as v2beta1 */
const AGGREGATED = ["v2", "v2beta1"]
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .concat("application/json")
  .join(",");

interface GroupList {
  readonly groups?: readonly { readonly versions: readonly { readonly groupVersion: string }[] }[];
  readonly items?: readonly {
    readonly metadata: { readonly name?: string };
    readonly versions: readonly {
      readonly version: string;
      readonly resources?: readonly {
        readonly resource: string;
        readonly responseKind?: { readonly kind?: string };
        readonly scope: "Namespaced" | "Cluster";
      }[];
    }[];
  }[];
}

/** Which kinds a server knows and at which path; asks once per group and version. */
export class Discovery {
  readonly #transport: Transport;
  readonly #known = new Map<string, Promise<readonly ServedResource[]>>();

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  forget(): void {
    this.#known.clear();
  }

  async find(id: KindId, signal?: AbortSignal): Promise<ResourceType> {
    const served = await this.#resources(id.apiVersion, signal);
    const found = served.find((resource) => resource.kind === id.kind && !resource.name.includes("/"));
    if (found === undefined) {
      throw new KubeError(
        "KUBE_NO_KIND",
        `Cannot find kind ${id.kind} in version ${id.apiVersion} on this cluster`,
        {
          status: 404,
          serverMessage: `no matches for kind "${id.kind}" in version "${id.apiVersion}"`,
          hint: "Install the CustomResourceDefinition first, or use an apiVersion that this cluster serves (kubectl api-resources)",
        },
      );
    }
    return { apiVersion: id.apiVersion, kind: id.kind, resource: found.name, namespaced: found.namespaced };
  }

  /** Two requests tell everything, and find() then knows it too. */
  async apiVersions(signal?: AbortSignal): Promise<string[]> {
    const lists = await Promise.all([this.#groups("/api", signal), this.#groups("/apis", signal)]);
    const aggregated = lists.flatMap((list) => list.items ?? []).flatMap(resourcesOfGroup);
    const served = aggregated.length > 0 ? aggregated : await this.#oneByOne(lists, signal);
    for (const [apiVersion, resources] of served) this.#known.set(apiVersion, Promise.resolve(resources));
    const kinds = served.flatMap(([apiVersion, resources]) =>
      resources.map(({ kind }) => `${apiVersion}/${kind}`),
    );
    return [...new Set([...served.map(([apiVersion]) => apiVersion), ...kinds])];
  }

  /** For servers that know no aggregated discovery. A group that does not answer is passed over. */
  async #oneByOne(
    lists: readonly GroupList[],
    signal?: AbortSignal,
  ): Promise<(readonly [string, readonly ServedResource[]])[]> {
    const groups = lists.flatMap((list) => list.groups ?? []).flatMap((group) => group.versions);
    const versions = ["v1", ...groups.map(({ groupVersion }) => groupVersion)];
    return Promise.all(
      versions.map(async (version) => {
        const resources = await this.#resources(version, signal).catch(() => []);
        signal?.throwIfAborted();
        return [version, resources.filter(({ name }) => !name.includes("/"))] as const;
      }),
    );
  }

  async #groups(path: string, signal?: AbortSignal): Promise<GroupList> {
    const answer = await this.#transport.call({
      method: "GET",
      path,
      accept: AGGREGATED,
      doing: "list the kinds of the API",
      signal,
    });
    return answer as GroupList;
  }

  #resources(apiVersion: string, signal?: AbortSignal): Promise<readonly ServedResource[]> {
    let asked = this.#known.get(apiVersion);
    if (asked === undefined) {
      asked = this.#ask(apiVersion, signal);
      this.#known.set(apiVersion, asked);
      asked.catch(() => this.#known.delete(apiVersion));
    }
    return asked;
  }

  async #ask(apiVersion: string, signal?: AbortSignal): Promise<readonly ServedResource[]> {
    try {
      const answer = (await this.#transport.call({
        method: "GET",
        path: versionPath(apiVersion),
        doing: `list the kinds of ${apiVersion}`,
        signal,
      })) as { resources?: readonly ServedResource[] };
      return answer.resources ?? [];
    } catch (error) {
      if (isKubeError(error, "KUBE_NOT_FOUND")) return [];
      throw error;
    }
  }
}

/** The resources of each `group/version`; those without a kind of their own are left out. */
function resourcesOfGroup(
  group: NonNullable<GroupList["items"]>[number],
): (readonly [string, readonly ServedResource[]])[] {
  const name = group.metadata.name ?? "";
  return group.versions.map(({ version, resources = [] }) => [
    name === "" ? version : `${name}/${version}`,
    resources.flatMap(({ resource, responseKind, scope }) =>
      responseKind?.kind
        ? [{ name: resource, kind: responseKind.kind, namespaced: scope === "Namespaced" }]
        : [],
    ),
  ]);
}

/** `/api/v1` for the core group, `/apis/GROUP/VERSION` for others. */
function versionPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** The path of all objects of a type, in one namespace or everywhere. */
export function collectionPath(type: ResourceType, namespace: string | undefined): string {
  const scope =
    type.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  return `${versionPath(type.apiVersion)}${scope}/${type.resource}`;
}

export function objectPath(type: ResourceType, id: ObjectId): string {
  return `${collectionPath(type, id.namespace)}/${encodeURIComponent(id.name)}`;
}

/** `create deploy/web in namespace shop`, for messages. */
export function describe(verb: string, id: ObjectId): string {
  return `${verb} ${objectName(id)}${id.namespace === undefined ? "" : ` in namespace ${id.namespace}`}`;
}
