import { SlipwayError } from "#errors";
import { isHome, isPassing, retrying, type HttpClient, type HttpResponse } from "#http";
import { findCredentials, type Credentials } from "./credentials.ts";
import { RegistryError, type Exchange, type RegistryFault } from "./registry-error.ts";

export interface SessionSettings {
  readonly http: HttpClient;
  /** Files with logins in the form of docker's config.json; the first that has one for a registry wins. */
  readonly loginFiles?: readonly string[];
  /** Shown to every registry instead of those. */
  readonly login?: Credentials;
  readonly env: Readonly<Record<string, string>>;
}

/** Where and what a request is about. */
export interface RegistryCall {
  readonly method?: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>;
  readonly signal?: AbortSignal | undefined;
  /** `https://registry.example.com` */
  readonly base: string;
  /** The name under which logins are looked up. */
  readonly registry: string;
  /** Empty when the request is about the registry alone. */
  readonly repository: string;
  /** Below `/v2/REPOSITORY/`, or a whole address. */
  readonly path: string;
  readonly access: "pull" | "push";
  /** Statuses that are an answer; any 2xx unless told. */
  readonly accept?: readonly number[];
  /** What it is for, as `read the manifest of X`; part of the error. */
  readonly doing: string;
}

/** An answer and where it came from, after redirects. */
export interface RegistryAnswer extends HttpResponse {
  readonly url: string;
}

/** Speaks with registries: logs in when asked to, tries again when a registry is busy, and names what went wrong. */
export class RegistrySession {
  readonly #settings: SessionSettings;
  readonly #authorizations = new Map<string, string>();
  readonly #credentials = new Map<string, Promise<Credentials | undefined>>();

  constructor(settings: SessionSettings) {
    this.#settings = settings;
  }

  /**
   * One request, repeated while the registry is busy or connections break. A body that is a stream is sent once only.
   *
   * @throws {RegistryError} OCI_NOT_FOUND, OCI_UNAUTHORIZED, OCI_DENIED, OCI_UNREACHABLE, OCI_REGISTRY
   */
  async call(call: RegistryCall): Promise<RegistryAnswer> {
    try {
      return await retrying(() => this.#once(call), {
        ...signalOf(call),
        attempts: isStream(call.body) ? 1 : 5,
        isRetryable: (error) =>
          isPassing(error) || (error instanceof SlipwayError && error.code === "OCI_BUSY"),
      });
    } catch (error) {
      call.signal?.throwIfAborted();
      if (error instanceof SlipwayError) throw error;
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      throw new RegistryError(
        "OCI_UNREACHABLE",
        `Cannot ${call.doing}: no answer from ${call.base} (${message || code})`,
        `Check that the registry ${call.registry} is up and reachable from here; for plain HTTP use --insecure-registry`,
        { ...exchangeOf(call), broken: error as Error },
      );
    }
  }

  async #once(call: RegistryCall): Promise<RegistryAnswer> {
    const scope = `${call.base} ${call.repository} ${call.access}`;
    let answer = await this.#send(call, this.#authorizations.get(scope));
    if (answer.status === 401 && !isStream(call.body)) {
      const challenge = answer.headers["www-authenticate"] ?? "";
      answer.discard();
      const authorization = await this.#logIn(call, challenge);
      this.#authorizations.set(scope, authorization);
      answer = await this.#send(call, authorization);
    }
    if (answer.status === 401) {
      // A stream cannot be sent twice; whoever made it sends a new one, with a login that is fresh by then.
      this.#authorizations.delete(scope);
    }
    if (answer.status >= 200 && answer.status < 300) return answer;
    if (call.accept?.includes(answer.status)) return answer;
    throw await errorOf(call, answer);
  }

  /** Redirects of what is read are followed; the login stays with the registry's own host. */
  async #send(call: RegistryCall, authorization: string | undefined): Promise<RegistryAnswer> {
    let { url } = exchangeOf(call);
    const isRead = call.method === undefined || call.method === "GET" || call.method === "HEAD";
    for (let left = 5; ; left--) {
      const mayKnow = isHome(new URL(call.base), new URL(url));
      const headers = {
        ...call.headers,
        ...(authorization === undefined || !mayKnow ? {} : { authorization }),
      };
      const answer = await this.#settings.http.request(url, {
        headers,
        ...(call.method === undefined ? {} : { method: call.method }),
        ...(call.body === undefined ? {} : { body: call.body }),
        ...signalOf(call),
      });
      const location = answer.headers["location"];
      if (!isRead || left === 0 || location === undefined || answer.status < 301 || answer.status > 308) {
        return {
          ...answer,
          body: answer.body,
          bytes: (limit) =>
            answer.bytes(limit).catch((error: unknown) => Promise.reject(brokenOff(call, error))),
          discard: () => answer.discard(),
          url,
        };
      }
      answer.discard();
      url = new URL(location, url).href;
    }
  }

  async #logIn(call: RegistryCall, challenge: string): Promise<string> {
    const [, scheme = "", rest = ""] = /^\s*(\w+)\s*(.*)$/s.exec(challenge) ?? [];
    const found = await this.#find(call.registry);
    if (scheme.toLowerCase() === "basic") {
      if (found === undefined)
        throw unauthorized(call, "it asks for a login, and there is none for it", {
          ...exchangeOf(call),
          isLoginMissing: true,
        });
      return basic(found);
    }
    const fields = Object.fromEntries(
      [...rest.matchAll(/(\w+)="([^"]*)"/g)].map((match) => [match[1], match[2]]),
    );
    const realm = fields["realm"];
    if (scheme.toLowerCase() !== "bearer" || realm === undefined)
      throw unauthorized(call, "it asks for a kind of login that is not known");
    const actions = call.access === "push" ? "pull,push" : "pull";
    const scope = call.repository === "" ? undefined : `repository:${call.repository}:${actions}`;
    return `Bearer ${await this.#token(call, realm, fields["service"], scope, found)}`;
  }

  async #token(
    call: RegistryCall,
    realm: string,
    service: string | undefined,
    scope: string | undefined,
    found: Credentials | undefined,
  ): Promise<string> {
    const fields = {
      ...(service === undefined ? {} : { service }),
      ...(scope === undefined ? {} : { scope }),
    };
    const answer =
      found?.identityToken === undefined
        ? await this.#settings.http.request(`${realm}?${new URLSearchParams(fields).toString()}`, {
            ...signalOf(call),
            ...(found === undefined ? {} : { headers: { authorization: basic(found) } }),
          })
        : await this.#settings.http.request(realm, {
            method: "POST",
            ...signalOf(call),
            headers: { "content-type": "application/x-www-form-urlencoded" },
            body: Buffer.from(
              new URLSearchParams({
                ...fields,
                grant_type: "refresh_token",
                client_id: "slipway",
                refresh_token: found.identityToken,
              }).toString(),
            ),
          });
    const text = (await answer.bytes(1 << 20)).toString();
    if (answer.status !== 200)
      throw unauthorized(
        call,
        found === undefined ? "it asks for a login, and there is none for it" : "it refused the login",
      );
    const { token, access_token } = parse(text) as { token?: string; access_token?: string };
    const given = token ?? access_token;
    if (given === undefined) throw unauthorized(call, "its token server answered without a token");
    return given;
  }

  #find(registry: string): Promise<Credentials | undefined> {
    let found = this.#credentials.get(registry);
    if (found === undefined) {
      const { login, loginFiles = [], env } = this.#settings;
      found = login === undefined ? findCredentials(registry, loginFiles, env) : Promise.resolve(login);
      this.#credentials.set(registry, found);
    }
    return found;
  }
}

