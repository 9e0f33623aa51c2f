import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { openHttp } from "#http";
import { startTestRegistry, type TestRegistry } from "#testing";
import {
  digestOf,
  emptyImage,
  layerFromEntries,
  openContentStore,
  openRegistry,
  parseReference,
  unpackLayers,
  withLayers,
  type ContentStore,
  type Image,
  type Registry,
} from "./index.ts";

async function scratch(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "slipway-registry-"));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function freshStore(t: TestContext): Promise<ContentStore> {
  return openContentStore(await scratch(t));
}

function client(t: TestContext, more: Partial<Parameters<typeof openRegistry>[0]> = {}): Registry {
  const http = openHttp({ env: {}, silenceMs: 2000 });
  t.after(() => http[Symbol.dispose]());
  return openRegistry({ http, env: {}, ...more });
}

async function imageOf(store: ContentStore, ...texts: string[]): Promise<Image> {
  let image = emptyImage({ os: "linux", architecture: "amd64" });
  for (const text of texts) {
    const entries = (async function* () {
      yield {
        path: "file",
        type: "file",
        mode: 0o644,
        uid: 0,
        gid: 0,
        mtime: 0,
        content: Buffer.from(text),
      } as const;
    })();
    image = withLayers(image, [{ layer: await layerFromEntries(entries, store) }]);
  }
  return image;
}

const at = (server: TestRegistry, path: string) => parseReference(`${server.host}/${path}`);
const platform = { os: "linux", architecture: "amd64" };
/** Incompressible, so that the blob is large enough to be cut in the middle. */
const noise = Array.from({ length: 60_000 }, (_, n) => digestOf(String(n)).slice(7, 20)).join("");

test("push() sends each blob once and the manifest last, and pull() brings the same image back", async (t) => {
  await using server = await startTestRegistry();
  const store = await freshStore(t);
  const registry = client(t);
  const image = await imageOf(store, "one", "two");
  const pushed = await registry.push(image, at(server, "shop/web:1"), store);
  assert.equal(server.uploads.length, 3);
  assert.equal(server.requests.at(-1), "PUT /v2/shop/web/manifests/1");
  assert.deepEqual(await registry.resolve(at(server, "shop/web:1")), pushed);
  const other = await freshStore(t);
  const pulled = await registry.pull(at(server, "shop/web:1"), other, { platform });
  assert.deepEqual(pulled.config, image.config);
  assert.equal(pulled.base?.digest, pushed.digest);
  assert.ok(pulled.layers[0]?.blob !== undefined && (await other.has(pulled.layers[0].blob)));
  server.forgetRequests();
  assert.deepEqual(await registry.push(image, at(server, "shop/web:2"), store), pushed);
  assert.deepEqual(server.uploads, []);
});

test("push() mounts a blob that another repository of the registry already has", async (t) => {
  await using server = await startTestRegistry();
  const store = await freshStore(t);
  const registry = client(t);
  await registry.push(await imageOf(store, "base"), at(server, "shop/base:1"), store);
  const base = await registry.pull(at(server, "shop/base:1"), await freshStore(t), {
    layers: "later",
    platform,
  });
  server.forgetRequests();
  await registry.push(base, at(server, "shop/web:1"), await freshStore(t));
  assert.equal(server.uploads.length, 1);
  assert.ok(!server.uploads.includes(base.layers[0]?.blob?.digest ?? ""));
});

test("push() brings layers that were left in one registry to another", async (t) => {
  await using from = await startTestRegistry();
  await using to = await startTestRegistry();
  const registry = client(t);
  const store = await freshStore(t);
  await registry.push(await imageOf(store, "base"), at(from, "a/b:1"), store);
  const empty = await freshStore(t);
  const image = await registry.pull(at(from, "a/b:1"), empty, { layers: "later", platform });
  await registry.push(image, at(to, "c/d:1"), empty);
  assert.ok(to.blobs.get("c/d")?.has(image.layers[0]?.blob?.digest ?? ""));
});

