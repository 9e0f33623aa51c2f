import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { openCluster } from "#kube";
import { start } from "#process";
import { deployRelease, releaseHistory } from "#release";
import { openShop, web } from "./shop.ts";

const DEPLOY = new URL("./deploy-once.ts", import.meta.url).pathname;

test("a deploy that is killed leaves a release that the next one finishes at once", async (t) => {
  await using shop = await openShop(t);
  if (shop === undefined) return;
  const { child, ended } = start(process.execPath, [DEPLOY, shop.kubeconfig, shop.namespace], { env: {} }, [
    "ignore",
    "pipe",
    "inherit",
  ]);
  await once(child.stdout ?? child, "data");
  child.kill("SIGKILL");
  assert.equal(await ended, 137);
  const name = { name: "shop", namespace: shop.namespace };
  assert.deepEqual(
    (await releaseHistory(shop.cluster, name)).map(({ status }) => status),
    ["pending-install"],
  );

  await shop.deploy(web());
  assert.deepEqual(
    (await releaseHistory(shop.cluster, name)).map(({ status }) => status),
    ["failed", "deployed"],
  );
});

test("two deploys of one release go one after the other", async (t) => {
  await using shop = await openShop(t);
  if (shop === undefined) return;
  const results = await Promise.all([
    shop.deploy(web({ color: "red" })),
    shop.deploy(web({ color: "blue" })),
  ]);
  assert.deepEqual(results.map(({ revision }) => revision).sort(), [1, 2]);
  const waits = shop.events.filter(
    (event) => event.type === "notice" && event.text.startsWith('Waiting for locked "release/shop"'),
  );
  assert.equal(waits.length, 1);
});

test("an interrupted deploy is recorded as failed", async (t) => {
  await using shop = await openShop(t);
  if (shop === undefined) return;
  const stop = new AbortController();
  const reason = new Error("stopped by a person");
  const events = (event: { type: string; path: readonly string[] }): void => {
    if (event.type === "started" && event.path.at(-1) === "resources") stop.abort(reason);
  };
  await assert.rejects(
    shop.deploy(web({ command: "sleep 5; exit 1" }), { signal: stop.signal, events }),
    reason,
  );
  const [record] = await releaseHistory(shop.cluster, { name: "shop", namespace: shop.namespace });
  assert.deepEqual([record?.status, record?.description], ["failed", "Interrupted"]);
});

test("a user who may not is told what is missing", async (t) => {
  await using shop = await openShop(t);
  if (shop === undefined) return;
  await using cluster = await openCluster({
    kubeConfig: shop.kubeconfig,
    context: shop.powerlessContext,
    env: {},
  });
  await assert.rejects(shop.deploy(web(), { cluster }), {
    code: "KUBE_FORBIDDEN",
    message: /User "nobody" cannot get resource "leases"/,
  });
});

test("a cluster that does not answer is named", async () => {
  const config = {
    clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:9" } }],
    contexts: [{ name: "x", context: { cluster: "c" } }],
    "current-context": "x",
  };
  await using cluster = await openCluster({
    kubeConfigBase64: Buffer.from(JSON.stringify(config)).toString("base64"),
    env: {},
  });
  const rendered = {
    manifest: web(),
    hooks: [],
    notes: "",
    chart: { metadata: {}, templates: [], values: {}, files: [] },
    config: {},
  };
  await assert.rejects(
    deployRelease({ cluster, name: "shop", namespace: "x", rendered, events: () => undefined }),
    {
      code: "KUBE_UNREACHABLE",
      message: /Cannot reach the Kubernetes API at https:\/\/127\.0\.0\.1:9/,
    },
  );
});
