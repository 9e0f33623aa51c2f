import type { Cluster } from "#kube";
import type { ReleaseName } from "./ownership.ts";
import { type ReleaseRecord, readRecord, readRecords, recordHeads } from "./record.ts";

/** Every recorded revision of a release, oldest first; empty when there is none. */
export async function releaseHistory(
  cluster: Cluster,
  release: ReleaseName,
  signal?: AbortSignal,
): Promise<readonly ReleaseRecord[]> {
  return readRecords(cluster, release, signal);
}

/** A revision of a release, the last one unless told, or undefined when there is none. */
export async function releaseStatus(
  cluster: Cluster,
  release: ReleaseName,
  options: { readonly revision?: number; readonly signal?: AbortSignal } = {},
): Promise<ReleaseRecord | undefined> {
  const heads = await recordHeads(cluster, release, options.signal);
  const revision = options.revision ?? heads.at(-1)?.revision;
  return revision === undefined ? undefined : readRecord(cluster, release, revision, options.signal);
}