test("a download that is cut goes on where it was", async (t) => {
  await using server = await startTestRegistry();
  const store = await freshStore(t);
  const registry = client(t);
  const image = await imageOf(store, noise);
  await registry.push(image, at(server, "a:1"), store);
  const blob = image.layers[0]?.blob;
  assert.ok(blob !== undefined && blob.size > 300_000);
  server.fail({
    when: (method, path) => method === "GET" && path.endsWith(blob.digest),
    times: 2,
    then: { cutAfter: 100_000 },
  });
  const other = await freshStore(t);
  const pulled = await registry.pull(at(server, "a:1"), other, { platform });
  assert.equal(await other.has(blob), true);
  assert.deepEqual((await unpackLayers(other, pulled.layers)).length, 1);
});

test("layers are unpacked while they stream, and stored on the way", async (t) => {
  await using server = await startTestRegistry();
  const store = await freshStore(t);
  const registry = client(t);
  await registry.push(await imageOf(store, noise, "top"), at(server, "a:1"), store);
  const other = await freshStore(t);
  const image = await registry.pull(at(server, "a:1"), other, { platform, layers: "later" });
  const directories = await unpackLayers(other, image.layers, {
    fetch: (layer) => registry.readLayer(layer, other),
  });
  assert.equal(directories.length, 1);
  for (const { blob } of image.layers) assert.ok(blob !== undefined && (await other.has(blob)));
});

test("a registry that answers 429 or 503, or cuts connections, is asked again", async (t) => {
  await using server = await startTestRegistry();
  const store = await freshStore(t);
  const registry = client(t);
  const image = await imageOf(store, noise);
  const isUpload = (method: string): boolean => method === "PUT";
  server.fail({ when: isUpload, then: { cutAfter: 1000 } });
  server.fail({
    when: (method) => method === "POST",
    then: { status: 429, headers: { "retry-after": "0" } },
  });
  server.fail({ when: (method) => method === "HEAD", then: { status: 503 } });
  server.fail({ when: (method, path) => method === "PUT" && path.includes("manifests"), then: "cut" });
  const pushed = await registry.push(image, at(server, "a:1"), store);
  assert.equal((await registry.resolve(at(server, "a:1")))?.digest, pushed.digest);
});

test("push() that ends half-way leaves no manifest, and the next one sends only the rest", async (t) => {
  await using server = await startTestRegistry();
  const store = await freshStore(t);
  const registry = client(t);
  const image = await imageOf(store, "one", "two");
  server.fail({
    when: (method, path) => method === "PUT" && path.includes("manifests"),
    times: 99,
    then: { status: 403 },
  });
  await assert.rejects(registry.push(image, at(server, "a:1"), store), { code: "OCI_DENIED" });
  assert.equal(await registry.resolve(at(server, "a:1")), undefined);
  await using second = await startTestRegistry();
  const blob = image.layers[1]?.blob?.digest ?? "";
  second.fail({ when: (method, path) => method === "HEAD" && path.endsWith(blob), then: { status: 403 } });
  await assert.rejects(registry.push(image, at(second, "a:1"), store, { jobs: 1 }), { code: "OCI_DENIED" });
  assert.deepEqual(second.uploads, [image.layers[0]?.blob?.digest]);
  second.forgetRequests();
  await registry.push(image, at(second, "a:1"), store);
  assert.equal(second.uploads.length, 2);
});

test("a login is found in config.json, for basic and for token servers", async (t) => {
  for (const kind of ["basic", "bearer"] as const) {
    await using server = await startTestRegistry({ login: { kind, user: "me", password: "geheim" } });
    const store = await freshStore(t);
    const directory = await scratch(t);
    const auth = Buffer.from("me:geheim").toString("base64");
    await writeFile(join(directory, "config.json"), JSON.stringify({ auths: { [server.host]: { auth } } }));
    await client(t, { loginFiles: [join(directory, "config.json")] }).push(
      await imageOf(store, kind),
      at(server, "a:1"),
      store,
    );
    const failure = await client(t)
      .resolve(at(server, "a:1"))
      .catch((error: Error) => error);
    assert.equal((failure as { code?: string }).code, "OCI_UNAUTHORIZED");
    const wrong = Buffer.from("me:falsch").toString("base64");
    await writeFile(
      join(directory, "config.json"),
      JSON.stringify({ auths: { [server.host]: { auth: wrong } } }),
    );
    const refused = await client(t, { loginFiles: [join(directory, "config.json")] })
      .resolve(at(server, "a:1"))
      .catch((error: Error) => error);
    assert.equal((refused as { code?: string }).code, "OCI_UNAUTHORIZED");
    assert.doesNotMatch(String((refused as Error).message), /falsch|bWU6/);
  }
});

