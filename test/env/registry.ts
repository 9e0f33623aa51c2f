import { mkdir, writeFile } from "node:fs/promises";

import { alone, cached } from "./cache.ts";
import type { KeyPair } from "./cluster/certificates.ts";
import { isRunning, startDaemon, stopDaemon, until, type Daemon } from "./daemon.ts";
import { RECIPES } from "./image-recipes.ts";
import { imageLayout } from "./images.ts";
import { manifestDigest } from "./layout.ts";
import type { Part } from "./part.ts";
import { step } from "./progress.ts";
import { shell } from "./shell.ts";

/** Address of the registry that stands for Docker Hub; plain HTTP, as loopback registries are. */
export const mirrorAddress: string = process.env["SLIPWAY_TEST_MIRROR"] ?? "127.0.0.1:5000";

/** Debian's docker-registry with the base images under their Docker Hub names, `library/...`. */
export const registry: Part = {
  name: "registry",
  needs: ["images"],
  lacks: async () => undefined,
  async up() {
    await alone("registry", async () => {
      await startDaemon(await registryDaemon("registry", mirrorAddress));
      await until("the registry", "registry", () => isRegistryReady(mirrorAddress));
      for (const { name } of RECIPES) await publish(name);
    });
  },
  down: () => stopDaemon("registry"),
  status: async () => ((await isRunning("registry")) ? `http://${mirrorAddress}` : "down"),
};

/** The registry process at `address`; all of them serve the same storage, in the cache. */
export async function registryDaemon(name: string, address: string): Promise<Daemon> {
  const config = cached("registry", `${name}.json`);
  await mkdir(cached("registry", "storage"), { recursive: true });
  await writeFile(config, registryConfig({ address, storage: cached("registry", "storage") }));
  return { name, command: ["docker-registry", "serve", config], env: { OTEL_TRACES_EXPORTER: "none" } };
}

export interface RegistryConfig {
  readonly address: string;
  readonly storage: string;
  readonly htpasswd?: string;
  readonly tls?: KeyPair & {
    /** The authority of those who may ask. */
    readonly clients?: KeyPair | undefined;
  };
}

/** The configuration file of docker-registry; YAML, of which JSON is a part. */
export function registryConfig(config: RegistryConfig): string {
  const { tls } = config;
  return JSON.stringify({
    version: "0.1",
    log: { level: "info", accesslog: { disabled: false } },
    storage: { filesystem: { rootdirectory: config.storage }, delete: { enabled: true } },
    http: {
      addr: config.address,
      ...(tls === undefined
        ? {}
        : {
            tls: {
              certificate: tls.certificate,
              key: tls.key,
              ...(tls.clients === undefined ? {} : { clientcas: [tls.clients.certificate] }),
            },
          }),
    },
    ...(config.htpasswd === undefined
      ? {}
      : { auth: { htpasswd: { realm: "slipway", path: config.htpasswd } } }),
  });
}

/** Whether a registry answers at `address`, in whatever way. */
export async function isRegistryReady(address: string): Promise<boolean> {
  return (await fetch(`http://${address}/v2/`)).status > 0;
}

async function publish(image: string): Promise<void> {
  const layout = await imageLayout(image);
  const [repository = "", tag = ""] = image.split(":");
  const manifest = `http://${mirrorAddress}/v2/library/${repository}/manifests/${tag}`;
  const headers = { accept: "application/vnd.oci.image.manifest.v1+json" };
  const present = await fetch(manifest, { method: "HEAD", headers });
  if (present.headers.get("docker-content-digest") === (await manifestDigest(layout))) return;
  const target = `docker://${mirrorAddress}/library/${image}`;
  await step("registry", `push library/${image}`, () =>
    shell("skopeo", [
      "copy",
      "--quiet",
      "--insecure-policy",
      "--dest-tls-verify=false",
      `oci:${layout}`,
      target,
    ]),
  );
}
