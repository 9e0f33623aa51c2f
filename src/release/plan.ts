import { SlipwayError } from "#errors";
import { type KubeObject, type ObjectId, groupOf, idOf, objectName } from "#kube";
import { shapeOf } from "./list-shapes.ts";
import { inInstallOrder } from "./order.ts";
import { type ReleaseName, isKept, isOwned, mayAdopt, ownershipFaults, withOwner } from "./ownership.ts";
import { isMap, mergePatch, mergeThree, withoutNulls } from "./three-way.ts";

/** What a deploy does to one object. */
export type Operation =
  | { readonly verb: "create"; readonly object: KubeObject }
  | {
      readonly verb: "patch";
      readonly object: KubeObject;
      readonly live: KubeObject;
      /** RFC 7386. */
      readonly patch: unknown;
      /** The object was nobody's and becomes the release's. */
      readonly isAdopted: boolean;
    }
  | { readonly verb: "unchanged"; readonly object: KubeObject; readonly live: KubeObject }
  | { readonly verb: "delete"; readonly live: KubeObject }
  /** Is no longer in the manifest and stays nevertheless. */
  | { readonly verb: "keep"; readonly live: KubeObject; readonly reason: string };

export interface PlanInput {
  readonly release: ReleaseName;
  /** The objects of the new manifest, namespaces filled in. */
  readonly wanted: readonly KubeObject[];
  /**
   * The manifests that may have left something in the cluster: the last deployed one, then those that were tried since,
   * oldest first. Empty on a first install.
   */
  readonly earlier: readonly (readonly KubeObject[])[];
  /** What is in the cluster now under the names of `wanted` and `earlier`. */
  readonly live: readonly KubeObject[];
}

/**
 * What turns the cluster into the new manifest, in order of application, deletions last. Pure: the same input gives the
 * same plan.
 *
 * @throws {SlipwayError} RELEASE_FOREIGN_OBJECT when an object of the manifest exists and is not the release's;
 * RELEASE_DUPLICATE_OBJECT when the manifest names an object twice.
 */
export function planUpgrade(input: PlanInput): readonly Operation[] {
  refuseDuplicates(input.wanted);
  const liveByKey = new Map(input.live.map((object) => [objectKey(object), object]));
  const earlierByKey = groupByKey(input.earlier.flat());
  const isInstall = input.earlier.length === 0;

  const applied = inInstallOrder(input.wanted, (object) => object).map((object) =>
    planObject({
      release: input.release,
      isInstall,
      object,
      earlier: earlierByKey.get(objectKey(object)) ?? [],
      live: liveByKey.get(objectKey(object)),
    }),
  );
  const wantedKeys = new Set(input.wanted.map(objectKey));
  const removed = [...earlierByKey].flatMap(([key, objects]) => {
    const live = liveByKey.get(key);
    return wantedKeys.has(key) || live === undefined ? [] : [planRemoval(input.release, objects, live)];
  });
  return [...applied, ...removed];
}

export interface ObjectPlanInput {
  readonly release: ReleaseName;
  readonly isInstall: boolean;
  /** As in the manifest. */
  readonly object: KubeObject;
  /** The same object in earlier manifests. */
  readonly earlier: readonly KubeObject[];
  readonly live: KubeObject | undefined;
}

/** The operation for one object of the new manifest. */
export function planObject(input: ObjectPlanInput): Operation {
  const { release, live } = input;
  const wanted = withOwner(normalized(input.object), release);
  if (live === undefined || live.metadata.deletionTimestamp !== undefined)
    return { verb: "create", object: wanted };

  const isAdopted = input.earlier.length === 0 && !isOwned(live, release);
  if (isAdopted && (input.isInstall || !mayAdopt(live, release))) throw foreignObject(input, live);

  const named = withoutCreationOnly(wanted, input.object);
  const before = input.earlier.map((object) => withoutCreationOnly(normalized(object), input.object));
  const target = mergeThree(before, named, live, shapeOf(wanted));
  const patch = mergePatch(live, target);
  if (patch === undefined) return { verb: "unchanged", object: wanted, live };
  return { verb: "patch", object: wanted, live, patch, isAdopted };
}