test("a login that runs out in the middle of a push is renewed", async (t) => {
  await using server = await startTestRegistry({ login: { kind: "bearer", user: "me", password: "geheim" } });
  const store = await freshStore(t);
  const directory = await scratch(t);
  const auth = Buffer.from("me:geheim").toString("base64");
  await writeFile(join(directory, "config.json"), JSON.stringify({ auths: { [server.host]: { auth } } }));
  const challenge = `Bearer realm="http://${server.host}/token",service="test"`;
  server.fail({
    when: (method) => method === "PUT",
    then: { status: 401, headers: { "www-authenticate": challenge } },
  });
  const registry = client(t, { loginFiles: [join(directory, "config.json")] });
  await registry.push(await imageOf(store, "x"), at(server, "a:1"), store);
  assert.equal(server.requests.filter((request) => request.startsWith("GET /token")).length >= 2, true);
});

test("a mirror is asked before Docker Hub", async (t) => {
  await using server = await startTestRegistry();
  const store = await freshStore(t);
  const registry = client(t, { mirrors: { "docker.io": ["http://127.0.0.1:1", `http://${server.host}`] } });
  await client(t).push(await imageOf(store, "x"), at(server, "library/python:3"), store);
  const image = await registry.pull(parseReference("python:3"), await freshStore(t), { platform });
  assert.equal(image.base?.reference, "docker.io/library/python:3");
  assert.equal(image.layers[0]?.origin, "docker.io/library/python");
});

test("an index is followed to the platform", async (t) => {
  await using server = await startTestRegistry();
  const store = await freshStore(t);
  const registry = client(t);
  const one = await registry.push(await imageOf(store, "x"), at(server, "a:amd64"), store);
  const index = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.index.v1+json",
      manifests: [
        { ...one, digest: digestOf("arm"), platform: { os: "linux", architecture: "arm64" } },
        { ...one, platform },
      ],
    }),
  );
  await fetch(`http://${server.host}/v2/a/manifests/multi`, {
    method: "PUT",
    body: index,
    headers: { "content-type": "application/vnd.oci.image.index.v1+json" },
  });
  const image = await registry.pull(at(server, "a:multi"), store, { platform });
  assert.equal(image.base?.digest, digestOf(index));
  await assert.rejects(
    registry.pull(at(server, "a:multi"), store, { platform: { os: "linux", architecture: "s390x" } }),
    {
      code: "OCI_PLATFORM",
      message: /linux\/arm64, linux\/amd64/,
    },
  );
});

test("what comes with another digest is refused and not kept", async (t) => {
  await using server = await startTestRegistry();
  const store = await freshStore(t);
  const registry = client(t);
  const image = await imageOf(store, "right");
  await registry.push(image, at(server, "a:1"), store);
  const digest = image.layers[0]?.blob?.digest ?? "sha256:";
  const size = image.layers[0]?.blob?.size ?? 0;
  server.blobs.get("a")?.set(digest, Buffer.alloc(size, "w"));
  const other = await freshStore(t);
  await assert.rejects(registry.pull(at(server, "a:1"), other, { platform }), { code: "OCI_DIGEST" });
  assert.equal(await other.has({ digest }), false);
});

