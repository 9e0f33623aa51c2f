import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { connect, type AddressInfo, type Server } from "node:net";
import { test, type TestContext } from "node:test";
import { isPassing, openHttp, proxyFor, retrying, type HttpSettings } from "./index.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(
  t: TestContext,
  handler: Handler,
): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

function client(t: TestContext, settings: Partial<HttpSettings> = {}) {
  const http = openHttp({ env: {}, ...settings });
  t.after(() => http[Symbol.dispose]());
  return http;
}

test("request() sends bodies of both kinds and keeps its connection", async (t) => {
  const ports = new Set<number | undefined>();
  const { url } = await serve(t, (request, response) => {
    ports.add(request.socket.remotePort);
    response.writeHead(201, {
      "x-seen": `${request.method} ${request.headers["content-length"] ?? "chunked"} ${request.headers["user-agent"]}`,
    });
    request.pipe(response);
  });
  const http = client(t, { userAgent: "test/1" });
  const first = await http.request(url, { method: "PUT", body: Buffer.from("whole") });
  assert.deepEqual([first.status, first.headers["x-seen"]], [201, "PUT 5 test/1"]);
  assert.equal((await first.bytes()).toString(), "whole");
  const pieces = (async function* () {
    yield Buffer.from("in ");
    yield Buffer.from("pieces");
  })();
  const second = await http.request(url, { method: "PATCH", body: pieces });
  assert.equal(second.headers["x-seen"], "PATCH chunked test/1");
  assert.equal((await second.bytes()).toString(), "in pieces");
  assert.equal(ports.size, 1);
  await assert.rejects(
    (await http.request(url, { method: "PUT", body: Buffer.alloc(100) })).bytes(10),
    /longer than 10 bytes/,
  );
});

test("request() rejects for a silent server, an abort, a body that fails, and nobody there", async (t) => {
  const { url } = await serve(t, (request) => void request.resume());
  const http = client(t, { silenceMs: 50 });
  await assert.rejects(http.request(url), { code: "ETIMEDOUT" });
  await assert.rejects(client(t).request(url, { signal: AbortSignal.timeout(20) }), {
    name: /AbortError|TimeoutError/,
  });
  const broken = (async function* () {
    yield Buffer.from("half");
    throw new Error("the source broke");
  })();
  await assert.rejects(client(t).request(url, { method: "PUT", body: broken }), /the source broke/);
  await assert.rejects(http.request("http://127.0.0.1:1/"), { code: "ECONNREFUSED" });
});

test("request() asks the proxy for http, with its login", async (t) => {
  const { url } = await serve(t, (request, response) => {
    response.end(`${request.url} ${request.headers.host} ${request.headers["proxy-authorization"]}`);
  });
  const env = { http_proxy: url.replace("//", "//me:geheim@") };
  const answer = await client(t, { env }).request("http://far.example/x?y");
  const login = Buffer.from("me:geheim").toString("base64");
  assert.equal((await answer.bytes()).toString(), `http://far.example/x?y far.example Basic ${login}`);
});

test("request() gives a proxy no login in the address, but as the server gets it", async (t) => {
  const { url } = await serve(t, (request, response) => {
    response.end(`${request.url} ${request.headers.authorization}`);
  });
  const basic = `Basic ${Buffer.from("ada:100%").toString("base64")}`;
  const http = client(t, { env: { http_proxy: url } });
  const answer = await http.request("http://ada:100%@charts.example.com:81/a?b=c#d");
  assert.equal((await answer.bytes()).toString(), `http://charts.example.com:81/a?b=c ${basic}`);
  const own = { authorization: "Bearer own" };
  const second = await http.request("http://ada:word@charts.example.com/", { headers: own });
  assert.equal((await second.bytes()).toString(), "http://charts.example.com/ Bearer own");
});

test("proxyFor() names the variable that holds no address, and not what it holds", () => {
  assert.throws(() => proxyFor(new URL("http://a.example/"), { HTTP_PROXY: "http://me:s3cret@[bad" }), {
    code: "HTTP_PROXY",
    message: "Cannot read the proxy that HTTP_PROXY names: it is not a URL",
  });
});

test("request() tunnels https through CONNECT, and says when the proxy refuses", async (t) => {
  const { url, server } = await serve(t, () => undefined);
  const asked: string[] = [];
  const target = await serve(t, (_, response) => response.end());
  server.on("connect", (request: IncomingMessage, socket) => {
    asked.push(request.url ?? "");
    if (request.url?.startsWith("refused") === true) return void socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    socket.write("HTTP/1.1 200 OK\r\n\r\n");
    const onward = connect(Number(new URL(target.url).port), "127.0.0.1");
    onward.pipe(socket).pipe(onward);
    for (const end of [onward, socket]) end.on("error", () => undefined);
  });
  const http = client(t, { env: { HTTPS_PROXY: url } });
  // The far end speaks no TLS, so the handshake fails: but inside of the tunnel.
  await assert.rejects(http.request("https://far.example/"), { code: /SSL|EPROTO|ECONNRESET/ });
  await assert.rejects(http.request("https://refused.example/"), { code: "EPROXY", message: /answered 403/ });
  assert.deepEqual(asked, ["far.example:443", "refused.example:443"]);
});

test("proxyFor() reads the environment as curl does", () => {
  const far = new URL("https://api.example.com/");
  const all = {
    HTTPS_PROXY: "proxy:3128",
    http_proxy: "http://plain:80",
    NO_PROXY: "internal, .corp.example, x.example:8443",
  };
  assert.equal(proxyFor(far, all)?.href, "http://proxy:3128/");
  assert.equal(proxyFor(new URL("http://a.example/"), all)?.host, "plain");
  assert.equal(proxyFor(new URL("http://a.example/"), { ALL_PROXY: "http://any:1" })?.host, "any:1");
  for (const direct of [
    "https://internal/",
    "https://a.internal/",
    "https://git.corp.example/",
    "https://x.example:8443/",
    "https://localhost:5000/",
    "http://127.0.0.1/",
    "http://[::1]/",
  ]) {
    assert.equal(proxyFor(new URL(direct), all), undefined, direct);
  }
  assert.notEqual(proxyFor(new URL("https://x.example/"), all), undefined);
  assert.equal(proxyFor(far, { ...all, no_proxy: "*" }), undefined);
  assert.equal(
    proxyFor(new URL("http://a/"), { HTTP_PROXY: "http://evil", REQUEST_METHOD: "GET" }),
    undefined,
  );
});

test("retrying() repeats what may pass and nothing else", async () => {
  const attempts: number[] = [];
  const failing = (error: object) => async (attempt: number) => {
    attempts.push(attempt);
    if (attempt < 3) throw Object.assign(new Error("x"), error);
    return "done";
  };
  assert.equal(await retrying(failing({ status: 503 }), { firstWaitMs: 1 }), "done");
  await assert.rejects(retrying(failing({ status: 404 }), { firstWaitMs: 1 }));
  await assert.rejects(retrying(failing({ code: "ECONNRESET" }), { firstWaitMs: 1, attempts: 2 }));
  assert.deepEqual(attempts, [1, 2, 3, 1, 1, 2]);
  assert.equal(isPassing({ code: "ENOTFOUND" }), false);
  const control = new AbortController();
  const waiting = retrying(failing({ status: 429 }), { firstWaitMs: 60_000, signal: control.signal });
  control.abort();
  await assert.rejects(waiting, { name: "AbortError" });
});
