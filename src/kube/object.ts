/** A Kubernetes object as the API speaks it: JSON with these fields at least. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly [field: string]: unknown;
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
}

/** What a kind is called and where it lives; enough to find the resource it is served as. */
export interface KindId {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Which object is meant. `namespace` is absent for kinds that have none. */
export interface ObjectId extends KindId {
  readonly name: string;
  readonly namespace?: string;
}

/** How the API serves a kind. */
export interface ResourceType extends KindId {
  /** Lower-case plural as in URLs, `deployments`. */
  readonly resource: string;
  readonly namespaced: boolean;
}

/** The identity of an object that is at hand. */
export function idOf(object: KubeObject): ObjectId {
  const { name, namespace } = object.metadata;
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    name,
    ...(namespace === undefined ? {} : { namespace }),
  };
}

/** The API group of an `apiVersion`; empty for the core group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? "" : apiVersion.slice(0, slash);
}

const SHORT: Readonly<Record<string, string>> = {
  Deployment: "deploy",
  StatefulSet: "sts",
  DaemonSet: "ds",
  ReplicaSet: "rs",
  Job: "job",
  CronJob: "cj",
  Pod: "po",
  Service: "svc",
  Ingress: "ing",
  ConfigMap: "cm",
  Namespace: "ns",
  ServiceAccount: "sa",
  PersistentVolumeClaim: "pvc",
  PersistentVolume: "pv",
  HorizontalPodAutoscaler: "hpa",
  CustomResourceDefinition: "crd",
};

/** The name people know an object by: `deploy/web`, `secret/tls`. */
export function objectName(id: { readonly kind: string; readonly name: string }): string {
  return `${SHORT[id.kind] ?? id.kind.toLowerCase()}/${id.name}`;
}
