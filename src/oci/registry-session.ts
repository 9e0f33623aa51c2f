import { SlipwayError } from "#errors";
import { isPassing, retrying, type HttpClient, type HttpResponse } from "#http";
import { findCredentials, type Credentials } from "./credentials.ts";

export interface SessionSettings {
  readonly http: HttpClient;
  readonly dockerConfig?: string | undefined;
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
   * @throws {SlipwayError} OCI_NOT_FOUND, OCI_UNAUTHORIZED, OCI_DENIED, OCI_UNREACHABLE, OCI_REGISTRY
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
      throw new SlipwayError(
        "OCI_UNREACHABLE",
        `Cannot ${call.doing}: no answer from ${call.base} (${message || code})`,
        {
          hint: `Check that the registry ${call.registry} is up and reachable from here; for plain HTTP use --insecure-registry`,
        },
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
    let url = /^https?:/.test(call.path) ? call.path : `${call.base}/v2/${call.repository}/${call.path}`;
    const isRead = call.method === undefined || call.method === "GET" || call.method === "HEAD";
    for (let left = 5; ; left--) {
      const isHome = new URL(url).host === new URL(call.base).host;
      const headers = {
        ...call.headers,
        ...(authorization === undefined || !isHome ? {} : { authorization }),
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
          bytes: (limit) => answer.bytes(limit),
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
      if (found === undefined) throw unauthorized(call, "it asks for a login, and there is none for it");
      return basic(found);
    }
    const fields = Object.fromEntries(
      [...rest.matchAll(/(\w+)="([^"]*)"/g)].map((match) => [match[1], match[2]]),
    );
    const realm = fields["realm"];
    if (scheme.toLowerCase() !== "bearer" || realm === undefined)
      throw unauthorized(call, "it asks for a kind of login that is not known");
    const actions = call.access === "push" ? "pull,push" : "pull";
    const scope = `repository:${call.repository}:${actions}`;
    return `Bearer ${await this.#token(call, realm, fields["service"], scope, found)}`;
  }

  async #token(
    call: RegistryCall,
    realm: string,
    service: string | undefined,
    scope: string,
    found: Credentials | undefined,
  ): Promise<string> {
    const fields = { ...(service === undefined ? {} : { service }), scope };
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
      found = findCredentials(registry, this.#settings.dockerConfig, this.#settings.env);
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

async function errorOf(call: RegistryCall, answer: HttpResponse): Promise<SlipwayError> {
  const said = reasonIn(await answer.bytes(1 << 16).then(String, () => ""));
  const reason = `${answer.status}${said === "" ? "" : `: ${said}`}`;
  const what = `Cannot ${call.doing}`;
  switch (answer.status) {
    case 401:
      return unauthorized(call, "it refused the login");
    case 403:
      return new SlipwayError("OCI_DENIED", `${what}: the registry ${call.registry} denies it (${reason})`, {
        hint: `Log in as a user who may ${call.access === "push" ? "write to" : "read"} ${call.repository}`,
      });
    case 404:
      return new SlipwayError(
        "OCI_NOT_FOUND",
        `${what}: the registry ${call.registry} does not have it (${reason})`,
        {
          hint: "Check the name and the tag",
        },
      );
    case 408:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
      return new SlipwayError("OCI_BUSY", `${what}: the registry ${call.registry} answers ${reason}`, {
        hint: "Run the command again; what was sent is kept",
      });
    default:
      return new SlipwayError("OCI_REGISTRY", `${what}: the registry ${call.registry} answers ${reason}`);
  }
}

function unauthorized(call: RegistryCall, why: string): SlipwayError {
  return new SlipwayError(
    "OCI_UNAUTHORIZED",
    `Cannot ${call.doing}: the registry ${call.registry} lets nobody in, ${why}`,
    {
      hint: `Log in with docker login ${call.registry}, or point --docker-config at a directory with that login`,
    },
  );
}

function reasonIn(text: string): string {
  const { errors } = parse(text) as { errors?: readonly { code?: string; message?: string }[] };
  return (errors ?? []).map((error) => [error.code, error.message].filter(Boolean).join(" ")).join("; ");
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
