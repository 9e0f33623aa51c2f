import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { shell } from "../test/env/shell.ts";
import { imageLayout, mirrorAddress } from "../test/env/index.ts";
import { execute, node, slipway, type Usage } from "./harness.ts";

/** The authorities that package indexes are believed by on this machine. */
export const authorities = "/etc/ssl/certs/ca-certificates.crt";

/** Runs slipway in a project with a home of its own, as a user does in CI. */
export function slipwayIn(directory: string, home: string, args: readonly string[]): Promise<Usage> {
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  return execute(node, [slipway, ...args], {
    cwd: directory,
    env: {
      ...env,
      CI: "true",
      SLIPWAY_HOME: home,
      SLIPWAY_REGISTRY_MIRROR_HUB: `docker.io=http://${mirrorAddress}`,
      SLIPWAY_BUILD_CA_BUNDLE: authorities,
    },
  });
}

export async function gitInit(directory: string): Promise<void> {
  await shell("git", ["init", "--quiet", "--initial-branch=main"], { cwd: directory });
  await commitAll(directory);
}

export async function commitAll(directory: string): Promise<void> {
  await shell("git", ["add", "--all"], { cwd: directory });
  const who = ["-c", "user.name=Example", "-c", "user.email=example@example.com"];
  await shell("git", [...who, "commit", "--quiet", "--message=work"], { cwd: directory });
}

/** Twenty thousand files of 5 KB in two hundred directories, half of their bytes random. */
export async function writeManyFiles(directory: string): Promise<void> {
  for (let folder = 0; folder < 200; folder++) {
    const path = join(directory, `folder-${folder}`);
    await mkdir(path, { recursive: true });
    await Promise.all(
      Array.from({ length: 100 }, (_, file) => {
        const noise = crypto.getRandomValues(new Uint8Array(1250));
        return writeFile(join(path, `file-${file}.txt`), `${Buffer.from(noise).toString("hex").repeat(2)}\n`);
      }),
    );
  }
}

/** The files of a made base image, in a directory. */
export async function unpackImage(name: string, directory: string): Promise<void> {
  const layout = await imageLayout(name);
  const index = await readJson<{ manifests: { digest: string }[] }>(join(layout, "index.json"));
  const manifest = await readJson<{ layers: { digest: string }[] }>(
    blob(layout, index.manifests[0]?.digest ?? ""),
  );
  await mkdir(directory, { recursive: true });
  for (const layer of manifest.layers) {
    await shell("tar", ["-xzf", blob(layout, layer.digest), "-C", directory]);
  }
}

function blob(layout: string, digest: string): string {
  return join(layout, "blobs", ...digest.split(":"));
}

async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(path, "utf8")) as T;
}
