import { type Cluster, type KubeObject, groupOf, idOf, isKubeError } from "#kube";
import { atMost } from "./at-most.ts";
import { objectKey } from "./plan.ts";

const READS_AT_ONCE = 16;

/** The object with the namespace it will be in: the release's where it names none, and none where its kind has none. */
export async function withNamespace(
  cluster: Cluster,
  object: KubeObject,
  namespace: string,
  signal: AbortSignal,
): Promise<KubeObject> {
  const { namespaced } = await cluster.discover(object, { signal });
  const { namespace: named, ...metadata } = object.metadata;
  return { ...object, metadata: namespaced ? { ...metadata, namespace: named ?? namespace } : metadata };
}

/**
 * Objects of an earlier manifest with their namespaces; those whose API the cluster no longer serves are left out, for
 * they cannot be there.
 */
export async function withNamespaces(
  cluster: Cluster,
  objects: readonly KubeObject[],
  namespace: string,
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const known = await Promise.all(
    objects.map(async (object) => {
      try {
        return await withNamespace(cluster, object, namespace, signal);
      } catch (error) {
        if (isKubeError(error, "KUBE_NO_KIND")) return undefined;
        throw error;
      }
    }),
  );
  return known.filter((object) => object !== undefined);
}

/**
 * Objects of the new manifest with their namespaces. A kind that the cluster does not know yet may be defined by a
 * CustomResourceDefinition of the same manifest.
 */
export async function wantedWithNamespaces(
  cluster: Cluster,
  objects: readonly KubeObject[],
  namespace: string,
  signal: AbortSignal,
): Promise<KubeObject[]> {
  return Promise.all(
    objects.map(async (object) => {
      try {
        return await withNamespace(cluster, object, namespace, signal);
      } catch (error) {
        const scope = isKubeError(error, "KUBE_NO_KIND") ? scopeDefinedIn(objects, object) : undefined;
        if (scope === undefined) throw error;
        const { namespace: named, ...metadata } = object.metadata;
        return {
          ...object,
          metadata: scope === "Namespaced" ? { ...metadata, namespace: named ?? namespace } : metadata,
        };
      }
    }),
  );
}

/** What is in the cluster under the names of these objects. */
export async function readLive(
  cluster: Cluster,
  objects: readonly KubeObject[],
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const unique = new Map(objects.map((object) => [objectKey(object), object]));
  const found = await atMost(READS_AT_ONCE, [...unique.values()], async (object) => {
    try {
      return await cluster.get(idOf(object), { signal });
    } catch (error) {
      if (isKubeError(error, "KUBE_NO_KIND")) return undefined;
      throw error;
    }
  });
  return found.filter((object) => object !== undefined);
}

function scopeDefinedIn(objects: readonly KubeObject[], wanted: KubeObject): string | undefined {
  for (const object of objects) {
    if (object.kind !== "CustomResourceDefinition") continue;
    const spec = object["spec"] as { group?: string; scope?: string; names?: { kind?: string } } | undefined;
    if (spec?.group === groupOf(wanted.apiVersion) && spec.names?.kind === wanted.kind) return spec.scope;
  }
  return undefined;
}