test("a registry that answers nonsense or without end is told from one that answers", async (t) => {
  const pages: Readonly<Record<string, string>> = {
    text: "<html>",
    nothing: "null",
    number: '{"tags":5}',
    mixed: '{"tags":["1.0.0",null,{}]}',
  };
  const server = createServer((request, response) => {
    const [, , repository = ""] = request.url?.split("/") ?? [];
    if (repository === "") return response.end("{}");
    if (repository === "fault") return response.writeHead(400).end('{"errors":[null,7,{"code":5}]}');
    if (repository === "loop") response.setHeader("link", `<${request.url}>; rel="next"`);
    if (repository === "endless") response.setHeader("link", `<${request.url}0>; rel="next"`);
    if (repository !== "cut") return response.end(pages[repository] ?? '{"tags":["1.0.0"]}');
    response.writeHead(200, { "content-length": "100" }).write("{");
    return setImmediate(() => response.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const registry = client(t);
  const tags = (repository: string): Promise<readonly string[]> =>
    registry.tags(parseReference(`localhost:${(server.address() as AddressInfo).port}/${repository}`));
  for (const repository of ["text", "fault", "loop", "endless", "cut"]) {
    await assert.rejects(tags(repository), { code: "OCI_REGISTRY" }, repository);
  }
  assert.deepEqual(await tags("nothing"), []);
  assert.deepEqual(await tags("number"), []);
  assert.deepEqual(await tags("mixed"), ["1.0.0"]);
});

test("tags() follows pages, delete() removes a manifest with its tags", async (t) => {
  await using server = await startTestRegistry({ page: 2 });
  const store = await freshStore(t);
  const registry = client(t);
  const image = await imageOf(store, "x");
  for (const tag of ["a", "b", "c", "d", "e"]) await registry.push(image, at(server, `r:${tag}`), store);
  assert.deepEqual(await registry.tags(at(server, "r")), ["a", "b", "c", "d", "e"]);
  await assert.rejects(registry.tags(at(server, "none")), { code: "OCI_NOT_FOUND" });
  assert.equal(await registry.delete(at(server, "r:a")), true);
  assert.deepEqual(await registry.tags(at(server, "r")), []);
  assert.equal(await registry.delete(at(server, "r:a")), false);
});

test("a registry that is down is OCI_UNREACHABLE, an image that is not there OCI_NOT_FOUND", async (t) => {
  const server = await startTestRegistry();
  const registry = client(t);
  const reference = at(server, "a:1");
  await assert.rejects(registry.pull(reference, await freshStore(t)), { code: "OCI_NOT_FOUND" });
  await server[Symbol.asyncDispose]();
  await assert.rejects(registry.pull(reference, await freshStore(t)), {
    code: "OCI_UNREACHABLE",
    hint: /reachable/,
  });
});

test("manifests that make no sense end with an error of ours", async (t) => {
  await using server = await startTestRegistry();
  const store = await freshStore(t);
  const registry = client(t);
  await registry.push(await imageOf(store, "x"), at(server, "a:1"), store);
  const texts = [
    "",
    "{",
    "null",
    "[]",
    '"x"',
    "{}",
    '{"layers":[]}',
    '{"layers":[1],"config":null}',
    '{"layers":[{}],"config":{}}',
    '{"manifests":[]}',
    '{"manifests":[null]}',
    '{"layers":{},"config":3}',
  ];
  for (const text of texts) {
    server.manifests.get("a")?.set("bad", { mediaType: "application/json", bytes: Buffer.from(text) });
    const failure = await registry
      .pull(at(server, "a:bad"), store, { platform })
      .catch((error: Error) => error);
    assert.match(String((failure as { code?: string }).code), /^OCI_/, `${text}: ${String(failure)}`);
  }
});

test("when neither a mirror nor the registry has an image, both are named", async (t) => {
  await using server = await startTestRegistry();
  await using mirror = await startTestRegistry();
  const registry = client(t, { mirrors: { [server.host]: [`http://${mirror.host}`, "http://127.0.0.1:1"] } });
  await assert.rejects(
    registry.pull(at(server, "shop/web:1"), await freshStore(t), { platform }),
    (error: Error) => {
      assert.match(
        error.message,
        new RegExp(
          `the mirror http://${mirror.host} does not have it, and the mirror http://127.0.0.1:1 does not answer`,
        ),
      );
      return true;
    },
  );
});

test("a registry that keeps silent when it is first asked holds nobody who is told to stop", async () => {
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const controller = new AbortController();
  server.once("request", () => controller.abort(new Error("enough")));
  using http = openHttp({ env: {} });
  const registry = openRegistry({ http, loginFiles: [], env: {} });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const options = { signal: controller.signal };
  await assert.rejects(registry.ping(host, options), { message: "enough" });
  await assert.rejects(registry.readArtifact({ registry: host, repository: "a", tag: "1" }, options), {
    message: "enough",
  });
  server.closeAllConnections();
  server.close();
});
