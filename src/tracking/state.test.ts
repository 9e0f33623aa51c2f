import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "#kube";
import { trackSettings } from "./annotations.ts";
import { podSelectors } from "./selectors.ts";
import { type Target, TrackState } from "./state.ts";

function deployment(status: Record<string, unknown>, annotations: Record<string, string> = {}): KubeObject {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "prod", uid: "d", generation: 2, annotations },
    spec: { replicas: 1, selector: { matchLabels: { app: "web" } } },
    status: { observedGeneration: 2, ...status },
  };
}

const READY = { replicas: 1, updatedReplicas: 1, availableReplicas: 1 };

function replicaSet(uid: string, revision: number): KubeObject {
  const annotations = { "deployment.kubernetes.io/revision": String(revision) };
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name: `web-${uid}`,
      namespace: "prod",
      uid,
      annotations,
      ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name: "web", uid: "d" }],
    },
  };
}

function pod(owner: string, status: Record<string, unknown>, uid = "p"): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `web-${owner}-${uid}`,
      namespace: "prod",
      uid,
      ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: owner, uid: owner }],
    },
    status,
  };
}

function waiting(reason: string, restartCount = 0): Record<string, unknown> {
  return {
    phase: "Pending",
    containerStatuses: [
      {
        name: "app",
        restartCount,
        state: { waiting: { reason, message: "why" } },
        lastState: { terminated: { exitCode: 3, reason: "Error" } },
      },
    ],
  };
}

/** A ready pod whose container started at time 0. */
function running(restartCount: number, container: Record<string, unknown> = {}): KubeObject {
  const state = { running: { startedAt: new Date(0).toISOString() } };
  const status = {
    conditions: [{ type: "Ready", status: "True" }],
    containerStatuses: [{ name: "app", restartCount, state, containerID: `run-${restartCount}` }],
  };
  return { ...pod("new", status), spec: { containers: [{ name: "app", ...container }] } };
}

function tracking(live: KubeObject): { state: TrackState; borne: string[] } {
  const settings = trackSettings(live);
  assert.ok(!("warning" in settings));
  const target: Target = { kind: "Deployment", namespace: "prod", name: "web", settings };
  const borne: string[] = [];
  const state = new TrackState([target], 15_000, (_, failures, { fault }) =>
    borne.push(`${failures} ${fault.reason}`),
  );
  state.observe("added", live);
  state.observe("added", replicaSet("old", 1));
  state.observe("added", replicaSet("new", 2));
  return { state, borne };
}

test("TrackState waits until every replica is updated and available", () => {
  const { state } = tracking(deployment({ ...READY, updatedReplicas: 0 }));
  assert.deepEqual(state.judge(0), { state: "waiting" });
  state.observe("modified", deployment(READY));
  assert.deepEqual(state.judge(0), { state: "waiting" });
  state.observe("added", running(0, { readinessProbe: {} }));
  assert.deepEqual(state.judge(0), { state: "ready" });
});

test("TrackState believes a container without a probe when it has lasted, and one that has crashed after longer", () => {
  const { state } = tracking(deployment(READY));
  state.observe("added", running(0));
  assert.equal(state.judge(0).state, "waiting");
  assert.equal(state.judge(2_000).state, "ready");
  state.observe("modified", running(1));
  assert.equal(state.judge(3_000).state, "waiting");
  assert.equal(state.judge(10_999).state, "waiting");
  assert.equal(state.judge(11_000).state, "ready");
});

test("TrackState believes at once what has been running since long before", () => {
  const { state } = tracking(deployment(READY));
  state.observe("added", running(4));
  assert.equal(state.judge(11_000).state, "ready");
});

test("TrackState does not believe a status of an older generation", () => {
  const { state } = tracking(deployment({ ...READY, observedGeneration: 1 }));
  assert.deepEqual(state.judge(0), { state: "waiting" });
});

test("TrackState bears one crash of a replica and fails at the second", () => {
  const { state, borne } = tracking(deployment({ replicas: 1 }));
  state.observe("added", pod("new", waiting("CrashLoopBackOff", 1)));
  assert.deepEqual(state.judge(0), { state: "waiting" });
  assert.deepEqual(state.judge(60_000), { state: "waiting" });
  assert.deepEqual(borne, ["1 CrashLoopBackOff"]);
  state.observe("modified", pod("new", waiting("CrashLoopBackOff", 2)));
  const verdict = state.judge(61_000);
  assert.equal(verdict.state, "failed");
  assert.deepEqual(verdict.state === "failed" ? verdict.failure.fault.message : "", "exit code 3");
});

