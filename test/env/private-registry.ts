import { mkdir, open, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { scratchDirectory } from "#disk";
import { start } from "#process";
import { HOST } from "./cluster/addresses.ts";
import { authority, clientCertificate, serverCertificate, type KeyPair } from "./cluster/certificates.ts";
import { allowPlainHttp } from "./cluster/files.ts";
import { registryConfig } from "./registry.ts";
import { programEnv, shell } from "./shell.ts";

export interface RegistryOptions {
  /** Users and passwords; without them everybody may read and write. */
  readonly users?: Readonly<Record<string, string>>;
  /** HTTPS with a certificate of an authority of its own. */
  readonly tls?: boolean;
  /** HTTPS, and only those get in who show a certificate of that authority. */
  readonly clientCertificates?: boolean;
  /** Where it listens: "loopback" unless told; the cluster's nodes can pull from "cluster" only, over plain HTTP. */
  readonly network?: "loopback" | "cluster";
}

export interface PrivateRegistry extends AsyncDisposable {
  /** Host and port; the same for its whole life, restarts included. */
  readonly address: string;
  /** docker-registry's own layout of blobs and repositories; free to be damaged by a test. */
  readonly storageDir: string;
  /** With `tls`: the file with the authority's certificate. */
  readonly ca: string | undefined;
  /** With `clientCertificates`: the files of one that gets in. */
  readonly client: KeyPair | undefined;
  /** Ends it as a service manager does. */
  stop(): Promise<void>;
  /** Ends it in the middle of whatever it does. */
  kill(): Promise<void>;
  /** Starts it again after stop or kill, with the same storage at the same address. */
  restart(): Promise<void>;
  /** Every request that it has answered, oldest first. */
  requests(): Promise<readonly RegistryRequest[]>;
}

export interface RegistryRequest {
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

/** Starts a docker-registry with empty storage on a free port; it ends with this process at the latest. */
export async function startPrivateRegistry(options: RegistryOptions = {}): Promise<PrivateRegistry> {
  const host = options.network === "cluster" ? HOST : "127.0.0.1";
  const scratch = await scratchDirectory("/tmp", "registry");
  const inScratch = (name: string): string => join(scratch.path, name);
  const asksClients = options.clientCertificates === true;
  const ca = options.tls === true || asksClients ? await authority(scratch.path) : undefined;
  const client = ca !== undefined && asksClients ? await clientCertificate(scratch.path, ca) : undefined;
  const tls =
    ca === undefined
      ? undefined
      : await serverCertificate(scratch.path, ca, { ips: [host], dns: ["localhost"] });
  const htpasswd =
    options.users === undefined ? undefined : await passwordFile(inScratch("htpasswd"), options.users);
  const storageDir = inScratch("storage");
  await mkdir(storageDir);

  const launch = async (address: string): Promise<Launched> => {
    const config = registryConfig({
      address,
      storage: storageDir,
      ...(htpasswd === undefined ? {} : { htpasswd }),
      ...(tls === undefined ? {} : { tls: { ...tls, ...(asksClients ? { clients: ca } : {}) } }),
    });
    await writeFile(inScratch("config.json"), config);
    return launchRegistry(inScratch("config.json"), inScratch("log"));
  };

  let running: Launched | undefined = await launch(`${host}:0`);
  const address = running.address;
  if (options.network === "cluster") await allowPlainHttp(address);
  const end = async (signal: "SIGTERM" | "SIGKILL"): Promise<void> => {
    await running?.end(signal);
    running = undefined;
  };
  return {
    address,
    storageDir,
    ca: ca?.certificate,
    client,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    restart: async () => {
      await end("SIGTERM");
      running = await launch(address);
    },
    requests: async () => parseAccessLog(await readFile(inScratch("log"), "utf8")),
    [Symbol.asyncDispose]: async () => {
      await end("SIGKILL");
      await rm(scratch.path, { recursive: true, force: true });
    },
  };
}

interface Launched {
  readonly address: string;
  end(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
}

/**
 * The registry tells its port in its log once it listens; setpriv ties its life to ours. The log goes straight to its file:
 * through a pipe of ours the registry would stand still while a test waits for a program.
 */
async function launchRegistry(config: string, log: string): Promise<Launched> {
  const command = ["--pdeathsig", "KILL", "docker-registry", "serve", config];
  const env = programEnv({ OTEL_TRACES_EXPORTER: "none" });
  const file = await open(log, "a");
  const { size: from } = await file.stat();
  const { child, ended } = start("setpriv", command, { env }, ["ignore", file.fd, file.fd]);
  await file.close();
  const said = async (): Promise<string> => (await readFile(log)).subarray(from).toString();
  let code: number | undefined;
  void ended.then((its) => (code = its));
  let address: string | undefined;
  while (address === undefined) {
    if (code !== undefined) throw new Error(`docker-registry ended with ${code}:\n${await said()}`);
    await sleep(20);
    address = /listening on ([\d.]+:\d+)/.exec(await said())?.[1];
  }
  const end = async (signal: "SIGTERM" | "SIGKILL"): Promise<void> => {
    child.kill(signal);
    await ended;
  };
  return { address, end };
}

async function passwordFile(path: string, users: Readonly<Record<string, string>>): Promise<string> {
  await writeFile(path, "");
  for (const [name, password] of Object.entries(users)) {
    await shell("htpasswd", ["-iB", path, name], { input: password });
  }
  return path;
}

function parseAccessLog(text: string): readonly RegistryRequest[] {
  const line = /"([A-Z]+) (\S+) HTTP\/[\d.]+" (\d{3}) /g;
  return [...text.matchAll(line)].map(([, method = "", path = "", status]) => ({
    method,
    path,
    status: Number(status),
  }));
}
