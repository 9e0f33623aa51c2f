import { createHash, randomUUID } from "node:crypto";
import { type Cluster, type KubeObject, isKubeError } from "#kube";
import type { GuardLock, LockAttempt } from "./guard.ts";
import type { ReleaseName } from "./ownership.ts";

const SECONDS = 10;

interface LockValue {
  readonly UUID: string;
  readonly LockName: string;
  readonly ExpireAtTimestamp: number;
  readonly SharedHoldersCount: number;
  readonly IsShared: boolean;
}

/**
 * The lock that werf 1.1 takes: a JSON annotation of the ConfigMap `werf-synchronization` in the release's namespace. It is
 * taken only where that ConfigMap exists, which says that werf is at work there.
 *
 * @see werf 1.1, its kubernetes locker: annotation `lockgate.io/` + SHA3-224 of the lock's name
 */
export function werfLock(cluster: Cluster, release: ReleaseName): GuardLock {
  const id = {
    apiVersion: "v1",
    kind: "ConfigMap",
    name: "werf-synchronization",
    namespace: release.namespace,
  };
  const lockName = `release/${release.name}`;
  const key = werfLockKey(lockName);
  const uuid = randomUUID();
  let isHeld = false;
  const nowSeconds = (): number => Math.floor((Date.now() + cluster.clockSkewMs()) / 1000);

  const valueIn = (live: KubeObject | undefined): LockValue | undefined => {
    try {
      return JSON.parse(live?.metadata.annotations?.[key] ?? "") as LockValue;
    } catch {
      return undefined;
    }
  };
  const write = async (live: KubeObject, value: LockValue | null, signal?: AbortSignal): Promise<void> => {
    const { resourceVersion } = live.metadata;
    const patch = {
      metadata: { resourceVersion, annotations: { [key]: value === null ? null : JSON.stringify(value) } },
    };
    await cluster.patch(id, patch, { type: "merge", ...(signal ? { signal } : {}) });
  };
  const mine = (): LockValue => ({
    UUID: uuid,
    LockName: lockName,
    ExpireAtTimestamp: nowSeconds() + SECONDS,
    SharedHoldersCount: 0,
    IsShared: false,
  });

  return {
    renewEveryMs: 3000,
    lifeMs: SECONDS * 1000,

    async tryTake(signal): Promise<LockAttempt> {
      const live = await cluster.get(id, { signal });
      if (live === undefined) return { isTaken: true };
      const value = valueIn(live);
      if (value !== undefined && value.ExpireAtTimestamp >= nowSeconds())
        return { isTaken: false, holder: "werf" };
      try {
        await write(live, mine(), signal);
        isHeld = true;
        return { isTaken: true };
      } catch (error) {
        if (isKubeError(error, "KUBE_CONFLICT", "KUBE_NOT_FOUND")) return { isTaken: false, holder: "werf" };
        throw error;
      }
    },

    async renew(signal): Promise<boolean> {
      if (!isHeld) return true;
      for (;;) {
        const live = await cluster.get(id, { signal });
        if (live === undefined || valueIn(live)?.UUID !== uuid) return false;
        try {
          await write(live, mine(), signal);
          return true;
        } catch (error) {
          if (!isKubeError(error, "KUBE_CONFLICT")) throw error;
        }
      }
    },

    async release(): Promise<void> {
      if (!isHeld) return;
      const live = await cluster.get(id);
      if (live !== undefined && valueIn(live)?.UUID === uuid) await write(live, null);
    },
  };
}

/** The annotation that holds a lock of this name. */
export function werfLockKey(lockName: string): string {
  return `lockgate.io/${createHash("sha3-224").update(lockName).digest("hex")}`;
}
