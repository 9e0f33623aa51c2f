import { during } from "#events";
import { type KubeObject, idOf, isKubeError, objectName, readManifest } from "#kube";
import { isTracked, track } from "#tracking";
import { type Applied, applyPlan, awaitEstablished } from "./apply.ts";
import { guarded } from "./guard.ts";
import { runHooks } from "./hooks.ts";
import { readLive, wantedWithNamespaces, withNamespaces } from "./live.ts";
import { type Operation, planUpgrade } from "./plan.ts";
import {
  type HookRun,
  type RecordHead,
  type ReleaseRecord,
  chartJson,
  createRecord,
  deleteRecord,
  readRecord,
  recordHeads,
  updateRecord,
} from "./record.ts";
import type { DeployRequest, DeployResult, Hook } from "./request.ts";

const DAY_MS = 86_400_000;
const LAST_WRITE_MS = 10_000;
const HISTORY = 10;

/**
 * Installs a release or brings it to a new manifest, and waits until it is ready. The record is written before the first
 * change and again at the end, so a run that is killed leaves a revision that the next run marks failed and builds on.
 * Objects that are as they should be are not written to.
 *
 * @throws {SlipwayError} RELEASE_FOREIGN_OBJECT, RELEASE_DUPLICATE_OBJECT, RELEASE_TOO_LARGE, RELEASE_CHANGED and
 * RELEASE_LOCK_LOST; those of tracking; those of kube. The revision then has the status `failed` and the reason.
 * @see werf 1.1, "Deploy process"
 */
export async function deployRelease(request: DeployRequest): Promise<DeployResult> {
  const path = request.path ?? [`release ${request.name}`];
  const wanted = readManifest(request.rendered.manifest).map(({ object }) => object);
  return during(request.events, path, async (end) => {
    await request.cluster.ensureNamespace(
      request.namespace,
      request.signal ? { signal: request.signal } : {},
    );
    const guard = { events: request.events, path, ...(request.signal ? { signal: request.signal } : {}) };
    const result = await guarded(request.cluster, request, guard, (signal) =>
      deployGuarded({ request, path, wanted, signal, deadline: Date.now() + (request.timeoutMs || DAY_MS) }),
    );
    end("done", `revision ${result.revision}`);
    return result;
  });
}

interface Run {
  readonly request: DeployRequest;
  readonly path: readonly string[];
  readonly wanted: readonly KubeObject[];
  readonly signal: AbortSignal;
  readonly deadline: number;
}

async function deployGuarded(run: Run): Promise<DeployResult> {
  const { request, signal } = run;
  const { cluster } = request;
  const past = await readPast(run);
  await installDefinitions(run);
  const prepared = await prepare(run, past);

  const now = new Date().toISOString();
  const isInstall = past.base.length === 0;
  let record: ReleaseRecord = {
    name: request.name,
    namespace: request.namespace,
    revision: (past.heads.at(-1)?.revision ?? 0) + 1,
    status: isInstall ? "pending-install" : "pending-upgrade",
    description: isInstall ? "Initial install underway" : "Preparing upgrade",
    notes: request.rendered.notes,
    firstDeployed: past.firstDeployed ?? now,
    lastDeployed: now,
    manifest: request.rendered.manifest,
    hooks: request.rendered.hooks,
    config: request.rendered.config,
    chart: chartJson(request.rendered.chart),
    labels: request.recordLabels ?? {},
  };
  await prune(run, past.heads);
  await createRecord(cluster, record, new Date(), signal);
  try {
    const runs = new Map<string, HookRun>();
    const applied = await carryOut(run, past, prepared, (hook, hookRun) =>
      runs.set(hook.path + hook.name, hookRun),
    );
    record = {
      ...record,
      status: "deployed",
      description: isInstall ? "Install complete" : "Upgrade complete",
      hooks: record.hooks.map((hook) => ({ ...hook, ...lastRunOf(runs, hook) })),
    };
    await updateRecord(cluster, record, new Date(), signal);
    await supersede(run, past);
    return {
      revision: record.revision,
      status: "deployed",
      notes: record.notes,
      firstDeployed: record.firstDeployed,
      lastDeployed: record.lastDeployed,
      objects: applied,
    };
  } catch (error) {
    const description = signal.aborted
      ? "Interrupted"
      : `Release "${request.name}" failed: ${(error as Error).message}`;
    await updateRecord(
      cluster,
      { ...record, status: "failed", description },
      new Date(),
      AbortSignal.timeout(LAST_WRITE_MS),
    ).catch(() => undefined);
    signal.throwIfAborted();
    throw error;
  }
}

interface Past {
  readonly heads: readonly RecordHead[];
  /** The last deployed revision and those tried since, oldest first. */
  readonly base: readonly ReleaseRecord[];
  readonly firstDeployed: string | undefined;
}

/** Reads what earlier runs left, and marks a revision that nobody works on any more as failed. */
async function readPast(run: Run): Promise<Past> {
  const { request, path, signal } = run;
  const { cluster } = request;
  const heads = await recordHeads(cluster, request, signal);
  const deployed = heads.findLast((head) => head.status === "deployed");
  const from = deployed?.revision ?? 0;
  const read = await Promise.all(
    heads
      .filter((head) => head.revision >= from)
      .map((head) => readRecord(cluster, request, head.revision, signal)),
  );
  const records = read.filter((record) => record !== undefined);
  for (const record of records) {
    if (!record.status.startsWith("pending-")) continue;
    const text = `Revision ${record.revision} was left ${record.status} by a run that ended before its time; it counts as failed`;
    request.events({ type: "notice", path, level: "warning", text });
    await updateRecord(
      cluster,
      { ...record, status: "failed", description: `Abandoned while ${record.status}` },
      new Date(),
      signal,
    );
  }
  const base = records.filter((record) => record.status !== "uninstalled");
  return { heads, base, firstDeployed: base[0]?.firstDeployed };
}

