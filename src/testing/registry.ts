import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** What happens to the next request that `when` picks, instead of its answer. */
export interface Fault {
  readonly when: (method: string, path: string) => boolean;
  /** How many requests meet it; 1 unless told. */
  readonly times?: number;
  /** A status; a connection cut before the answer; or cut after so many bytes of the body were sent or received. */
  readonly then:
    | { readonly status: number; readonly headers?: Record<string, string> }
    | "cut"
    | { readonly cutAfter: number };
}

export interface TestRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** `METHOD PATH` of every request, in order. */
  readonly requests: readonly string[];
  /** Digests of blobs that were sent here, in order of their arrival. */
  readonly uploads: readonly string[];
  readonly blobs: ReadonlyMap<string, Map<string, Buffer>>;
  readonly manifests: ReadonlyMap<
    string,
    Map<string, { readonly mediaType: string; readonly bytes: Buffer }>
  >;
  fail(fault: Fault): void;
  forgetRequests(): void;
}

export interface TestRegistryOptions {
  /** `basic` asks for user and password itself, `bearer` has a token server of its own, as Docker Hub does. */
  readonly login?: { readonly kind: "basic" | "bearer"; readonly user: string; readonly password: string };
  /** How many tags a page has. */
  readonly page?: number;
}

/**
 * A registry in memory that speaks HTTP on a loopback port. It is strict: a manifest whose blobs are missing, a blob of another
 * digest, a wrong content length or an unknown upload are refused.
 */
export async function startTestRegistry(options: TestRegistryOptions = {}): Promise<TestRegistry> {
  const registry = new MemoryRegistry(options);
  await registry.listen();
  return registry;
}

