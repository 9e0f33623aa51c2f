import { groupOf, type KindId } from "#kube";

/**
 * How a part of an object merges. Without a shape maps merge key by key, and a list or a scalar is taken as a whole.
 */
export interface Shape {
  readonly fields?: Readonly<Record<string, Shape>>;
  /** The list's items are told apart by these fields; a value beside a field stands where an item leaves it out. */
  readonly keys?: Readonly<Record<string, string | undefined>>;
  /** The list is a set of scalars. */
  readonly isSet?: boolean;
  /** Shape of a list's items, or of a map's values. */
  readonly items?: Shape;
  /** When anything in this map changes, what the chart does not name is dropped: the fields exclude each other. */
  readonly isUnion?: boolean;
  /** A Kubernetes quantity, such as 0.5 and 500m. */
  readonly isQuantity?: boolean;
}

type Keys = NonNullable<Shape["keys"]>;
const by = (...fields: readonly string[]): Keys =>
  Object.fromEntries(fields.map((field) => [field, undefined]));

const QUANTITIES: Shape = { items: { isQuantity: true } };
const RESOURCES: Shape = { fields: { limits: QUANTITIES, requests: QUANTITIES } };
const METADATA: Shape = { fields: { finalizers: { isSet: true }, ownerReferences: { keys: by("uid") } } };

const CONTAINER: Shape = {
  fields: {
    env: { keys: by("name"), items: { fields: { valueFrom: { isUnion: true } }, isUnion: true } },
    ports: { keys: { containerPort: undefined, protocol: "TCP" } },
    volumeMounts: { keys: by("mountPath") },
    volumeDevices: { keys: by("devicePath") },
    resources: RESOURCES,
  },
};

const VOLUME: Shape = {
  fields: { emptyDir: { fields: { sizeLimit: { isQuantity: true } } } },
  isUnion: true,
};

const POD_SPEC: Shape = {
  fields: {
    containers: { keys: by("name"), items: CONTAINER },
    initContainers: { keys: by("name"), items: CONTAINER },
    ephemeralContainers: { keys: by("name"), items: CONTAINER },
    volumes: { keys: by("name"), items: VOLUME },
    imagePullSecrets: { keys: by("name") },
    hostAliases: { keys: by("ip") },
    resourceClaims: { keys: by("name") },
    schedulingGates: { keys: by("name") },
    topologySpreadConstraints: { keys: by("topologyKey", "whenUnsatisfiable") },
  },
};

const POD_TEMPLATE: Shape = { fields: { metadata: METADATA, spec: POD_SPEC } };
const TEMPLATED: Shape = { fields: { spec: { fields: { template: POD_TEMPLATE } } } };
const WEBHOOKS: Shape = {
  fields: { webhooks: { keys: by("name"), items: { fields: { matchConditions: { keys: by("name") } } } } },
};

const BUILT_IN: Readonly<Record<string, Readonly<Record<string, Shape>>>> = {
  "": {
    Pod: { fields: { spec: POD_SPEC } },
    PodTemplate: { fields: { template: POD_TEMPLATE } },
    ReplicationController: TEMPLATED,
    Service: { fields: { spec: { fields: { ports: { keys: { port: undefined, protocol: "TCP" } } } } } },
    ServiceAccount: { fields: { secrets: { keys: by("name") }, imagePullSecrets: { keys: by("name") } } },
    PersistentVolumeClaim: { fields: { spec: { fields: { resources: RESOURCES } } } },
    ResourceQuota: { fields: { spec: { fields: { hard: QUANTITIES } } } },
  },
  apps: {
    Deployment: { fields: { spec: { fields: { template: POD_TEMPLATE, strategy: { isUnion: true } } } } },
    ReplicaSet: TEMPLATED,
    DaemonSet: {
      fields: { spec: { fields: { template: POD_TEMPLATE, updateStrategy: { isUnion: true } } } },
    },
    StatefulSet: {
      fields: {
        spec: {
          fields: {
            template: POD_TEMPLATE,
            updateStrategy: { isUnion: true },
            volumeClaimTemplates: { items: { fields: { spec: { fields: { resources: RESOURCES } } } } },
          },
        },
      },
    },
  },
  batch: {
    Job: TEMPLATED,
    CronJob: { fields: { spec: { fields: { jobTemplate: TEMPLATED } } } },
  },
  "admissionregistration.k8s.io": {
    MutatingWebhookConfiguration: WEBHOOKS,
    ValidatingWebhookConfiguration: WEBHOOKS,
    ValidatingAdmissionPolicy: {
      fields: {
        spec: { fields: { matchConditions: { keys: by("name") }, variables: { keys: by("name") } } },
      },
    },
  },
};

/**
 * The shape of a kind. Custom resources have none but their metadata's: their lists are whole, as in RFC 7386.
 * Ports are told apart by protocol too, which the strategic merge patch leaves out and so mixes up.
 *
 * @see k8s.io/api v0.33, the patchMergeKey tags and listMapKey markers of its types
 */
export function shapeOf(kind: KindId): Shape {
  const shape = BUILT_IN[groupOf(kind.apiVersion)]?.[kind.kind];
  return { fields: { ...shape?.fields, metadata: METADATA } };
}