interface Prepared {
  readonly wanted: readonly KubeObject[];
  readonly earlier: readonly (readonly KubeObject[])[];
  readonly plan: readonly Operation[];
}

async function prepare(run: Run, past: Past): Promise<Prepared> {
  const { request, signal } = run;
  const { cluster, namespace } = request;
  const wanted = await wantedWithNamespaces(cluster, run.wanted, namespace, signal);
  const earlier = await Promise.all(
    past.base.map((record) =>
      withNamespaces(
        cluster,
        readManifest(record.manifest).map(({ object }) => object),
        namespace,
        signal,
      ),
    ),
  );
  const live = await readLive(cluster, [...wanted, ...earlier.flat()], signal);
  return { wanted, earlier, plan: planUpgrade({ release: request, wanted, earlier, live }) };
}

async function carryOut(
  run: Run,
  past: Past,
  prepared: Prepared,
  onRun: (hook: Hook, hookRun: HookRun) => void,
): Promise<readonly Applied[]> {
  const { request, path, signal, deadline } = run;
  const { cluster, events } = request;
  const isInstall = past.base.length === 0;
  const verb = isInstall ? "install" : "upgrade";
  const hookOptions = {
    events,
    path,
    signal,
    deadline,
    statusPeriodMs: request.hookStatusPeriodMs ?? request.statusPeriodMs,
    onRun,
  };

  const since = new Date();
  const hasPreHooks = request.rendered.hooks.some((hook) => hook.events.includes(`pre-${verb}`));
  await runHooks(cluster, request, request.rendered.hooks, `pre-${verb}`, hookOptions);
  const { wanted, earlier, plan } = hasPreHooks ? await prepare(run, past) : prepared;
  const applied = await during(events, [...path, "apply"], async (end) => {
    const done = await applyPlan(cluster, plan, {
      release: request,
      isInstall,
      earlier: earlier.flat(),
      events,
      path: [...path, "apply"],
      signal,
    });
    end(done.every(({ outcome }) => outcome === "unchanged") ? "reused" : "done", summaryOf(done));
    return done;
  });
  if (request.track ?? true) await trackAll(run, wanted, since);
  await runHooks(cluster, request, request.rendered.hooks, `post-${verb}`, hookOptions);
  return applied;
}

async function trackAll(run: Run, wanted: readonly KubeObject[], since: Date): Promise<void> {
  const { request, path, signal, deadline } = run;
  const tracked = wanted.filter(isTracked);
  if (tracked.length === 0) return;
  await during(
    request.events,
    [...path, "resources"],
    () =>
      track(request.cluster, tracked, {
        events: request.events,
        path: [...path, "resources"],
        signal,
        since,
        timeoutMs: Math.max(1, deadline - Date.now()),
        ...(request.statusPeriodMs === undefined ? {} : { statusPeriodMs: request.statusPeriodMs }),
      }),
    "Waiting for release resources to become ready",
  );
}

/** Definitions of `crds/` are made when they are absent and left alone otherwise. */
async function installDefinitions(run: Run): Promise<void> {
  const { request, path, signal } = run;
  const objects = (request.rendered.crds ?? []).flatMap((text) =>
    readManifest(text).map(({ object }) => object),
  );
  for (const object of objects) {
    try {
      await request.cluster.create(object, { fieldManager: "helm", signal });
      request.events({ type: "notice", path, level: "info", text: `${objectName(idOf(object))} created` });
    } catch (error) {
      if (!isKubeError(error, "KUBE_EXISTS")) throw error;
    }
    await awaitEstablished(request.cluster, object, signal);
  }
}

/** Removes the oldest revisions so that with the coming one no more than the limit are kept; never the deployed one. */
async function prune(run: Run, heads: readonly RecordHead[]): Promise<void> {
  const { request, signal } = run;
  const limit = request.historyMax ?? HISTORY;
  if (limit <= 0) return;
  const deployed = heads.findLast((head) => head.status === "deployed")?.revision;
  const spare = heads.filter((head) => head.revision !== deployed);
  const surplus = Math.max(0, heads.length - (limit - 1));
  await Promise.all(
    spare.slice(0, surplus).map((head) => deleteRecord(request.cluster, request, head.revision, signal)),
  );
}

/** Runs after the new revision is recorded as deployed: killed in between, two are deployed and the newer one counts. */
async function supersede(run: Run, past: Past): Promise<void> {
  const { request, signal } = run;
  for (const head of past.heads.filter(({ status }) => status === "deployed")) {
    const known = past.base.find((record) => record.revision === head.revision);
    const record = known ?? (await readRecord(request.cluster, request, head.revision, signal));
    if (record === undefined) continue;
    await updateRecord(request.cluster, { ...record, status: "superseded" }, new Date(), signal);
  }
}

function lastRunOf(runs: ReadonlyMap<string, HookRun>, hook: Hook): { lastRun?: HookRun } {
  const lastRun = runs.get(hook.path + hook.name);
  return lastRun === undefined ? {} : { lastRun };
}

function summaryOf(done: readonly Applied[]): string {
  const counts = Map.groupBy(done, ({ outcome }) => outcome);
  return [...counts].map(([outcome, items]) => `${items.length} ${outcome}`).join(", ");
}
