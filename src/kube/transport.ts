import type http from "node:http";
import type https from "node:https";
import type { ClientRequest, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type tls from "node:tls";
import { setTimeout as sleep } from "node:timers/promises";
import { redactUrl } from "#errors";
import { credentialSource } from "./credentials.ts";
import { type Access, textOf } from "./kube-config.ts";
import { KubeError, errorOfAnswer } from "./kube-error.ts";

// An import statement would read every property of node:http, and one of them loads all of fetch: 40 ms at each start.
const plain = process.getBuiltinModule("node:http");
const secure = process.getBuiltinModule("node:https");

export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Absolute path on the server. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  /** What it is for, as `create deploy/web in namespace shop`; part of the error. */
  readonly doing: string;
  readonly signal?: AbortSignal | undefined;
}

/** HTTP to one API server: one pool of kept connections, credentials, proxies, and retries. */
export interface Transport {
  /** Sends until there is an answer, and returns its JSON. */
  call(request: ApiRequest): Promise<unknown>;
  /** The body of one successful answer as it comes; `idleMs` without a byte cuts it. */
  stream(request: ApiRequest, idleMs: number): Promise<IncomingMessage>;
  clockSkewMs(): number;
  close(): void;
}

const SOCKETS = 16;
const ANSWER_WITHIN_MS = 60_000;
const CONNECT_WITHIN_MS = 15_000;
const ATTEMPTS = 5;
/** Answers that say nothing was done and a later try may succeed. */
const BUSY = new Set([429, 503]);
/** Answers after which only a request that may be repeated is sent again. */
const BROKEN = new Set([500, 502, 504]);

