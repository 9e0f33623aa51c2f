import { join } from "node:path";
import { readIfExists } from "#disk";
import { SlipwayError } from "#errors";
import { run } from "#process";

export interface Credentials {
  readonly username: string;
  readonly password: string;
  /** A refresh token that stands for both, as some registries hand out. */
  readonly identityToken?: string;
}

interface DockerConfig {
  readonly auths?: Readonly<
    Record<string, { auth?: string; username?: string; password?: string; identitytoken?: string }>
  >;
  readonly credHelpers?: Readonly<Record<string, string>>;
  readonly credsStore?: string;
}

const HUB_KEYS = ["https://index.docker.io/v1/", "index.docker.io", "docker.io", "registry-1.docker.io"];

/**
 * The login for a registry as `docker login` keeps it: credential helpers first, then `auths` of config.json.
 *
 * @param directory holds config.json; undefined or absent means no login.
 * @throws {SlipwayError} OCI_DOCKER_CONFIG when config.json cannot be read.
 * @see docker login, "Credential stores" and "Credential helpers"
 */
export async function findCredentials(
  registry: string,
  directory: string | undefined,
  env: Readonly<Record<string, string>>,
): Promise<Credentials | undefined> {
  if (directory === undefined) return undefined;
  const config = await readConfig(join(directory, "config.json"));
  const keys =
    registry === "docker.io"
      ? HUB_KEYS
      : [
          registry,
          `https://${registry}`,
          `https://${registry}/v1/`,
          `https://${registry}/v2/`,
          `http://${registry}`,
        ];
  const helper =
    keys.map((key) => config.credHelpers?.[key]).find((name) => name !== undefined) ?? config.credsStore;
  if (helper !== undefined && helper !== "") {
    const found = await askHelper(
      helper,
      registry === "docker.io" ? (HUB_KEYS[0] ?? registry) : registry,
      env,
    );
    if (found !== undefined) return found;
  }
  for (const key of keys) {
    const entry = config.auths?.[key];
    if (entry === undefined) continue;
    const [username = "", ...rest] = entry.auth
      ? Buffer.from(entry.auth, "base64").toString().split(":")
      : [entry.username ?? ""];
    const password = entry.auth ? rest.join(":").replace(/\0+$/, "") : (entry.password ?? "");
    if (username !== "" || entry.identitytoken) {
      return { username, password, ...(entry.identitytoken ? { identityToken: entry.identitytoken } : {}) };
    }
  }
  return undefined;
}

async function readConfig(path: string): Promise<DockerConfig> {
  const text = await readIfExists(path);
  if (text === undefined || text.trim() === "") return {};
  try {
    return JSON.parse(text) as DockerConfig;
  } catch {
    throw new SlipwayError(
      "OCI_DOCKER_CONFIG",
      `Cannot read the registry logins in ${path}: it is not JSON`,
      {
        hint: "Correct the file, or log in again with docker login",
      },
    );
  }
}

async function askHelper(
  name: string,
  server: string,
  env: Readonly<Record<string, string>>,
): Promise<Credentials | undefined> {
  const answer = await run(`docker-credential-${name}`, ["get"], { input: server, env, accept: [0, 1] });
  if (answer.code !== 0) return undefined;
  const { Username, Secret } = JSON.parse(answer.stdout.toString()) as { Username: string; Secret: string };
  return Username === "<token>"
    ? { username: "", password: "", identityToken: Secret }
    : { username: Username, password: Secret };
}