function isStream(body: unknown): boolean {
  return body !== undefined && !(body instanceof Uint8Array);
}

function signalOf({ signal }: Pick<RegistryCall, "signal">): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

async function errorOf(call: RegistryCall, answer: RegistryAnswer): Promise<RegistryError> {
  const errors = faultsIn(await answer.bytes(1 << 16).then(String, () => ""));
  const said = errors.map((error) => [error.code, error.message].filter(Boolean).join(" ")).join("; ");
  const reason = `${answer.status}${said === "" ? "" : `: ${said}`}`;
  const what = `Cannot ${call.doing}`;
  const exchange = { ...exchangeOf(call), url: answer.url, status: answer.status, errors };
  const fail = (code: string, why: string, hint?: string): RegistryError =>
    new RegistryError(code, `${what}: the registry ${call.registry} ${why}`, hint, exchange);
  switch (answer.status) {
    case 401:
      return unauthorized(call, "it refused the login", exchange);
    case 403:
      return fail(
        "OCI_DENIED",
        `denies it (${reason})`,
        `Log in as a user who may ${call.access === "push" ? "write to" : "read"} ${call.repository}`,
      );
    case 404:
      return fail("OCI_NOT_FOUND", `does not have it (${reason})`, "Check the name and the tag");
    case 408:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
      return fail("OCI_BUSY", `answers ${reason}`, "Run the command again; what was sent is kept");
    default:
      return fail("OCI_REGISTRY", `answers ${reason}`);
  }
}

function brokenOff(call: RegistryCall, error: unknown): unknown {
  if (call.signal?.aborted === true) return error;
  return new RegistryError(
    "OCI_REGISTRY",
    `Cannot ${call.doing}: the answer of ${call.base} cannot be read (${(error as Error).message})`,
    "Run the command again; what was sent is kept",
    { ...exchangeOf(call), broken: error as Error },
  );
}

function unauthorized(call: RegistryCall, why: string, exchange: Exchange = exchangeOf(call)): RegistryError {
  return new RegistryError(
    "OCI_UNAUTHORIZED",
    `Cannot ${call.doing}: the registry ${call.registry} lets nobody in, ${why}`,
    `Log in with docker login ${call.registry}, or point --docker-config at a directory with that login`,
    exchange,
  );
}

function exchangeOf({ method = "GET", base, repository, path }: RegistryCall): Exchange {
  const below = repository === "" ? `${base}/v2/` : `${base}/v2/${repository}/`;
  return { method, url: /^https?:/.test(path) ? path : `${below}${path}`, errors: [] };
}

function faultsIn(text: string): readonly RegistryFault[] {
  const { errors } = parse(text) as { errors?: unknown };
  if (!Array.isArray(errors)) return [];
  return errors.flatMap((one: Partial<RegistryFault> | null) => {
    if (typeof one !== "object" || one === null) return [];
    return [{ ...one, code: String(one.code ?? ""), message: String(one.message ?? "") }];
  });
}

function parse(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

function basic({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}