export function openTransport(access: Access, env: Readonly<Record<string, string | undefined>>): Transport {
  const server = new URL(access.server);
  const source = credentialSource(access);
  const proxy = proxyFor(server, access, env);
  let agent: http.Agent | undefined;
  let streams: http.Agent | undefined;
  let agentTls: object | undefined;
  let skewMs = 0;

  const agentFor = (tlsOptions: object, isStream: boolean): http.Agent => {
    if (tlsOptions !== agentTls || agent === undefined || streams === undefined) {
      agentTls = tlsOptions;
      agent = newAgent(server, proxy, tlsOptions, SOCKETS);
      streams = newAgent(server, proxy, tlsOptions, Infinity);
    }
    return isStream ? streams : agent;
  };

  /** One exchange: resolves with the head of the answer, whatever its status. */
  const exchange = async (
    request: ApiRequest,
    renew: boolean,
    isStream: boolean,
  ): Promise<IncomingMessage> => {
    const { tls: tlsOptions, headers } = await source.credentials(renew);
    request.signal?.throwIfAborted();
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const sent: ClientRequest = (server.protocol === "http:" ? plain : secure).request(
      {
        method: request.method,
        host: server.hostname.replace(/^\[|\]$/g, ""),
        port: server.port || (server.protocol === "http:" ? 80 : 443),
        path: server.pathname.replace(/\/$/, "") + request.path + queryText(request.query),
        agent: agentFor(tlsOptions, isStream),
        headers: {
          "user-agent": "slipway",
          accept: request.accept ?? "application/json",
          ...headers,
          ...(body === undefined
            ? {}
            : {
                "content-type": request.contentType ?? "application/json",
                "content-length": Buffer.byteLength(body),
              }),
        },
        ...(request.signal ? { signal: request.signal } : {}),
      },
      resolve,
    );
    sent.on("error", reject);
    sent.on("socket", (socket: Socket) => socket.setKeepAlive(true, 15_000));
    sent.setTimeout(ANSWER_WITHIN_MS, () =>
      sent.destroy(Object.assign(new Error("no answer in time"), { code: "ETIMEDOUT" })),
    );
    sent.end(body);
    const answer = await promise;
    const date = Date.parse(answer.headers.date ?? "");
    // The header has whole seconds, so a difference below one second says nothing.
    if (!Number.isNaN(date)) skewMs = Math.abs(date + 500 - Date.now()) > 1500 ? date + 500 - Date.now() : 0;
    return answer;
  };

  const once = async (request: ApiRequest, isStream: boolean): Promise<IncomingMessage> => {
    const answer = await exchange(request, false, isStream);
    if (answer.statusCode !== 401) return answer;
    answer.resume();
    return exchange(request, true, isStream);
  };

  const unreachable = (cause: unknown): KubeError => {
    const context = access.context === undefined ? "" : `context "${access.context}" of `;
    return new KubeError(
      "KUBE_UNREACHABLE",
      `Cannot reach the Kubernetes API at ${redactUrl(access.server)} (${context}${access.origin}): ${reasonOf(cause)}`,
      {
        cause,
        hint: isCertificateError(cause)
          ? "The server's certificate is not signed by the authority that the kubeconfig names; correct certificate-authority-data, or choose another --kube-config"
          : "Check that the cluster is up and reachable from here, or choose another one with --kube-config or --kube-context",
      },
    );
  };

  return {
    async call(request) {
      for (let attempt = 1; ; attempt++) {
        let status: number;
        let text: string;
        let retryAfter: string | undefined;
        try {
          const answer = await once(request, false);
          status = answer.statusCode ?? 0;
          retryAfter = answer.headers["retry-after"];
          text = await textOfAnswer(answer);
        } catch (error) {
          request.signal?.throwIfAborted();
          if (error instanceof KubeError) throw error;
          if (attempt >= ATTEMPTS || isHopeless(error)) throw unreachable(error);
          await pause(attempt, undefined, request.signal);
          continue;
        }
        if (status >= 200 && status < 300)
          return text === "" ? undefined : parseAnswer(request, status, text);
        const again = BUSY.has(status) || (BROKEN.has(status) && request.method !== "POST");
        if (!again || attempt >= ATTEMPTS) throw errorOfAnswer(request.doing, status, text);
        await pause(attempt, retryAfter, request.signal);
      }
    },

    async stream(request, idleMs) {
      let answer: IncomingMessage;
      try {
        answer = await once(request, true);
      } catch (error) {
        request.signal?.throwIfAborted();
        throw error instanceof KubeError ? error : unreachable(error);
      }
      const status = answer.statusCode ?? 0;
      if (status >= 200 && status < 300) {
        answer.setTimeout(idleMs, () => answer.destroy());
        return answer;
      }
      throw errorOfAnswer(request.doing, status, await textOfAnswer(answer).catch(() => ""));
    },

    clockSkewMs: () => skewMs,
    close: () => {
      agent?.destroy();
      streams?.destroy();
    },
  };
}

function newAgent(server: URL, proxy: URL | undefined, tlsOptions: object, maxSockets: number): http.Agent {
  const options = { keepAlive: true, maxSockets, scheduling: "lifo" as const, timeout: 0 };
  if (server.protocol === "http:") return new plain.Agent(options);
  const agent = new secure.Agent({ ...options, ...tlsOptions, ALPNProtocols: ["http/1.1"] });
  if (proxy !== undefined) {
    agent.createConnection = (_options, done) => {
      void connectInto(done, proxy, server, tlsOptions);
      return undefined;
    };
  }
  return agent;
}

type Connected = Parameters<https.Agent["createConnection"]>[1];

async function connectInto(done: Connected, proxy: URL, server: URL, tlsOptions: object): Promise<void> {
  let socket: tls.TLSSocket;
  try {
    socket = await connectThrough(proxy, server, tlsOptions);
  } catch (error) {
    done?.(error as Error, undefined as never);
    return;
  }
  done?.(null, socket);
}