class MemoryRegistry implements TestRegistry {
  readonly requests: string[] = [];
  readonly uploads: string[] = [];
  readonly blobs = new Map<string, Map<string, Buffer>>();
  readonly manifests = new Map<string, Map<string, { mediaType: string; bytes: Buffer }>>();
  readonly #sessions = new Map<string, string>();
  readonly #sockets = new Set<Socket>();
  readonly #options: TestRegistryOptions;
  #faults: { fault: Fault; left: number }[] = [];
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  constructor(options: TestRegistryOptions) {
    this.#options = options;
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => undefined).on("close", () => this.#sockets.delete(socket));
    });
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  fail(fault: Fault): void {
    this.#faults.push({ fault, left: fault.times ?? 1 });
  }

  forgetRequests(): void {
    this.requests.length = 0;
    this.uploads.length = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", `http://${this.host}`);
    const method = request.method ?? "";
    this.requests.push(`${method} ${url.pathname}`);
    const fault = this.#faultFor(method, url.pathname);
    if (fault === "cut") return void request.socket.destroy();
    if (fault !== undefined && "status" in fault) {
      request.resume();
      return reply(response, fault.status, fault.headers ?? {}, errors("FAULT", "as the test wants it"));
    }
    if (fault !== undefined && (method === "PUT" || method === "PATCH")) {
      let seen = 0;
      for await (const chunk of request as AsyncIterable<Buffer>) {
        seen += chunk.length;
        if (seen >= fault.cutAfter) return void request.socket.destroy();
      }
    }
    const body = await bodyOf(request).catch(() => undefined);
    if (body === undefined) return;
    if (url.pathname === "/token") return this.#token(request, response, url);
    if (!this.#mayPass(request)) return this.#challenge(response);
    this.#route(method, url, request, response, body, fault);
  }

  #faultFor(method: string, path: string): Exclude<Fault["then"], never> | undefined {
    const found = this.#faults.find(({ fault }) => fault.when(method, path));
    if (found === undefined) return undefined;
    found.left -= 1;
    this.#faults = this.#faults.filter(({ left }) => left > 0);
    return found.fault.then;
  }

  #route(
    method: string,
    url: URL,
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
    fault: { readonly cutAfter: number } | undefined,
  ): void {
    const [, repository = "", kind = "", rest = ""] =
      /^\/v2\/(.+?)\/(blobs|manifests|tags)\/(.*)$/.exec(url.pathname) ?? [];
    const blobs = this.blobs.get(repository) ?? new Map<string, Buffer>();
    if (kind === "blobs" && method === "POST") return this.#beginUpload(repository, url, response);
    if (kind === "blobs" && method === "PUT") {
      const digest = url.searchParams.get("digest") ?? "";
      if (this.#sessions.get(url.pathname) !== repository)
        return reply(response, 404, {}, errors("BLOB_UPLOAD_UNKNOWN", ""));
      if (digest !== digestOf(body)) return reply(response, 400, {}, errors("DIGEST_INVALID", digest));
      this.#sessions.delete(url.pathname);
      this.blobs.set(repository, blobs.set(digest, body));
      this.uploads.push(digest);
      return reply(response, 201, { location: `/v2/${repository}/blobs/${digest}` });
    }
    if (kind === "blobs") return this.#sendBlob(blobs.get(rest), method, request, response, fault);
    if (kind === "tags") return this.#listTags(repository, url, response);
    if (kind === "manifests" && method === "PUT")
      return this.#putManifest(repository, rest, request, response, body);
    if (kind === "manifests" && method === "DELETE") return this.#deleteManifest(repository, rest, response);
    const manifest = this.manifests.get(repository)?.get(rest);
    if (manifest === undefined)
      return reply(response, 404, {}, errors("MANIFEST_UNKNOWN", "manifest unknown"));
    const headers = { "content-type": manifest.mediaType, "docker-content-digest": digestOf(manifest.bytes) };
    reply(response, 200, headers, method === "HEAD" ? undefined : manifest.bytes);
  }

  #beginUpload(repository: string, url: URL, response: ServerResponse): void {
    const mounted = url.searchParams.get("mount") ?? "";
    const bytes = this.blobs.get(url.searchParams.get("from") ?? "")?.get(mounted);
    if (bytes !== undefined) {
      this.blobs.set(
        repository,
        (this.blobs.get(repository) ?? new Map<string, Buffer>()).set(mounted, bytes),
      );
      return reply(response, 201, { location: `/v2/${repository}/blobs/${mounted}` });
    }
    const place = `/v2/${repository}/blobs/uploads/${this.#sessions.size}-${this.requests.length}`;
    this.#sessions.set(place, repository);
    reply(response, 202, { location: `${place}?state=a%2Fb` });
  }

  #sendBlob(
    blob: Buffer | undefined,
    method: string,
    request: IncomingMessage,
    response: ServerResponse,
    fault: { readonly cutAfter: number } | undefined,
  ): void {
    if (blob === undefined) return reply(response, 404, {}, errors("BLOB_UNKNOWN", "blob unknown"));
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const bytes = blob.subarray(from);
    response.writeHead(from > 0 ? 206 : 200, { "content-length": bytes.length });
    if (method === "HEAD") return void response.end();
    if (fault === undefined) return void response.end(bytes);
    response.write(bytes.subarray(0, fault.cutAfter), () => setTimeout(() => request.socket.destroy(), 20));
  }

  #putManifest(
    repository: string,
    name: string,
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
  ): void {
    const manifest = JSON.parse(body.toString()) as {
      config?: { digest: string };
      layers?: { digest: string; size: number }[];
      mediaType?: string;
    };
    const held = this.blobs.get(repository);
    for (const { digest } of [
      ...(manifest.layers ?? []),
      ...(manifest.config === undefined ? [] : [manifest.config]),
    ]) {
      if (held?.has(digest) !== true)
        return reply(response, 400, {}, errors("MANIFEST_BLOB_UNKNOWN", digest));
    }
    if (manifest.layers?.some((layer) => held?.get(layer.digest)?.length !== layer.size) === true) {
      return reply(response, 400, {}, errors("SIZE_INVALID", ""));
    }
    const mediaType = request.headers["content-type"] ?? "";
    const known = this.manifests.get(repository) ?? new Map<string, { mediaType: string; bytes: Buffer }>();
    this.manifests.set(
      repository,
      known.set(name, { mediaType, bytes: body }).set(digestOf(body), { mediaType, bytes: body }),
    );
    reply(response, 201, { "docker-content-digest": digestOf(body) });
  }

  #deleteManifest(repository: string, digest: string, response: ServerResponse): void {
    const known = this.manifests.get(repository);
    if (known?.has(digest) !== true) return reply(response, 404, {}, errors("MANIFEST_UNKNOWN", ""));
    for (const [name, { bytes }] of known) if (digestOf(bytes) === digest) known.delete(name);
    reply(response, 202, {});
  }

  #listTags(repository: string, url: URL, response: ServerResponse): void {
    const known = this.manifests.get(repository);
    if (known === undefined) return reply(response, 404, {}, errors("NAME_UNKNOWN", ""));
    const last = url.searchParams.get("last") ?? "";
    const all = [...known.keys()].filter((name) => !name.startsWith("sha256:") && name > last).sort();
    const page = all.slice(0, this.#options.page ?? all.length);
    const next = `</v2/${repository}/tags/list?last=${page.at(-1)}>; rel="next"`;
    reply(
      response,
      200,
      page.length < all.length ? { link: next } : {},
      Buffer.from(JSON.stringify({ name: repository, tags: page })),
    );
  }

  #mayPass(request: IncomingMessage): boolean {
    const { login } = this.#options;
    if (login === undefined) return true;
    return (
      request.headers.authorization ===
      (login.kind === "basic" ? basic(login.user, login.password) : "Bearer good-token")
    );
  }

  #challenge(response: ServerResponse): void {
    const isBasic = this.#options.login?.kind === "basic";
    const challenge = isBasic
      ? 'Basic realm="test"'
      : `Bearer realm="http://${this.host}/token",service="test"`;
    reply(
      response,
      401,
      { "www-authenticate": challenge },
      errors("UNAUTHORIZED", "authentication required"),
    );
  }

  #token(request: IncomingMessage, response: ServerResponse, url: URL): void {
    const { login } = this.#options;
    const isKnown =
      login !== undefined && request.headers.authorization === basic(login.user, login.password);
    if (!isKnown || !/^repository:[^:]+:pull(,push)?$/.test(url.searchParams.get("scope") ?? ""))
      return reply(response, 401, {});
    reply(response, 200, {}, Buffer.from(JSON.stringify({ token: "good-token" })));
  }
}

function reply(
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body?: Buffer,
): void {
  response.writeHead(status, { ...headers, "content-length": body?.length ?? 0 });
  response.end(body);
}

function errors(code: string, message: string): Buffer {
  return Buffer.from(JSON.stringify({ errors: [{ code, message }] }));
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>));
}
