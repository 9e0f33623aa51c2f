import { dirname } from "node:path";
import { makeDirectory, readIfExists, withLock, writeAtomically } from "#disk";
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

const HUB = "docker.io";
const HUB_SERVER = "https://index.docker.io/v1/";
const HUB_KEYS = [HUB_SERVER, "index.docker.io", "docker.io", "registry-1.docker.io"];

/**
 * The login for a registry as `docker login` keeps it: credential helpers first, then `auths` of config.json.
 *
 * @param files each in the form of docker's config.json; the first that has a login wins, those that are absent have none.
 * @throws {SlipwayError} OCI_DOCKER_CONFIG when one of them cannot be read, OCI_CREDENTIAL_HELPER when a helper answers
 *   what is no login.
 * @see docker login, "Credential stores" and "Credential helpers"
 */
export async function findCredentials(
  registry: string,
  files: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Credentials | undefined> {
  for (const file of files) {
    const found = await credentialsIn(await readConfig(file), registry, env);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Keeps a login, with the credential helper that the file names for the registry, else in the file itself, which only
 * its owner may read.
 *
 * @throws {SlipwayError} OCI_DOCKER_CONFIG when the file cannot be read, or the user's name has a colon.
 */
export async function storeCredentials(
  registry: string,
  { username, password }: Credentials,
  file: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const { server, helper } = await keeperOf(registry, file);
  if (helper !== undefined) {
    const input = JSON.stringify({ ServerURL: server, Username: username, Secret: password });
    await run(`docker-credential-${helper}`, ["store"], { input, env });
    return;
  }
  if (username.includes(":")) {
    throw new SlipwayError(
      "OCI_DOCKER_CONFIG",
      "bad credential format: colons(:) are not allowed in username",
    );
  }
  const auth = Buffer.from(`${username}:${password}`).toString("base64");
  await changeLogins(file, (auths) => ({ ...auths, [server]: { auth } }));
}

/** Forgets a login, wherever storeCredentials() keeps it. */
export async function eraseCredentials(
  registry: string,
  file: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const { config, server, helper } = await keeperOf(registry, file);
  if (helper !== undefined) {
    await run(`docker-credential-${helper}`, ["erase"], { input: server, env });
    return;
  }
  if (config.auths?.[server] === undefined) return;
  await changeLogins(file, (logins) =>
    Object.fromEntries(Object.entries(logins).filter(([name]) => name !== server)),
  );
}

/** Who keeps the login for a registry, and under which name. */
async function keeperOf(registry: string, file: string) {
  const config = await readConfig(file);
  const server = serverOf(registry);
  return { config, server, helper: helperOf(config, [server]) };
}

type Logins = NonNullable<DockerConfig["auths"]>;

/** Keeps all else that stands in the file. */
async function changeLogins(file: string, change: (logins: Logins) => Logins): Promise<void> {
  await makeDirectory(dirname(file), 0o700);
  await withLock(`${file}.slipway.lock`, async () => {
    const config = await readConfig(file);
    const auths = Object.fromEntries(
      Object.entries(change(config.auths ?? {})).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    );
    await writeAtomically(file, JSON.stringify({ ...config, auths }, undefined, "\t"), 0o600);
  });
}

async function credentialsIn(
  config: DockerConfig,
  registry: string,
  env: Readonly<Record<string, string>>,
): Promise<Credentials | undefined> {
  const keys =
    registry === HUB
      ? HUB_KEYS
      : [
          registry,
          `https://${registry}`,
          `https://${registry}/v1/`,
          `https://${registry}/v2/`,
          `http://${registry}`,
        ];
  const helper = helperOf(config, keys);
  if (helper !== undefined) {
    const found = await askHelper(helper, serverOf(registry), env);
    if (found !== undefined) return found;
  }
  for (const key of keys) {
    const entry = config.auths?.[key];
    if (entry === undefined) continue;
    const [username = "", ...rest] = entry.auth
      ? Buffer.from(entry.auth, "base64").toString().split(":")
      : [entry.username ?? ""];
    const password = entry.auth ? rest.join(":").replace(/\0+$/, "") : (entry.password ?? "");
    if (username !== "" || password !== "" || entry.identitytoken) {
      return { username, password, ...(entry.identitytoken ? { identityToken: entry.identitytoken } : {}) };
    }
  }
  return undefined;
}

function helperOf(config: DockerConfig, keys: readonly string[]): string | undefined {
  const own = keys.map((key) => config.credHelpers?.[key]).find((name) => name !== undefined);
  return (own ?? config.credsStore) || undefined;
}

/** The name under which a login is kept. */
function serverOf(registry: string): string {
  return registry === HUB || registry === "registry-1.docker.io" ? HUB_SERVER : registry;
}

async function readConfig(path: string): Promise<DockerConfig> {
  const text = await readIfExists(path);
  if (text === undefined || text.trim() === "") return {};
  const config = jsonObject(text);
  if (config === undefined) throw unreadable(path, "it is not a JSON object");
  for (const name of ["auths", "credHelpers"]) {
    const part = config[name] ?? {};
    if (!isObject(part)) throw unreadable(path, `${name} is not an object`);
    const isRight = name === "auths" ? isObject : (value: unknown) => typeof value === "string";
    const wrong = Object.keys(part).find((key) => !isRight(part[key]));
    if (wrong !== undefined) throw unreadable(path, `the entry of ${wrong} in ${name} is of the wrong kind`);
  }
  return config as DockerConfig;
}

function unreadable(path: string, reason: string): SlipwayError {
  return new SlipwayError("OCI_DOCKER_CONFIG", `Cannot read the registry logins in ${path}: ${reason}`, {
    hint: "Correct the file, or log in again with docker login",
  });
}

async function askHelper(
  name: string,
  server: string,
  env: Readonly<Record<string, string>>,
): Promise<Credentials | undefined> {
  const answer = await run(`docker-credential-${name}`, ["get"], { input: server, env, accept: [0, 1] });
  if (answer.code !== 0) return undefined;
  const { Username, Secret } = helperAnswer(name, server, answer.stdout.toString());
  return Username === "<token>"
    ? { username: "", password: "", identityToken: Secret }
    : { username: Username, password: Secret };
}

/** What a helper wrote may be a secret in any form: it is in no message. */
function helperAnswer(
  name: string,
  server: string,
  text: string,
): { readonly Username: string; readonly Secret: string } {
  const answer = jsonObject(text);
  const { Username, Secret } = answer ?? {};
  if (typeof Username === "string" && typeof Secret === "string") return { Username, Secret };
  throw new SlipwayError(
    "OCI_CREDENTIAL_HELPER",
    `Cannot read the login for ${server}: docker-credential-${name} get did not answer ${answer === undefined ? "JSON" : "Username and Secret"}`,
    { hint: `Try it: echo ${server} | docker-credential-${name} get; or take it out of config.json` },
  );
}

function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
