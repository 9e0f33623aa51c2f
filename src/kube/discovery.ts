import { KubeError, isKubeError } from "./kube-error.ts";
import { type KindId, type ObjectId, type ResourceType, objectName } from "./object.ts";
import type { Transport } from "./transport.ts";

interface ServedResource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
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

  async apiVersions(signal?: AbortSignal): Promise<string[]> {
    const groups = (await this.#transport.call({
      method: "GET",
      path: "/apis",
      doing: "list API groups",
      signal,
    })) as {
      groups?: readonly { versions: readonly { groupVersion: string }[] }[];
    };
    const versions = [
      "v1",
      ...(groups.groups ?? []).flatMap((group) => group.versions.map((each) => each.groupVersion)),
    ];
    const kinds = await Promise.all(
      versions.map(async (version) => {
        const served = await this.#resources(version, signal);
        return served.map((resource) => `${version}/${resource.kind}`);
      }),
    );
    return [...new Set([...versions, ...kinds.flat()])];
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