/** Names the same object whatever the version of its API group. */
export function objectKey(object: KubeObject | ObjectId): string {
  const id = "metadata" in object ? idOf(object) : object;
  return JSON.stringify([groupOf(id.apiVersion), id.kind, id.namespace ?? "", id.name]);
}

function planRemoval(release: ReleaseName, objects: readonly KubeObject[], live: KubeObject): Operation {
  if (isKept(live) || objects.some(isKept))
    return { verb: "keep", live, reason: "helm.sh/resource-policy is keep" };
  if (!isOwned(live, release)) return { verb: "keep", live, reason: "it does not belong to the release" };
  return { verb: "delete", live };
}

/** The object as the API would store what is written: without nulls and status, and a Secret's text as data. */
function normalized(object: KubeObject): KubeObject {
  const { status: _status, ...rest } = withoutNulls(object) as KubeObject;
  if (rest.kind !== "Secret" || rest.apiVersion !== "v1" || !isMap(rest["stringData"]))
    return rest as KubeObject;
  const { stringData, ...secret } = rest;
  const encoded = Object.entries(stringData as Record<string, unknown>).map(([key, text]) => [
    key,
    Buffer.from(String(text)).toString("base64"),
  ]);
  return {
    ...secret,
    data: { ...(secret["data"] as object | undefined), ...Object.fromEntries(encoded) },
  } as KubeObject;
}

/** Leaves out what the chart sets on creation only, so that the live value stays. */
function withoutCreationOnly(object: KubeObject, wanted: KubeObject): KubeObject {
  const annotations = wanted.metadata.annotations ?? {};
  let left: unknown = object;
  if (annotations["werf.io/set-replicas-only-on-creation"] === "true")
    left = without(left, ["spec", "replicas"]);
  if (annotations["werf.io/set-resources-only-on-creation"] === "true") {
    for (const list of [
      ["spec", "containers"],
      ["spec", "template", "spec", "containers"],
      ["spec", "volumeClaimTemplates"],
    ]) {
      left = without(left, [...list, "*", "resources"]);
    }
  }
  return left as KubeObject;
}

function without(value: unknown, path: readonly string[]): unknown {
  const [step = "", ...rest] = path;
  if (step === "*") return Array.isArray(value) ? value.map((item) => without(item, rest)) : value;
  if (!isMap(value) || !(step in value)) return value;
  const { [step]: inner, ...others } = value;
  return rest.length === 0 ? others : { ...others, [step]: without(inner, rest) };
}

function refuseDuplicates(wanted: readonly KubeObject[]): void {
  for (const [, objects] of groupByKey(wanted)) {
    const [object, second] = objects;
    if (object === undefined || second === undefined) continue;
    throw new SlipwayError(
      "RELEASE_DUPLICATE_OBJECT",
      `Cannot apply the manifest: it has ${objectName(idOf(object))} twice`,
      {
        hint: "Give the objects different names, or remove one of them from the templates",
      },
    );
  }
}

function groupByKey(objects: readonly KubeObject[]): Map<string, KubeObject[]> {
  const groups = new Map<string, KubeObject[]>();
  for (const object of objects)
    groups.set(objectKey(object), [...(groups.get(objectKey(object)) ?? []), object]);
  return groups;
}

function foreignObject(input: ObjectPlanInput, live: KubeObject): SlipwayError {
  const { name, namespace = "" } = live.metadata;
  const faults = ownershipFaults(live, input.release).join("; ");
  return new SlipwayError(
    "RELEASE_FOREIGN_OBJECT",
    `Unable to continue with ${input.isInstall ? "install" : "update"}: ${live.kind} "${name}" in namespace "${namespace}" exists and cannot be imported into the current release: invalid ownership metadata; ${faults}`,
    {
      hint: input.isInstall
        ? "Delete the object, or rename it in the chart; a first install takes nothing over"
        : `Delete the object, rename it in the chart, or give it to this release with the annotation werf.io/allow-adoption-by-release=${input.release.name}`,
    },
  );
}
