import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { type ReleaseRecord, chartJson, decodeSecret, encodeSecret } from "./record.ts";
import { werfLockKey } from "./werf-lock.ts";

const record: ReleaseRecord = {
  name: "shop",
  namespace: "prod",
  revision: 3,
  status: "deployed",
  description: "Upgrade complete",
  notes: "Enjoy",
  firstDeployed: "2024-01-02T03:04:05.000Z",
  lastDeployed: "2024-01-02T03:04:06.000Z",
  manifest: "---\n# Source: shop/templates/x.yaml\nkind: X\n",
  hooks: [
    {
      name: "migrate",
      kind: "Job",
      path: "shop/templates/h.yaml",
      manifest: "kind: Job\n",
      events: ["pre-install"],
      weight: -5,
      deletePolicies: ["hook-succeeded"],
    },
  ],
  config: { replicas: 2 },
  chart: chartJson({
    metadata: new Map<string, unknown>([
      ["name", "shop"],
      ["version", "0.1.0"],
    ]),
    templates: [{ name: "templates/x.yaml", data: Buffer.from("kind: X\n") }],
    values: new Map([["count", 3n]]),
    files: [],
  }),
  labels: { team: "web" },
};

test("encodeSecret() writes what Helm 3 reads", async () => {
  const secret = await encodeSecret(record, { createdAt: "1704164645" });
  assert.equal(secret["type"], "helm.sh/release.v1");
  assert.deepEqual(secret.metadata, {
    name: "sh.helm.release.v1.shop.v3",
    namespace: "prod",
    labels: {
      team: "web",
      name: "shop",
      owner: "helm",
      status: "deployed",
      version: "3",
      createdAt: "1704164645",
    },
  });
  const { release } = secret["data"] as { release: string };
  const text = gunzipSync(Buffer.from(Buffer.from(release, "base64").toString(), "base64")).toString();
  assert.deepEqual(JSON.parse(text), {
    name: "shop",
    info: {
      first_deployed: "2024-01-02T03:04:05.000Z",
      last_deployed: "2024-01-02T03:04:06.000Z",
      deleted: "",
      description: "Upgrade complete",
      status: "deployed",
      notes: "Enjoy",
    },
    chart: {
      metadata: { name: "shop", version: "0.1.0" },
      lock: null,
      templates: [{ name: "templates/x.yaml", data: "a2luZDogWAo=" }],
      values: { count: 3 },
      schema: null,
      files: [],
    },
    config: { replicas: 2 },
    manifest: "---\n# Source: shop/templates/x.yaml\nkind: X\n",
    hooks: [
      {
        name: "migrate",
        kind: "Job",
        path: "shop/templates/h.yaml",
        manifest: "kind: Job\n",
        events: ["pre-install"],
        last_run: { started_at: "", completed_at: "", phase: "" },
        weight: -5,
        delete_policies: ["hook-succeeded"],
      },
    ],
    version: 3,
    namespace: "prod",
  });
});

test("decodeSecret() gives back what encodeSecret() took", async () => {
  assert.deepEqual(await decodeSecret(await encodeSecret(record, {})), record);
});

test("encodeSecret() names the largest files of a chart that is too large", async () => {
  const dump = crypto.getRandomValues(new Uint8Array(65_536));
  const files = Array.from({ length: 20 }, (_, at) => ({
    name: `small-${at}.sql`,
    data: dump.map((byte) => byte ^ at ^ (byte << 1)),
  }));
  const largest = {
    name: "dump.sql",
    data: Buffer.concat(Array.from({ length: 20 }, () => crypto.getRandomValues(new Uint8Array(65_536)))),
  };
  const chart = chartJson({ metadata: {}, templates: [], values: {}, files: [...files, largest] });
  await assert.rejects(encodeSecret({ ...record, chart }, {}), (error: Error & { hint?: string }) => {
    assert.match(error.hint ?? "", /the largest are dump\.sql \(1280 KiB\)/);
    return true;
  });
});

test("werfLockKey() is the annotation that werf 1.1 uses", () => {
  assert.match(werfLockKey("release/shop"), /^lockgate\.io\/[0-9a-f]{56}$/);
});