test("TrackState counts a pull that goes on failing", () => {
  const { state } = tracking(deployment({ replicas: 1 }));
  state.observe("added", pod("new", waiting("ErrImagePull")));
  assert.equal(state.judge(0).state, "waiting");
  state.observe("modified", pod("new", waiting("ImagePullBackOff")));
  assert.equal(state.judge(1000).state, "failed");
});

test("TrackState counts a fault that never changes once more after ten seconds", () => {
  const { state } = tracking(deployment({ replicas: 1 }));
  state.observe("added", pod("new", waiting("CreateContainerConfigError")));
  assert.equal(state.judge(0).state, "waiting");
  assert.equal(state.judge(9_000).state, "waiting");
  assert.equal(state.judge(10_000).state, "failed");
});

test("TrackState fails at once where only another chart helps", () => {
  const { state } = tracking(deployment({ replicas: 1 }));
  state.observe("added", pod("new", waiting("InvalidImageName")));
  assert.equal(state.judge(0).state, "failed");
});

test("TrackState passes over pods of older ReplicaSets", () => {
  const { state, borne } = tracking(deployment({ replicas: 1 }));
  state.observe("added", pod("old", waiting("InvalidImageName")));
  assert.deepEqual([state.judge(0).state, borne], ["waiting", []]);
});

test("TrackState lets a pod without a node wait, and longer while a node is on its way", () => {
  const unschedulable = {
    phase: "Pending",
    conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message: "no cpu" }],
  };
  const { state } = tracking(deployment({ replicas: 1 }, { "werf.io/failures-allowed-per-replica": "0" }));
  state.observe("added", pod("new", unschedulable));
  assert.equal(state.judge(0).state, "waiting");
  assert.equal(state.judge(14_000).state, "waiting");
  const scaling = {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: "e", uid: "e" },
    reason: "TriggeredScaleUp",
    involvedObject: { kind: "Pod", uid: "p" },
  };
  state.observeEvent(scaling, true);
  assert.equal(state.judge(60_000).state, "waiting");
  state.observe("added", pod("new", unschedulable, "q"));
  state.judge(60_000);
  assert.equal(state.judge(75_000).state, "failed");
});

test("TrackState counts what the controller says it could not do, but not what it said before", () => {
  const { state, borne } = tracking(deployment({ replicas: 0 }));
  const event = (count: number): KubeObject => ({
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: "e", uid: "e" },
    reason: "FailedCreate",
    message: "exceeded quota",
    count,
    involvedObject: { kind: "ReplicaSet", name: "web-new", namespace: "prod", uid: "new" },
  });
  state.observeEvent(event(5), false);
  assert.equal(state.judge(0).state, "waiting");
  state.observeEvent(event(6), true);
  assert.deepEqual([state.judge(0).state, borne], ["waiting", ["1 FailedCreate"]]);
  state.observeEvent(event(7), true);
  assert.equal(state.judge(0).state, "failed");
});

test("TrackState never fails a resource whose failures are ignored", () => {
  const { state } = tracking(
    deployment({ replicas: 1 }, { "werf.io/fail-mode": "IgnoreAndContinueDeployProcess" }),
  );
  state.observe("added", pod("new", waiting("InvalidImageName")));
  assert.equal(state.judge(0).state, "waiting");
});

test("TrackState does not wait for a resource that does not block", () => {
  const { state } = tracking(
    deployment({ replicas: 1 }, { "werf.io/track-termination-mode": "NonBlocking" }),
  );
  assert.equal(state.judge(0).state, "ready");
});

test("TrackState fails a roll-out that is past its deadline", () => {
  const late = {
    type: "Progressing",
    status: "False",
    reason: "ProgressDeadlineExceeded",
    message: "timed out",
  };
  const { state } = tracking(deployment({ replicas: 1, conditions: [late] }));
  assert.equal(state.judge(0).state, "failed");
});

test("trackSettings() names an annotation that is wrong", () => {
  assert.deepEqual(trackSettings(deployment({}, { "werf.io/fail-mode": "Never" })), {
    warning:
      "deployment/web annotation werf.io/fail-mode with invalid value Never: choose one of FailWholeDeployProcessImmediately, HopeUntilEndOfDeployProcess, IgnoreAndContinueDeployProcess",
  });
});

test("podSelectors() asks once for workloads that share a label key", () => {
  const workload = (labels: Record<string, string>): KubeObject => ({
    ...deployment({}),
    spec: { selector: { matchLabels: labels } },
  });
  assert.deepEqual(podSelectors([workload({ app: "web", tier: "a" }), workload({ app: "db" })]), [
    "app in (db,web)",
  ]);
  assert.deepEqual(podSelectors([workload({ app: "web" }), workload({ name: "db" })]), [
    "app=web",
    "name=db",
  ]);
  assert.deepEqual(podSelectors([workload({})]), [""]);
});
