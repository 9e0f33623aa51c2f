import { readFile } from "node:fs/promises";
import type { RequestOptions } from "node:https";
import type { SecureContextOptions } from "node:tls";
import { KubeError } from "./kube-error.ts";
import { type Access, type Fields, isFields, textOf } from "./kube-config.ts";

/** What a connection and a request need to be let in. */
export interface Credentials {
  readonly tls: SecureContextOptions & {
    readonly rejectUnauthorized?: boolean;
    readonly servername?: string;
  };
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
}

export interface CredentialSource {
  /** `renew` asks again after the server has refused the last ones. */
  credentials(renew: boolean): Promise<Credentials>;
}

const TOKEN_FILE_LIFE_MS = 60_000;

/**
 * Credentials of a kubeconfig user. Tokens, token files, certificates and passwords are read here; exec plugins and auth
 * providers are the work of the official client, which is loaded only then: it costs some hundred milliseconds.
 */
export function credentialSource(access: Access): CredentialSource {
  let known: Promise<Credentials> | undefined;
  let validUntil = Infinity;
  const obtain = async (): Promise<Credentials> => {
    const found = await obtainCredentials(access);
    validUntil = found.validUntil;
    return found.credentials;
  };
  return {
    credentials(renew) {
      if (known === undefined || renew || Date.now() > validUntil) {
        known = obtain();
        known.catch(() => (known = undefined));
      }
      return known;
    },
  };
}

async function obtainCredentials(access: Access): Promise<{ credentials: Credentials; validUntil: number }> {
  const { cluster, user } = access;
  const servername = textOf(cluster["tls-server-name"]);
  const base = {
    ...present("ca", await pem(cluster, "certificate-authority", access)),
    ...(cluster["insecure-skip-tls-verify"] === true ? { rejectUnauthorized: false } : {}),
    ...(servername === undefined ? {} : { servername }),
  };
  if (isFields(user["exec"]) || isFields(user["auth-provider"])) {
    return {
      credentials: await pluginCredentials(access, base),
      validUntil: Date.now() + TOKEN_FILE_LIFE_MS,
    };
  }
  const tls = {
    ...base,
    ...present("cert", await pem(user, "client-certificate", access)),
    ...present("key", await pem(user, "client-key", access)),
  };
  const tokenFile = textOf(user["tokenFile"]);
  const token = tokenFile === undefined ? textOf(user["token"]) : (await readNamed(tokenFile, access)).trim();
  const username = textOf(user["username"]);
  const headers: Record<string, string | readonly string[]> = impersonation(user);
  if (token !== undefined) headers["authorization"] = `Bearer ${token}`;
  else if (username !== undefined) {
    headers["authorization"] =
      `Basic ${Buffer.from(`${username}:${textOf(user["password"]) ?? ""}`).toString("base64")}`;
  }
  return {
    credentials: { tls, headers },
    validUntil: tokenFile === undefined ? Infinity : Date.now() + TOKEN_FILE_LIFE_MS,
  };
}

function impersonation(user: Fields): Record<string, string | readonly string[]> {
  const as = textOf(user["as"]);
  const groups = user["as-groups"];
  return {
    ...(as === undefined ? {} : { "impersonate-user": as }),
    ...(Array.isArray(groups) && groups.length > 0 ? { "impersonate-group": groups.map(String) } : {}),
  };
}

async function pluginCredentials(access: Access, base: Credentials["tls"]): Promise<Credentials> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  config.loadFromString(
    JSON.stringify({
      clusters: [{ name: "cluster", cluster: access.cluster }],
      users: [{ name: "user", user: access.user }],
      contexts: [{ name: "context", context: { cluster: "cluster", user: "user" } }],
      "current-context": "context",
    }),
  );
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (cause) {
    throw new KubeError(
      "KUBE_UNAUTHORIZED",
      `Cannot get credentials for ${access.server}: ${(cause as Error).message}`,
      {
        cause,
        hint: `The login plugin of the kubeconfig ${access.origin} must work; try it by hand`,
      },
    );
  }
  const headers = Object.entries(options.headers ?? {}).map(([name, value]) => [
    name.toLowerCase(),
    String(value),
  ]);
  return {
    tls: { ...base, ...present("cert", options.cert as string), ...present("key", options.key as string) },
    headers: Object.fromEntries(headers) as Record<string, string>,
  };
}

/** The content of `key-data`, base64, or else of the file that `key` names. */
async function pem(fields: Fields, key: string, access: Access): Promise<string | undefined> {
  const data = textOf(fields[`${key}-data`]);
  if (data !== undefined) return Buffer.from(data, "base64").toString();
  const path = textOf(fields[key]);
  return path === undefined ? undefined : readNamed(path, access);
}

async function readNamed(path: string, access: Access): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new KubeError(
      "KUBE_UNAUTHORIZED",
      `Cannot read ${path}, named by ${access.origin}: ${(cause as Error).message}`,
      {
        cause,
        hint: "Correct the kubeconfig or restore the file",
      },
    );
  }
}

function present<K extends string>(key: K, value: string | undefined): { [k in K]?: string } {
  return (value === undefined ? {} : { [key]: value }) as { [k in K]?: string };
}
