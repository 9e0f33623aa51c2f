import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import type { Cluster, WatchEvent } from "./cluster.ts";
import { openCluster } from "./open-cluster.ts";

type Answer = (response: ServerResponse, url: URL) => void;

/** An API server that gives these answers to requests for pods, one after the other, and discovery as often as asked. */
async function apiServer(
  answers: readonly Answer[],
): Promise<AsyncDisposable & { cluster: Cluster; asked: string[] }> {
  const asked: string[] = [];
  const left = [...answers];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://api");
    if (url.pathname === "/api/v1") {
      response.end(JSON.stringify({ resources: [{ name: "pods", kind: "Pod", namespaced: true }] }));
      return;
    }
    asked.push(
      `${request.method} ${url.searchParams.get("watch") ? `watch ${url.searchParams.get("resourceVersion")}` : url.pathname}`,
    );
    const answer = left.shift();
    if (answer === undefined) response.writeHead(200).flushHeaders();
    else answer(response, url);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const config = JSON.stringify({
    clusters: [
      { name: "c", cluster: { server: `http://127.0.0.1:${(server.address() as AddressInfo).port}` } },
    ],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    users: [{ name: "u", user: { token: "t" } }],
    "current-context": "x",
  });
  const cluster = await openCluster({ kubeConfigBase64: Buffer.from(config).toString("base64"), env: {} });
  return {
    cluster,
    asked,
    [Symbol.asyncDispose]: async () => {
      await cluster[Symbol.asyncDispose]();
      server.closeAllConnections();
      server.close();
    },
  };
}

const pod = (name: string, version: number): object => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "n", uid: name, resourceVersion: String(version) },
});
const list =
  (version: number, ...items: object[]): Answer =>
  (response) =>
    void response.end(JSON.stringify({ metadata: { resourceVersion: String(version) }, items }));
const changes =
  (...lines: object[]): Answer =>
  (response) =>
    void response.end(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
const cut =
  (text: string): Answer =>
  (response) => {
    response.writeHead(200);
    response.write(text, () => response.destroy());
  };
const status =
  (code: number, reason: string, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response
      .writeHead(code, headers)
      .end(JSON.stringify({ kind: "Status", code, reason, message: `the server said ${reason}` }));
  };

async function first(count: number, cluster: Cluster): Promise<string[]> {
  const told: string[] = [];
  const stop = new AbortController();
  for await (const event of cluster.watch(
    { apiVersion: "v1", kind: "Pod" },
    { namespace: "n", signal: stop.signal },
  )) {
    told.push(textOf(event));
    if (told.length === count) break;
  }
  stop.abort();
  return told;
}

function textOf(event: WatchEvent): string {
  return event.type === "synced"
    ? "synced"
    : `${event.type} ${event.object.metadata.name}@${event.object.metadata.resourceVersion}`;
}

test("watch() goes on from the last version after a cut in the middle of a line", async () => {
  await using api = await apiServer([
    list(5, pod("a", 4)),
    cut(`${JSON.stringify({ type: "MODIFIED", object: pod("a", 6) })}\n{"type":"MODI`),
    changes({ type: "BOOKMARK", object: pod("", 9) }),
    changes({ type: "DELETED", object: pod("a", 10) }),
  ]);
  assert.deepEqual(await first(4, api.cluster), ["added a@4", "synced", "modified a@6", "deleted a@10"]);
  assert.deepEqual(api.asked.slice(1), ["GET watch 5", "GET watch 6", "GET watch 9"]);
});

test("watch() lists anew when its version has expired and tells the difference", async () => {
  await using api = await apiServer([
    list(5, pod("a", 4), pod("b", 4), pod("c", 4)),
    changes({
      type: "ERROR",
      object: { kind: "Status", code: 410, reason: "Expired", message: "too old", metadata: {} },
    }),
    list(20, pod("a", 4), pod("b", 19), pod("d", 20)),
  ]);
  assert.deepEqual((await first(7, api.cluster)).slice(4), ["modified b@19", "added d@20", "deleted c@4"]);
});

test("watch() fails when it is not allowed", async () => {
  await using api = await apiServer([status(403, "Forbidden")]);
  await assert.rejects(first(1, api.cluster), {
    code: "KUBE_FORBIDDEN",
    message: "Cannot list pods in namespace n: the server said Forbidden",
  });
});

test("get() asks again when the server is busy or the connection is cut", async () => {
  await using api = await apiServer([
    status(429, "TooManyRequests", { "retry-after": "0" }),
    (response) => void response.destroy(),
    status(503, "ServiceUnavailable"),
    (response) => void response.end(JSON.stringify(pod("a", 1))),
  ]);
  const found = await api.cluster.get({ apiVersion: "v1", kind: "Pod", name: "a", namespace: "n" });
  assert.equal(found?.metadata.resourceVersion, "1");
});

test("get() answers undefined for what is not there", async () => {
  await using api = await apiServer([status(404, "NotFound")]);
  assert.equal(
    await api.cluster.get({ apiVersion: "v1", kind: "Pod", name: "a", namespace: "n" }),
    undefined,
  );
});

test("create() tells an object that exists from one that has changed", async () => {
  await using api = await apiServer([
    status(409, "AlreadyExists"),
    status(409, "Conflict"),
    status(422, "Invalid"),
  ]);
  const object = { apiVersion: "v1", kind: "Pod", metadata: { name: "a", namespace: "n" } };
  await assert.rejects(api.cluster.create(object), { code: "KUBE_EXISTS" });
  await assert.rejects(api.cluster.create(object), { code: "KUBE_CONFLICT" });
  await assert.rejects(api.cluster.create(object), {
    code: "KUBE_INVALID",
    message: "Cannot create po/a in namespace n: the server said Invalid",
  });
});

test("discover() names a kind that the server does not know", async () => {
  await using api = await apiServer([]);
  await assert.rejects(api.cluster.discover({ apiVersion: "v1", kind: "Nonsense" }), {
    code: "KUBE_NO_KIND",
  });
});

test("apiVersions() reads aggregated discovery, and asks version by version where there is none", async () => {
  const resource = { resource: "pods", responseKind: { kind: "Pod" }, scope: "Namespaced" };
  await using api = await apiServer([
    (response) =>
      void response.end(
        JSON.stringify({ items: [{ metadata: {}, versions: [{ version: "v1", resources: [resource] }] }] }),
      ),
    (response) => void response.end(JSON.stringify({ items: [] })),
  ]);
  assert.deepEqual(await api.cluster.apiVersions(), ["v1", "v1/Pod"]);
  await using old = await apiServer([
    (response) => void response.end(JSON.stringify({ versions: ["v1"] })),
    (response) =>
      void response.end(JSON.stringify({ groups: [{ versions: [{ groupVersion: "apps/v1" }] }] })),
    status(500, "Broken"),
    status(500, "Broken"),
    status(500, "Broken"),
    status(500, "Broken"),
    status(500, "Broken"),
  ]);
  assert.deepEqual(await old.cluster.apiVersions(), ["v1", "apps/v1", "v1/Pod"]);
});

test("logs() cuts a line that never ends", async () => {
  await using api = await apiServer([
    (response) =>
      void response.end(`2024-01-01T00:00:00Z ${"x".repeat(100_000)}\n2024-01-01T00:00:01Z short\n`),
  ]);
  const lines: string[] = [];
  for await (const { time, text } of api.cluster.logs({ namespace: "n", name: "a" }))
    lines.push(`${time} ${text.length}`);
  assert.deepEqual(lines, ["2024-01-01T00:00:00Z 16365", "2024-01-01T00:00:01Z 5"]);
});
