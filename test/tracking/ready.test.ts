import assert from "node:assert/strict";
import { test } from "node:test";
import { openShop, type Shop } from "../release/shop.ts";

const POD = (command: string, more = ""): string => `
    metadata:
      labels: {app: it}
    spec:
      terminationGracePeriodSeconds: 0${more}
      containers:
      - name: app
        image: busybox:1.35
        command: ["sh", "-c", ${JSON.stringify(command)}]
        readinessProbe: {exec: {command: ["test", "-e", "/tmp/open"]}, periodSeconds: 1}
`;
const OPENS_LATE = "sleep 2; touch /tmp/open; exec sleep 3600";

const STATEFUL_SET = `---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: it}
spec:
  serviceName: it
  replicas: 2
  selector: {matchLabels: {app: it}}
  template:${POD(OPENS_LATE)}`;

const DAEMON_SET = `---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: it}
spec:
  selector: {matchLabels: {app: it}}
  template:${POD(OPENS_LATE)}`;

const job = (command: string): string => `---
apiVersion: batch/v1
kind: Job
metadata: {name: it}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers:
      - {name: app, image: "busybox:1.35", command: ["sh", "-c", ${JSON.stringify(command)}]}
`;

async function status(
  shop: Shop,
  kind: string,
  apiVersion = "apps/v1",
): Promise<Readonly<Record<string, unknown>>> {
  const object = await shop.cluster.get({ apiVersion, kind, name: "it", namespace: shop.namespace });
  return object?.["status"] as Record<string, unknown>;
}

test("a StatefulSet is awaited until every replica is ready", async (t) => {
  await using shop = await openShop(t);
  if (shop === undefined) return;
  await shop.deploy(STATEFUL_SET);
  assert.equal((await status(shop, "StatefulSet"))["readyReplicas"], 2);
});

test("a DaemonSet is awaited until it is ready on every node", async (t) => {
  await using shop = await openShop(t);
  if (shop === undefined) return;
  await shop.deploy(DAEMON_SET);
  const { numberAvailable, desiredNumberScheduled } = await status(shop, "DaemonSet");
  assert.deepEqual([numberAvailable, desiredNumberScheduled], [1, 1]);
});

test("a Job is awaited until it has succeeded, and its failure fails the deploy", async (t) => {
  await using shop = await openShop(t);
  if (shop === undefined) return;
  await shop.deploy(job("echo moving; sleep 2; echo moved"));
  assert.equal((await status(shop, "Job", "batch/v1"))["succeeded"], 1);
  await using other = await openShop(t);
  if (other === undefined) return;
  await assert.rejects(other.deploy(job("echo 'no such table' >&2; exit 4")), {
    code: "TRACKING_FAILED",
    message: /^job\/it failed: .*no such table/,
  });
});
