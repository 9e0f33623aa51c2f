import assert from "node:assert/strict";
import { test } from "node:test";
import { releaseStatus } from "#release";
import { openShop, web } from "../release/shop.ts";

test("a container that crashes fails the deploy with its own last words", async (t) => {
  await using shop = await openShop(t);
  if (shop === undefined) return;
  const crashing = web({
    command: "echo starting; sleep 1; echo 'ModuleNotFoundError: no flour' >&2; exit 3",
  });
  await assert.rejects(shop.deploy(crashing), {
    code: "TRACKING_FAILED",
    message:
      /^deploy\/web failed: po\/web-\S+ container\/app: CrashLoopBackOff: exit code 3: ModuleNotFoundError: no flour$/,
  });
  const record = await releaseStatus(shop.cluster, { name: "shop", namespace: shop.namespace });
  assert.equal(record?.status, "failed");
  assert.match(record?.description ?? "", /^Release "shop" failed: deploy\/web failed/);
  assert.match(await shop.helm("list", "-a"), /failed/);

  await shop.deploy(web());
  assert.match(await shop.helm("status", "shop"), /STATUS: deployed/);
});

test("an image that cannot be pulled fails the deploy", async (t) => {
  await using shop = await openShop(t);
  if (shop === undefined) return;
  await assert.rejects(shop.deploy(web({ image: "nowhere/at-all:1" })), {
    code: "TRACKING_FAILED",
    message:
      /^deploy\/web failed: po\/web-\S+ container\/app: (ErrImagePull|ImagePullBackOff): .*nowhere\/at-all:1/,
  });
});

test("a pod that fits no node fails the deploy", async (t) => {
  await using shop = await openShop(t);
  if (shop === undefined) return;
  const huge = web({ cpu: "'1000'", annotations: '{werf.io/failures-allowed-per-replica: "0"}' });
  await assert.rejects(shop.deploy(huge), {
    code: "TRACKING_FAILED",
    message: /^deploy\/web failed: po\/web-\S+: Unschedulable: .*Insufficient cpu/,
  });
});

test("a deploy that takes too long says what is missing", async (t) => {
  await using shop = await openShop(t);
  if (shop === undefined) return;
  const extra = "        readinessProbe: {exec: {command: ['false']}}\n";
  await assert.rejects(shop.deploy(web({ extra }), { timeoutMs: 8000 }), {
    code: "TRACKING_TIMEOUT",
    message: /waiting for deploy\/web \(available 0->1, po\/web-\S+ is Running\)$/,
  });
});
