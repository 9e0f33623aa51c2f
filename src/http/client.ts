import type { ClientRequest, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { Readable, type Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ConnectionOptions } from "node:tls";
import { proxyFor } from "./proxy.ts";

// An import statement would read every property of these modules; one of node:http loads all of fetch: 40 ms at each start.
const { Agent: PlainAgent, request: plainRequest } = process.getBuiltinModule("node:http");
const { Agent: TlsAgent, request: tlsRequest } = process.getBuiltinModule("node:https");
const tls = process.getBuiltinModule("node:tls");
type TlsAgent = InstanceType<typeof TlsAgent>;
type PlainAgent = InstanceType<typeof PlainAgent>;

export interface HttpSettings {
  /** Where proxies are named. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Certificate authorities beside Node's own, as PEM text. */
  readonly ca?: string;
  readonly skipTlsVerify?: boolean;
  /** What this side shows to servers that ask who it is, as PEM text. */
  readonly clientCertificate?: { readonly cert: string; readonly key: string };
  readonly userAgent?: string;
  /** How long a server may keep silent; 60 s unless told. */
  readonly silenceMs?: number;
}

export interface HttpRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>;
  readonly signal?: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case; repeated headers are joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** Must be read, or dropped by discard(), for the connection to serve again. */
  readonly body: AsyncIterable<Buffer>;
  /** The whole body. @throws {Error} when it is longer than `limit` bytes, 4 MiB unless told. */
  bytes(limit?: number): Promise<Buffer>;
  discard(): void;
}

export interface HttpClient extends Disposable {
  request(url: string, request?: HttpRequest): Promise<HttpResponse>;
}

export function openClient(settings: HttpSettings): HttpClient {
  return new NodeHttp(settings);
}

class NodeHttp implements HttpClient {
  readonly #settings: HttpSettings;
  readonly #tls: ConnectionOptions;
  readonly #plain = new PlainAgent({ keepAlive: true, maxSockets: 16 });
  readonly #secure: TlsAgent;
  readonly #tunnels = new Map<string, TunnelAgent>();

  constructor(settings: HttpSettings) {
    this.#settings = settings;
    this.#tls = {
      ...(settings.ca === undefined ? {} : { ca: [...tls.rootCertificates, settings.ca] }),
      ...(settings.skipTlsVerify === true ? { rejectUnauthorized: false } : {}),
      ...settings.clientCertificate,
    };
    this.#secure = new TlsAgent({ keepAlive: true, maxSockets: 16, ...this.#tls });
  }

  async request(url: string, request: HttpRequest = {}): Promise<HttpResponse> {
    const target = new URL(url);
    const login = target.username === "" ? {} : { authorization: basic(target) };
    [target.username, target.password, target.hash] = ["", "", ""];
    const proxy = proxyFor(target, this.#settings.env);
    const headers: Record<string, string> = {
      "user-agent": this.#settings.userAgent ?? "slipway",
      ...login,
      ...request.headers,
    };
    if (request.body instanceof Uint8Array) headers["content-length"] = String(request.body.length);
    const options = {
      method: request.method ?? "GET",
      headers,
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    };
    const sent = this.#open(target, proxy, options);
    sent.setTimeout(this.#settings.silenceMs ?? 60_000, () => {
      sent.destroy(Object.assign(new Error(`${target.host} keeps silent`), { code: "ETIMEDOUT" }));
    });
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      sent.on("response", resolve);
      sent.on("error", reject);
    });
    answered.catch(() => undefined);
    const fed = sendBody(sent, request.body);
    fed.catch(() => undefined);
    const response = await Promise.race([answered, fed.then(() => answered)]);
    return new Response(response);
  }

  [Symbol.dispose](): void {
    for (const agent of [this.#plain, this.#secure, ...this.#tunnels.values()]) agent.destroy();
  }

  #open(target: URL, proxy: URL | undefined, options: object): ClientRequest {
    if (target.protocol === "https:") {
      return tlsRequest(target, {
        ...options,
        agent: proxy === undefined ? this.#secure : this.#tunnel(proxy),
      });
    }
    if (proxy === undefined) return plainRequest(target, { ...options, agent: this.#plain });
    const { headers } = options as { headers: Record<string, string> };
    return plainRequest({
      ...options,
      agent: this.#plain,
      host: proxy.hostname,
      port: proxy.port || 80,
      path: target.href,
      headers: { ...headers, host: target.host, ...proxyAuthorization(proxy) },
    });
  }

  #tunnel(proxy: URL): TunnelAgent {
    let agent = this.#tunnels.get(proxy.href);
    if (agent === undefined) {
      agent = new TunnelAgent(proxy, this.#tls);
      this.#tunnels.set(proxy.href, agent);
    }
    return agent;
  }
}

/** Reaches https servers by asking a proxy to CONNECT to them. */
class TunnelAgent extends TlsAgent {
  readonly #proxy: URL;
  readonly #tls: ConnectionOptions;

  constructor(proxy: URL, settings: ConnectionOptions) {
    super({ keepAlive: true, maxSockets: 16 });
    this.#proxy = proxy;
    this.#tls = settings;
  }

  override createConnection(
    options: { host?: string | null; port?: string | number | null },
    done?: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    const host = options.host ?? "";
    const asked = (this.#proxy.protocol === "https:" ? tlsRequest : plainRequest)({
      host: this.#proxy.hostname,
      port: this.#proxy.port || (this.#proxy.protocol === "https:" ? 443 : 80),
      method: "CONNECT",
      path: `${host}:${options.port}`,
      headers: { host: `${host}:${options.port}`, ...proxyAuthorization(this.#proxy) },
      agent: false,
    });
    asked.on("connect", (response: IncomingMessage, socket: Socket) => {
      if (response.statusCode === 200) {
        done?.(null, tls.connect({ ...this.#tls, socket, host, servername: host }));
        return;
      }
      socket.destroy();
      const error = new Error(
        `the proxy ${this.#proxy.host} answered ${response.statusCode} to CONNECT ${host}`,
      );
      done?.(Object.assign(error, { code: "EPROXY" }), undefined as unknown as Duplex);
    });
    asked.on("error", (error) => done?.(error, undefined as unknown as Duplex));
    asked.end();
    return undefined;
  }
}

function proxyAuthorization(proxy: URL): Record<string, string> {
  if (proxy.username === "") return {};
  return { "proxy-authorization": basic(proxy) };
}

/** The login of a URL, which is sent beside it: proxies write addresses down. */
function basic({ username, password }: URL): string {
  return `Basic ${Buffer.from(`${decoded(username)}:${decoded(password)}`).toString("base64")}`;
}

/** As it was written where it has a per cent sign that begins nothing. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function sendBody(sent: ClientRequest, body: HttpRequest["body"]): Promise<void> {
  if (body === undefined || body instanceof Uint8Array) {
    sent.end(body);
    return;
  }
  await pipeline(Readable.from(body), sent);
}

class Response implements HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Buffer>;
  readonly #message: IncomingMessage;

  constructor(message: IncomingMessage) {
    this.#message = message;
    this.status = message.statusCode ?? 0;
    this.headers = Object.fromEntries(
      Object.entries(message.headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(", ") : (value ?? ""),
      ]),
    );
    this.body = message as AsyncIterable<Buffer>;
  }

  async bytes(limit = 4 << 20): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of this.body) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > limit) throw new Error(`an answer is longer than ${limit} bytes`);
    }
    return Buffer.concat(chunks);
  }

  discard(): void {
    this.#message.on("error", () => undefined);
    this.#message.resume();
  }
}