/** A TLS connection to the server inside a tunnel of an HTTP proxy. */
async function connectThrough(proxy: URL, server: URL, tlsOptions: object): Promise<tls.TLSSocket> {
  const target = `${server.hostname}:${server.port || 443}`;
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const login =
    proxy.username === ""
      ? undefined
      : `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  const request = (proxy.protocol === "https:" ? secure : plain).request({
    method: "CONNECT",
    host: proxy.hostname,
    port: proxy.port || (proxy.protocol === "https:" ? 443 : 80),
    path: target,
    agent: false,
    timeout: CONNECT_WITHIN_MS,
    headers: {
      host: target,
      ...(login === undefined
        ? {}
        : { "proxy-authorization": `Basic ${Buffer.from(login).toString("base64")}` }),
    },
  });
  request.on("connect", (answer: IncomingMessage, socket: Socket) => {
    if (answer.statusCode === 200) resolve(socket);
    else {
      socket.destroy();
      reject(new Error(`the proxy ${proxy.host} answered ${answer.statusCode}`));
    }
  });
  request.on("timeout", () => request.destroy(new Error(`the proxy ${proxy.host} does not answer`)));
  request.on("error", reject);
  request.end();
  const socket = await promise;
  return process.getBuiltinModule("node:tls").connect({ servername: server.hostname, ...tlsOptions, socket });
}

/** The proxy on the way to the server: the kubeconfig's own, else the environment's. */
function proxyFor(
  server: URL,
  access: Access,
  env: Readonly<Record<string, string | undefined>>,
): URL | undefined {
  const own = textOf(access.cluster["proxy-url"]);
  if (own !== undefined) return new URL(own);
  const named = env["HTTPS_PROXY"] ?? env["https_proxy"];
  if (!named || server.protocol !== "https:" || isProxyFree(server, env["NO_PROXY"] ?? env["no_proxy"] ?? ""))
    return undefined;
  return new URL(named.includes("://") ? named : `http://${named}`);
}

function isProxyFree(server: URL, noProxy: string): boolean {
  const host = server.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  if (host === "localhost" || host === "::1" || host.startsWith("127.")) return true;
  return noProxy
    .split(",")
    .map((rule) => rule.trim().toLowerCase())
    .some((rule) => {
      if (rule === "*" || rule === host || rule === `${host}:${server.port}`) return true;
      if (rule.includes("/")) return isInNetwork(host, rule);
      const suffix = rule.replace(/^\*?\.?/, ".");
      return rule !== "" && host.endsWith(suffix);
    });
}

function isInNetwork(host: string, network: string): boolean {
  const [base, bits] = network.split("/");
  const at = ipv4Number(host);
  const from = ipv4Number(base ?? "");
  if (at === undefined || from === undefined) return false;
  const size = 2 ** (32 - Number(bits));
  return Math.floor(at / size) === Math.floor(from / size);
}

function ipv4Number(text: string): number | undefined {
  const parts = text.split(".").map(Number);
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255))) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

async function textOfAnswer(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function parseAnswer(request: ApiRequest, status: number, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new KubeError(
      "KUBE_SERVER",
      `Cannot ${request.doing}: the answer is not JSON: ${text.slice(0, 200)}`,
      { status },
    );
  }
}

async function pause(
  attempt: number,
  retryAfter: string | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const told = Number(retryAfter) * 1000;
  const waitMs = told > 0 ? Math.min(told, 30_000) : 50 * 2 ** attempt;
  await sleep(waitMs, undefined, signal ? { signal } : {});
}

/** Failures that another try in a moment does not cure. */
function isHopeless(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return (
    isCertificateError(error) || code === "ENOTFOUND" || code === "ERR_INVALID_URL" || code === "ETIMEDOUT"
  );
}

function isCertificateError(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return (
    code.includes("CERT") ||
    code.includes("SIGNATURE") ||
    code.startsWith("ERR_TLS") ||
    code.startsWith("ERR_SSL") ||
    code.startsWith("ERR_OSSL")
  );
}

function reasonOf(cause: unknown): string {
  const errors = (cause as { errors?: readonly Error[] }).errors;
  return errors?.[0]?.message ?? (cause as Error).message;
}

function queryText(query: ApiRequest["query"]): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {}))
    if (value !== undefined) params.append(name, value);
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}
