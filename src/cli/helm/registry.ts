import { join } from "node:path";
import { openHttp } from "#http";
import { openRegistry, type Credentials, type Registry } from "#oci";
import type { Invocation } from "../command.ts";
import { helmHome } from "./home.ts";
import { tlsSettings, type Certificates } from "./tls.ts";

export interface OpenedRegistry extends Disposable {
  readonly registry: Registry;
}

/** Registries as the flags of this call reach them: with the login given, else with Helm's own logins and docker's. */
export async function openHelmRegistry(
  call: Invocation,
  certificates: Certificates,
  login: Credentials | undefined,
): Promise<OpenedRegistry> {
  const { flags, context } = call;
  const { env, userHome } = context;
  const tls = await tlsSettings(certificates);
  const http = openHttp({ env, userAgent: "Helm/3.22.0", ...tls });
  const registry = openRegistry({
    http,
    env,
    insecure: flags.has("plain-http") && flags.bool("plain-http"),
    loginFiles: [
      helmHome(call).registryConfig,
      join(env["DOCKER_CONFIG"] || join(userHome, ".docker"), "config.json"),
    ],
    ...(login === undefined ? {} : { login }),
  });
  return { registry, [Symbol.dispose]: () => http[Symbol.dispose]() };
}

/** The login that `--username` and `--password` give. */
export function loginOf({ flags }: Invocation): Credentials | undefined {
  const text = (name: string): string => (flags.has(name) ? (flags.text(name) ?? "") : "");
  const [username, password] = [text("username"), text("password")];
  return username === "" || password === "" ? undefined : { username, password };
}
