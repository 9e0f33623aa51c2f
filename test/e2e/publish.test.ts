import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "#process";
import { mirrorAddress, requireEnvironment, startRegistry } from "../env/index.ts";
import { copyExample } from "./project.ts";

const machine = {
  SLIPWAY_REGISTRY_MIRROR_HUB: `docker.io=http://${mirrorAddress}`,
  SLIPWAY_BUILD_CA_BUNDLE: "/etc/ssl/certs/ca-certificates.crt",
};

interface Report {
  readonly Images: Readonly<
    Record<string, { readonly DockerImageDigest: string; readonly DockerTag: string }>
  >;
}

test("one commit built in two clones is one image, which skopeo and buildah take", async (t) => {
  if (!(await requireEnvironment(["registry"], t))) return;
  await using registry = await startRegistry();
  const first = await publishedFrom("0002", registry.address);
  const second = await publishedFrom("0077", registry.address);
  assert.deepEqual(second, first);

  const reference = `docker://${registry.address}/shop/app:${first.tag}`;
  const inspected = await program("skopeo", ["inspect", "--tls-verify=false", reference]);
  assert.equal((JSON.parse(inspected) as { Digest: string }).Digest, first.digest);

  const root = await mkdtemp(join(tmpdir(), "slipway-buildah-"));
  try {
    const storage = ["--root", join(root, "root"), "--runroot", join(root, "run"), "--storage-driver", "vfs"];
    const container = await program("buildah", [
      ...storage,
      "from",
      "--quiet",
      "--tls-verify=false",
      reference,
    ]);
    const config = await program("buildah", [
      ...storage,
      "inspect",
      "--format",
      "{{.OCIv1.Config.WorkingDir}}",
      container.trim(),
    ]);
    assert.equal(config.trim(), "/app");
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});

/** Builds the example with an empty store under a umask and publishes it. */
async function publishedFrom(
  umask: string,
  registry: string,
): Promise<{ readonly tag: string; readonly digest: string }> {
  const before = process.umask(umask);
  try {
    await using project = await copyExample("flask/020-deploy", machine);
    const report = join(project.home, "..", "report.json");
    const flags = [
      "--stages-storage",
      ":local",
      "--images-repo",
      `${registry}/shop`,
      "--tag-by-stages-signature",
    ];
    const { code, stderr } = await project.slipway([
      "build-and-publish",
      ...flags,
      "--publish-report-path",
      report,
    ]);
    assert.equal(code, 0, stderr);
    const { Images } = JSON.parse(await readFile(report, "utf8")) as Report;
    return { tag: Images["app"]?.DockerTag ?? "", digest: Images["app"]?.DockerImageDigest ?? "" };
  } finally {
    process.umask(before);
  }
}

async function program(name: string, args: readonly string[]): Promise<string> {
  const env = { PATH: process.env["PATH"] ?? "", HOME: "/root" };
  return (await run(name, args, { env })).stdout.toString();
}
