import { SlipwayError } from "#errors";
import {
  isKubeError,
  KubeError,
  plainYaml,
  splitDocuments,
  type Cluster,
  type KindId,
  type ResourceType,
} from "#kube";
import { ownershipFaults, type ReleaseName } from "./ownership.ts";

export interface InstallCheckOptions {
  /** Objects that are there already must be the release's. */
  readonly isNew: boolean;
  readonly signal: AbortSignal;
}

/** An object of a manifest as far as it must be known here; nothing else of it is believed. */
interface Wanted extends KindId {
  readonly name: string;
  readonly namespace: string;
  /** Inside a List, where Helm words a fault otherwise. */
  readonly isItem: boolean;
}

interface Known extends Wanted {
  readonly type: ResourceType;
}

/**
 * Whether an install of these objects would begin: each is of a kind that the cluster serves, and none is there that
 * belongs to something else. Nothing is changed.
 *
 * @throws {SlipwayError} RELEASE_INVALID or RELEASE_NOT_OWNED with Helm's words.
 * @see `action.Install` of Helm 3 before it creates
 */
export async function checkInstall(
  cluster: Cluster,
  manifest: string,
  release: ReleaseName,
  { isNew, signal }: InstallCheckOptions,
): Promise<void> {
  const known = await recognize(cluster, wantedOf(manifest), signal);
  if (isNew) await checkOwners(cluster, known, release, signal);
}

/** The objects of a manifest, or what is wrong with a document. */
function wantedOf(manifest: string): (Wanted | string)[] {
  return splitDocuments(manifest).flatMap((document): (Wanted | string)[] => {
    const value = plainYaml(document);
    if (value === null || value === undefined) return [];
    const missing = missingFields(value);
    if (missing.length === 0) return objectsOf(value as Fields, false);
    const list = missing.length === 1 ? missing[0] : `[${missing.join(", ")}]`;
    return [`error validating "": error validating data: ${list}`];
  });
}

type Fields = Readonly<Record<string, unknown>>;

function missingFields(value: unknown): string[] {
  const fields = isFields(value) ? value : {};
  return ["apiVersion", "kind"].filter((name) => !fields[name]).map((name) => `${name} not set`);
}

function objectsOf(value: Fields, isItem: boolean): Wanted[] {
  const { apiVersion, kind, items } = value;
  if (String(kind).endsWith("List") && Array.isArray(items)) {
    return items.filter(isFields).flatMap((item) => objectsOf(item, true));
  }
  const metadata = isFields(value["metadata"]) ? value["metadata"] : {};
  const text = (field: unknown): string => (typeof field === "string" ? field : "");
  return [
    {
      apiVersion: text(apiVersion),
      kind: text(kind),
      name: text(metadata["name"]),
      namespace: text(metadata["namespace"]),
      isItem,
    },
  ];
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

async function recognize(
  cluster: Cluster,
  wanted: readonly (Wanted | string)[],
  signal: AbortSignal,
): Promise<Known[]> {
  const faults: string[] = [];
  const known: Known[] = [];
  for (const one of wanted) {
    if (typeof one === "string") {
      // Helm reads no further.
      faults.push(one);
      break;
    }
    try {
      known.push({ ...one, type: await cluster.discover(one, { signal }) });
    } catch (error) {
      if (!isKubeError(error, "KUBE_NO_KIND")) throw error;
      const { name, namespace } = one;
      faults.push(
        one.isItem
          ? `unable to recognize ${error.serverMessage}`
          : `resource mapping not found for name: "${name}" namespace: "${namespace}" from "": ${error.serverMessage}\nensure CRDs are installed first`,
      );
    }
  }
  if (faults.length === 0) return known;
  const all = faults.length === 1 ? faults[0] : `[${faults.join(", ")}]`;
  throw new SlipwayError(
    "RELEASE_INVALID",
    `unable to build kubernetes objects from release manifest: ${all}`,
  );
}

async function checkOwners(
  cluster: Cluster,
  known: readonly Known[],
  release: ReleaseName,
  signal: AbortSignal,
): Promise<void> {
  for (const { type, apiVersion, kind, name, namespace } of known) {
    const place = type.namespaced ? namespace || release.namespace : "";
    const about = `${kind} "${name}" in namespace "${place}"`;
    const refusal = (reason: string, cause?: unknown): SlipwayError =>
      new SlipwayError("RELEASE_NOT_OWNED", `Unable to continue with install: ${reason}`, { cause });
    const unknown = `could not get information about the resource ${about}`;
    if (name === "") throw refusal(`${unknown}: resource name may not be empty`);
    let live;
    try {
      live = await cluster.get(
        { apiVersion, kind, name, ...(place === "" ? {} : { namespace: place }) },
        { signal },
      );
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      throw refusal(`${unknown}: ${error.serverMessage || error.message}`, error);
    }
    const faults = live === undefined ? [] : ownershipFaults(live, release);
    if (faults.length > 0) {
      throw refusal(
        `${about} exists and cannot be imported into the current release: invalid ownership metadata; ${faults.join("; ")}`,
      );
    }
  }
}
