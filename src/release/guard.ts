import { setTimeout as sleep } from "node:timers/promises";
import { SlipwayError } from "#errors";
import type { EventPath, EventSink } from "#events";
import { type Cluster, isKubeError } from "#kube";
import { newHolder } from "./holder.ts";
import { leaseLock } from "./lease.ts";
import type { ReleaseName } from "./ownership.ts";
import { werfLock } from "./werf-lock.ts";

export type LockAttempt = { readonly isTaken: true } | { readonly isTaken: false; readonly holder: string };

/** A lock in the cluster that expires when its holder stops renewing it. */
export interface GuardLock {
  readonly renewEveryMs: number;
  /** Without renewal for this long the lock is lost. */
  readonly lifeMs: number;
  tryTake(signal: AbortSignal): Promise<LockAttempt>;
  /** False when somebody else has it. */
  renew(signal: AbortSignal): Promise<boolean>;
  release(): Promise<void>;
}

export interface GuardOptions {
  readonly events: EventSink;
  readonly path: EventPath;
  readonly signal?: AbortSignal;
}

const ASK_EVERY_MS = 1000;

/**
 * Runs `work` while nobody else deploys the release: neither slipway nor, where it is at work, werf 1.1. The signal that
 * `work` gets is aborted when a lock is lost.
 *
 * @throws {SlipwayError} RELEASE_LOCK_LOST
 */
export async function guarded<T>(
  cluster: Cluster,
  release: ReleaseName,
  options: GuardOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const locks = [leaseLock(cluster, release, await newHolder()), werfLock(cluster, release)];
  const lost = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, lost.signal]) : lost.signal;
  const taken: { readonly lock: GuardLock; readonly stop: () => Promise<void> }[] = [];
  try {
    for (const lock of locks) {
      await take(lock, release, options, signal);
      taken.push({ lock, stop: keepRenewed(lock, () => lost.abort(lockLost(release))) });
    }
    return await work(signal);
  } finally {
    for (const { lock, stop } of taken.reverse()) {
      await stop();
      await lock.release().catch(() => undefined);
    }
  }
}

async function take(
  lock: GuardLock,
  release: ReleaseName,
  options: GuardOptions,
  signal: AbortSignal,
): Promise<void> {
  let isWaiting = false;
  for (;;) {
    const attempt = await lock.tryTake(signal);
    if (attempt.isTaken) return;
    if (!isWaiting) {
      options.events({
        type: "notice",
        path: options.path,
        level: "info",
        text: `Waiting for locked "release/${release.name}", held by ${attempt.holder}`,
      });
    }
    isWaiting = true;
    await sleep(ASK_EVERY_MS, undefined, { signal });
  }
}

/** Renews until stopped; a renewal that fails for the lock's whole life is a loss. */
function keepRenewed(lock: GuardLock, onLost: () => void): () => Promise<void> {
  const stopped = new AbortController();
  let renewedAt = Date.now();
  const run = async (): Promise<void> => {
    for (;;) {
      await sleep(lock.renewEveryMs, undefined, { signal: stopped.signal });
      try {
        if (!(await lock.renew(stopped.signal))) return onLost();
        renewedAt = Date.now();
      } catch (error) {
        if (stopped.signal.aborted) return;
        if (Date.now() - renewedAt > lock.lifeMs || isKubeError(error, "KUBE_FORBIDDEN", "KUBE_UNAUTHORIZED"))
          return onLost();
      }
    }
  };
  const ended = run().catch(() => undefined);
  return async () => {
    stopped.abort();
    await ended;
  };
}

function lockLost(release: ReleaseName): SlipwayError {
  return new SlipwayError(
    "RELEASE_LOCK_LOST",
    `Stopped the deploy of release "${release.name}": its lock was lost`,
    {
      hint: "The cluster was out of reach for too long, or another process took the lock; run the command again",
    },
  );
}
