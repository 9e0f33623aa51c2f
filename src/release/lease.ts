import { type Cluster, type KubeObject, isKubeError } from "#kube";
import type { GuardLock, LockAttempt } from "./guard.ts";
import { holderName, isDead } from "./holder.ts";
import type { ReleaseName } from "./ownership.ts";

const SECONDS = 15;

interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

/**
 * A coordination.k8s.io Lease beside the release. Its times are the server's, so holders with wrong clocks agree; a holder
 * that was killed is passed over when the lease expires, and at once when it ran on this machine.
 */
export function leaseLock(cluster: Cluster, release: ReleaseName, holder: string): GuardLock {
  const id = {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    name: `slipway-release-${release.name}`,
    namespace: release.namespace,
  };
  const now = (): Date => new Date(Date.now() + cluster.clockSkewMs());
  let held: KubeObject | undefined;

  const written = (old: KubeObject | undefined): KubeObject => {
    const spec = (old?.["spec"] ?? {}) as LeaseSpec;
    const isRenewal = spec.holderIdentity === holder;
    return {
      apiVersion: id.apiVersion,
      kind: id.kind,
      metadata: {
        name: id.name,
        namespace: id.namespace,
        ...(old?.metadata.resourceVersion === undefined
          ? {}
          : { resourceVersion: old.metadata.resourceVersion }),
        labels: { "app.kubernetes.io/managed-by": "slipway" },
      },
      spec: {
        holderIdentity: holder,
        leaseDurationSeconds: SECONDS,
        acquireTime: isRenewal ? spec.acquireTime : microTime(now()),
        renewTime: microTime(now()),
        leaseTransitions: (spec.leaseTransitions ?? 0) + (isRenewal ? 0 : 1),
      },
    };
  };

  return {
    renewEveryMs: 5000,
    lifeMs: SECONDS * 1000,

    async tryTake(signal): Promise<LockAttempt> {
      const live = await cluster.get(id, { signal });
      try {
        if (live === undefined) {
          held = await cluster.create(written(undefined), { signal });
          return { isTaken: true };
        }
        const spec = live["spec"] as LeaseSpec;
        const other = spec.holderIdentity ?? "";
        if (other !== "" && other !== holder && !isExpired(spec, now()) && !(await isDead(other))) {
          return { isTaken: false, holder: holderName(other) };
        }
        held = await cluster.replace(written(live), { signal });
        return { isTaken: true };
      } catch (error) {
        if (isKubeError(error, "KUBE_EXISTS", "KUBE_CONFLICT", "KUBE_NOT_FOUND"))
          return { isTaken: false, holder: "another process" };
        throw error;
      }
    },

    async renew(signal): Promise<boolean> {
      try {
        held = await cluster.replace(written(held), { signal });
        return true;
      } catch (error) {
        if (!isKubeError(error, "KUBE_CONFLICT")) {
          if (isKubeError(error, "KUBE_NOT_FOUND")) return false;
          throw error;
        }
        const live = await cluster.get(id, { signal });
        if ((live?.["spec"] as LeaseSpec | undefined)?.holderIdentity !== holder) return false;
        held = live;
        return true;
      }
    },

    async release(): Promise<void> {
      const { resourceVersion, uid } = held?.metadata ?? {};
      if (uid !== undefined && resourceVersion !== undefined)
        await cluster.delete(id, { uid, resourceVersion });
    },
  };
}

function isExpired(spec: LeaseSpec, now: Date): boolean {
  const renewed = Date.parse(spec.renewTime ?? "");
  return Number.isNaN(renewed) || now.getTime() > renewed + (spec.leaseDurationSeconds ?? SECONDS) * 1000;
}

/** A MicroTime of the API: six digits of a second. */
function microTime(time: Date): string {
  return time.toISOString().replace("Z", "000Z");
}
