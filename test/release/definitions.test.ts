import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { test } from "node:test";
import { uninstallRelease } from "#release";
import { openShop, web } from "./shop.ts";

const CHART = {
  metadata: { name: "shop", version: "1.0.0", apiVersion: "v2" },
  templates: [],
  values: {},
  files: [],
};

const CRD = (group: string): string => `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: loaves.${group}}
spec:
  group: ${group}
  scope: Namespaced
  names: {plural: loaves, singular: loaf, kind: Loaf}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`;

test("crds/ come first, custom resources are merged, and the definition outlives the release", async (t) => {
  await using shop = await openShop(t);
  if (shop === undefined) return;
  const group = `${shop.namespace}.example.com`;
  const loaf = (weight: number): string => `---
apiVersion: ${group}/v1
kind: Loaf
metadata: {name: rye}
spec: {weight: ${weight}, seeds: [a, b]}
`;
  const id = { apiVersion: `${group}/v1`, kind: "Loaf", name: "rye", namespace: shop.namespace };
  const rendered = (weight: number) => ({
    rendered: {
      manifest: loaf(weight),
      hooks: [],
      notes: "",
      chart: CHART,
      config: {},
      crds: [CRD(group)],
    },
  });
  await shop.deploy("", rendered(1));
  await shop.cluster.patch(id, { spec: { baker: "ada", weight: 7 } }, { type: "merge" });
  await shop.deploy("", rendered(2));
  assert.deepEqual((await shop.cluster.get(id))?.["spec"], { weight: 2, seeds: ["a", "b"], baker: "ada" });

  await uninstallRelease({
    cluster: shop.cluster,
    name: "shop",
    namespace: shop.namespace,
    events: () => undefined,
  });
  assert.equal(await shop.cluster.get(id), undefined);
  const definition = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    name: `loaves.${group}`,
  };
  assert.notEqual(await shop.cluster.get(definition), undefined);
  await shop.cluster.delete(definition);
});

test("objects of many definitions that came with them are made at once", async (t) => {
  await using shop = await openShop(t);
  if (shop === undefined) return;
  const groups = Array.from({ length: 25 }, (_, index) => `g${index}.${shop.namespace}.example.com`);
  const loaves = groups.map((group) => `---\napiVersion: ${group}/v1\nkind: Loaf\nmetadata: {name: rye}\n`);
  const rendered = { manifest: loaves.join(""), hooks: [], notes: "", chart: CHART, config: {} };
  await shop.deploy("", { rendered: { ...rendered, crds: groups.map(CRD) } });
  for (const group of groups) {
    const id = { apiVersion: `${group}/v1`, kind: "Loaf", name: "rye", namespace: shop.namespace };
    assert.notEqual(await shop.cluster.get(id), undefined);
    const definition = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };
    await shop.cluster.delete({ ...definition, name: `loaves.${group}` });
  }
});

test("a lock that werf 1.1 holds is waited for, and then taken", async (t) => {
  await using shop = await openShop(t);
  if (shop === undefined) return;
  await shop.cluster.ensureNamespace(shop.namespace);
  const name = "release/shop";
  const key = `lockgate.io/${createHash("sha3-224").update(name).digest("hex")}`;
  const heldUntil = Math.floor(Date.now() / 1000) + 6;
  const value = {
    UUID: randomUUID(),
    LockName: name,
    ExpireAtTimestamp: heldUntil,
    SharedHoldersCount: 0,
    IsShared: false,
  };
  const lock = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: "werf-synchronization",
      namespace: shop.namespace,
      annotations: { [key]: JSON.stringify(value) },
    },
  };
  await shop.cluster.create(lock);
  await shop.deploy(web());
  assert.ok(Date.now() / 1000 >= heldUntil, "the deploy did not wait for werf");
  const left = await shop.cluster.get({
    apiVersion: "v1",
    kind: "ConfigMap",
    name: "werf-synchronization",
    namespace: shop.namespace,
  });
  assert.equal(left?.metadata.annotations?.[key], undefined);
});
