import type { KubeObject } from "#kube";

/** Which release something belongs to. */
export interface ReleaseName {
  readonly name: string;
  readonly namespace: string;
}

const MANAGED_BY = "app.kubernetes.io/managed-by";
const HELM_NAME = "meta.helm.sh/release-name";
const HELM_NAMESPACE = "meta.helm.sh/release-namespace";
const WERF_OWNER = "service.werf.io/owner-release";
const WERF_ADOPTION = "werf.io/allow-adoption-by-release";
const RESOURCE_POLICY = "helm.sh/resource-policy";

/** The object with the marks by which helm and werf know whose it is. */
export function withOwner(object: KubeObject, release: ReleaseName): KubeObject {
  const { labels, annotations } = object.metadata;
  return {
    ...object,
    metadata: {
      ...object.metadata,
      labels: { ...labels, [MANAGED_BY]: "Helm" },
      annotations: {
        ...annotations,
        [HELM_NAME]: release.name,
        [HELM_NAMESPACE]: release.namespace,
        [WERF_OWNER]: release.name,
      },
    },
  };
}

export function isOwned(live: KubeObject, release: ReleaseName): boolean {
  return ownershipFaults(live, release).length === 0 || isOwnedByWerf(live, release);
}

/** Whether somebody invited this release to take the object over. */
export function mayAdopt(live: KubeObject, release: ReleaseName): boolean {
  return (
    live.metadata.annotations?.[WERF_ADOPTION] === release.name &&
    live.metadata.annotations[WERF_OWNER] === undefined
  );
}

/** Whether the object outlives its release. */
export function isKept(object: KubeObject): boolean {
  return object.metadata.annotations?.[RESOURCE_POLICY]?.trim().toLowerCase() === "keep";
}

/** What speaks against the object being this release's, in Helm's words. */
export function ownershipFaults(live: KubeObject, release: ReleaseName): string[] {
  const { labels = {}, annotations = {} } = live.metadata;
  return [
    fault("label", labels, MANAGED_BY, "Helm"),
    fault("annotation", annotations, HELM_NAME, release.name),
    fault("annotation", annotations, HELM_NAMESPACE, release.namespace),
  ].filter((text) => text !== undefined);
}

function isOwnedByWerf(live: KubeObject, release: ReleaseName): boolean {
  const { annotations = {} } = live.metadata;
  const namespace = annotations[HELM_NAMESPACE];
  return (
    annotations[WERF_OWNER] === release.name && (namespace === undefined || namespace === release.namespace)
  );
}

function fault(
  what: string,
  values: Readonly<Record<string, string>>,
  key: string,
  wanted: string,
): string | undefined {
  const value = values[key];
  if (value === wanted) return undefined;
  return value === undefined
    ? `${what} validation error: missing key "${key}": must be set to "${wanted}"`
    : `${what} validation error: key "${key}" must equal "${wanted}": current value is "${value}"`;
}
