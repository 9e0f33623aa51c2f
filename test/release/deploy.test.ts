import assert from "node:assert/strict";
import { test } from "node:test";
import { releaseHistory, releaseStatus, uninstallRelease } from "#release";
import { openShop, web } from "./shop.ts";

const CONFIG_MAP = { apiVersion: "v1", kind: "ConfigMap" };

test("deployRelease() makes a release that real helm lists, shows and rolls back", async (t) => {
  await using shop = await openShop(t);
  if (shop === undefined) return;
  const manifest = web();
  await shop.deploy(manifest);
  const [listed] = JSON.parse(await shop.helm("list", "-o", "json")) as Record<string, string>[];
  assert.deepEqual(
    [listed?.["name"], listed?.["revision"], listed?.["status"], listed?.["chart"]],
    ["shop", "1", "deployed", "shop-0.1.0"],
  );
  assert.equal((await shop.helm("get", "manifest", "shop")).trim(), manifest.trim());
  assert.deepEqual(JSON.parse(await shop.helm("get", "values", "shop", "-o", "json")), { replicas: 1 });
  assert.match(await shop.helm("status", "shop"), /STATUS: deployed[^]*Enjoy the shop/);

  await shop.deploy(web({ color: "blue" }));
  await shop.helm("rollback", "shop", "1", "--wait");
  const settings = await shop.cluster.get({ ...CONFIG_MAP, name: "settings", namespace: shop.namespace });
  assert.deepEqual(settings?.["data"], { color: "red" });
  const history = JSON.parse(await shop.helm("history", "shop", "-o", "json")) as Record<string, unknown>[];
  assert.deepEqual(
    history.map((each) => each["status"]),
    ["superseded", "superseded", "deployed"],
  );

  await shop.deploy(web({ color: "green" }));
  assert.deepEqual(
    (await releaseHistory(shop.cluster, { name: "shop", namespace: shop.namespace })).map(
      ({ status }) => status,
    ),
    ["superseded", "superseded", "superseded", "deployed"],
  );
});

test("deployRelease() restarts nothing when nothing has changed, and shows the pod's log the first time", async (t) => {
  await using shop = await openShop(t);
  if (shop === undefined) return;
  const first = await shop.deploy(web());
  const uids = await shop.podUids();
  const second = await shop.deploy(web());
  assert.deepEqual(await shop.podUids(), uids);
  assert.deepEqual(
    [first.objects.map(({ outcome }) => outcome), second.objects.map(({ outcome }) => outcome)],
    [
      ["created", "created"],
      ["unchanged", "unchanged"],
    ],
  );
  const logs = shop.events.flatMap((event) => (event.type === "log" ? [event.text] : []));
  assert.deepEqual(logs, ["the shop is open"]);
});

test("deployRelease() reverts manual changes, keeps foreign keys, removes what left the chart and makes anew what is gone", async (t) => {
  await using shop = await openShop(t);
  if (shop === undefined) return;
  const map = (data: string, name = "settings"): string =>
    `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: ${data}\n`;
  const id = (name: string): { apiVersion: string; kind: string; name: string; namespace: string } => ({
    ...CONFIG_MAP,
    name,
    namespace: shop.namespace,
  });
  await shop.deploy(map("{a: '1', b: '2'}") + map("{}", "gone") + map("{}", "left"));
  await shop.cluster.patch(id("settings"), { data: { a: "9", mine: "3" } }, { type: "merge" });
  await shop.cluster.delete(id("gone"));
  await shop.deploy(map("{a: '1'}") + map("{}", "gone"));
  assert.deepEqual((await shop.cluster.get(id("settings")))?.["data"], { a: "1", mine: "3" });
  assert.ok(await shop.cluster.get(id("gone")));
  assert.equal(await shop.cluster.get(id("left")), undefined);
});

test("deployRelease() refuses what it does not own before it records anything", async (t) => {
  await using shop = await openShop(t);
  if (shop === undefined) return;
  await shop.cluster.ensureNamespace(shop.namespace);
  await shop.cluster.create({ ...CONFIG_MAP, metadata: { name: "settings", namespace: shop.namespace } });
  await assert.rejects(shop.deploy(web()), { code: "RELEASE_FOREIGN_OBJECT" });
  assert.equal(await releaseStatus(shop.cluster, { name: "shop", namespace: shop.namespace }), undefined);
});

test("deployRelease() runs hooks in order, waits for their Jobs and shows their logs", async (t) => {
  await using shop = await openShop(t);
  if (shop === undefined) return;
  const hook = (
    name: string,
    weight: number,
    command: string,
  ): Parameters<typeof shop.deploy>[1] & object => ({
    hooks: [
      {
        name,
        kind: "Job",
        path: `shop/templates/${name}.yaml`,
        manifest: `apiVersion: batch/v1\nkind: Job\nmetadata: {name: ${name}}\nspec: {backoffLimit: 0, template: {spec: {restartPolicy: Never, containers: [{name: app, image: "busybox:1.35", command: [sh, -c, "${command}"]}]}}}\n`,
        events: ["pre-install"],
        weight,
        deletePolicies: ["hook-succeeded"],
      },
    ],
  });
  const hooks = [
    ...(hook("second", 2, "echo two").hooks ?? []),
    ...(hook("first", 1, "echo one").hooks ?? []),
  ];
  await shop.deploy("", { hooks });
  assert.deepEqual(
    shop.events.flatMap((event) => (event.type === "log" ? [event.text] : [])),
    ["one", "two"],
  );
  assert.equal(
    await shop.cluster.get({ apiVersion: "batch/v1", kind: "Job", name: "first", namespace: shop.namespace }),
    undefined,
  );
  const record = await releaseStatus(shop.cluster, { name: "shop", namespace: shop.namespace });
  assert.deepEqual(
    record?.hooks.map(({ lastRun }) => lastRun?.phase),
    ["Succeeded", "Succeeded"],
  );
});

test("uninstallRelease() leaves nothing behind, and the namespace only on request", async (t) => {
  await using shop = await openShop(t);
  if (shop === undefined) return;
  const request = { cluster: shop.cluster, name: "shop", namespace: shop.namespace, events: () => undefined };
  await shop.deploy(web());
  assert.deepEqual(await uninstallRelease(request), { existed: true, kept: [] });
  assert.deepEqual(await shop.podUids(), []);
  assert.equal((await shop.helm("list", "-a", "-q")).trim(), "");
  assert.deepEqual(await uninstallRelease({ ...request, deleteNamespace: true }), {
    existed: false,
    kept: [],
  });
  assert.equal(
    await shop.cluster.get({ apiVersion: "v1", kind: "Namespace", name: shop.namespace }),
    undefined,
  );
});
