import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { buildChart, renderChart } from "#chart";
import { GoMap } from "#gotemplate";
import { openCluster, type Cluster } from "#kube";
import { renderWithLookups } from "./live-lookup.ts";

const SERVED: Readonly<Record<string, unknown>> = {
  "/api/v1": {
    resources: [
      { name: "configmaps", kind: "ConfigMap", namespaced: true },
      { name: "secrets", kind: "Secret", namespaced: true },
      { name: "nodes", kind: "Node", namespaced: false },
    ],
  },
  "/api": { kind: "APIVersions", versions: ["v1"] },
  "/apis": { kind: "APIGroupList", groups: [] },
  "/api/v1/namespaces/shop/configmaps/first": { metadata: { name: "first" }, data: { next: "second" } },
  "/api/v1/namespaces/shop/configmaps/second": {
    metadata: { name: "second", generation: 7 },
    data: { word: "found" },
  },
  "/api/v1/namespaces/shop/configmaps": {
    metadata: { resourceVersion: "12" },
    items: [{ metadata: { name: "first" } }, { metadata: { name: "second" } }],
  },
  "/api/v1/nodes/one": { metadata: { name: "one" } },
};

/** An API server of these paths, where secrets may not be read. */
async function apiServer(): Promise<AsyncDisposable & { cluster: Cluster; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "", "http://api");
    if (pathname.includes("/namespaces/") || pathname.includes("/nodes")) asked.push(pathname);
    const body = SERVED[pathname];
    const code = pathname.includes("/secrets") ? 403 : body === undefined ? 404 : 200;
    const reason = code === 403 ? "Forbidden" : "NotFound";
    response.writeHead(code, { "content-type": "application/json" });
    response.end(JSON.stringify(code === 200 ? body : { kind: "Status", code, reason, message: reason }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = {
    clusters: [{ name: "c", cluster: { server: address } }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    users: [{ name: "u", user: { token: "t" } }],
    "current-context": "x",
  };
  const cluster = await openCluster({
    kubeConfigBase64: Buffer.from(JSON.stringify(config)).toString("base64"),
    env: {},
  });
  return {
    cluster,
    asked,
    async [Symbol.asyncDispose]() {
      await cluster[Symbol.asyncDispose]();
      server.closeAllConnections();
      server.close();
    },
  };
}

async function rendered(cluster: Cluster, template: string): Promise<string> {
  const chart = buildChart([
    { name: "Chart.yaml", data: Buffer.from("apiVersion: v2\nname: shop\nversion: 0.1.0\n") },
    { name: "templates/NOTES.txt", data: Buffer.from(template) },
  ]);
  const release = { name: "shop", namespace: "shop", revision: 1, isUpgrade: false };
  const result = await renderWithLookups(
    cluster,
    (lookup) => renderChart(chart, new GoMap(), release, { lookup }),
    new AbortController().signal,
  );
  return result.notes;
}

test("a lookup sees an object, and one may depend on another", async () => {
  await using server = await apiServer();
  const text = await rendered(
    server.cluster,
    '{{ $first := lookup "v1" "ConfigMap" "shop" "first" }}{{ $second := lookup "v1" "ConfigMap" "shop" $first.data.next }}{{ $second.data.word }} {{ kindOf $second.metadata.generation }}',
  );
  assert.equal(text, "found int64");
  const distinct = new Set(server.asked);
  assert.equal(server.asked.length, distinct.size, "each question is asked once");
});

test("a lookup without a name lists, of an absent object is empty, of a kind without namespaces needs none", async () => {
  await using server = await apiServer();
  const text = await rendered(
    server.cluster,
    '{{ range (lookup "v1" "ConfigMap" "shop" "").items }}{{ .kind }}/{{ .metadata.name }} {{ end }}{{ lookup "v1" "ConfigMap" "shop" "none" | toJson }} {{ (lookup "v1" "Node" "" "one").metadata.name }} {{ lookup "v1" "Gadget" "" "" | len }}',
  );
  assert.equal(text, "ConfigMap/first ConfigMap/second {} one 0");
});

test("what a template changes in an answer is not seen by the next lookup", async () => {
  await using server = await apiServer();
  const text = await rendered(
    server.cluster,
    '{{ $one := lookup "v1" "ConfigMap" "shop" "first" }}{{ $_ := set $one "data" "gone" }}{{ (lookup "v1" "ConfigMap" "shop" "first").data.next }}',
  );
  assert.equal(text, "second");
});

test("a lookup that is refused, and one of a version that is not served, fail the rendering", async () => {
  await using server = await apiServer();
  await assert.rejects(rendered(server.cluster, '{{ lookup "v1" "Secret" "shop" "key" }}'), {
    code: "TEMPLATE_EXECUTION",
    message: /error calling lookup: Forbidden$/,
  });
  await assert.rejects(rendered(server.cluster, '{{ lookup "example.com/v1" "Gadget" "" "" }}'), {
    message: /error calling lookup: .*example\.com\/v1/,
  });
});

test("lookups that never come to an end are told", async () => {
  await using server = await apiServer();
  await assert.rejects(
    rendered(server.cluster, '{{ lookup "v1" "ConfigMap" "shop" (randAlpha 20 | lower) }}'),
    {
      code: "TEMPLATE_LOOKUP",
      message: /the last is lookup "v1" "ConfigMap" "shop" "[a-z]{20}"/,
    },
  );
});
