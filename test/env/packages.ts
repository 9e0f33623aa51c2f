import { rm, stat, writeFile } from "node:fs/promises";
import { alone } from "./cache.ts";
import type { Part } from "./part.ts";
import { step } from "./progress.ts";
import { has, isRoot, shell } from "./shell.ts";

/** What the environment runs, and the Debian package that brings it. */
const PROGRAMS: Readonly<Record<string, string>> = {
  "/usr/lib/cni/bridge": "containernetworking-plugins",
  buildah: "buildah",
  busybox: "busybox-static",
  containerd: "containerd",
  crun: "crun",
  "docker-registry": "docker-registry",
  etcd: "etcd-server",
  git: "git",
  gpg: "gnupg",
  htpasswd: "apache2-utils",
  ip: "iproute2",
  iptables: "iptables",
  mmdebstrap: "mmdebstrap",
  newuidmap: "uidmap",
  openssl: "openssl",
  ps: "procps",
  rsync: "rsync",
  runc: "runc",
  setfattr: "attr",
  skopeo: "skopeo",
  slirp4netns: "slirp4netns",
  umoci: "umoci",
  unzip: "unzip",
};

/** Debian's packages, installed where they are missing, with none of their services started. */
export const packages: Part = {
  name: "packages",
  needs: [],
  lacks: () => lacksPrograms(PROGRAMS),
  up: () => installPrograms(PROGRAMS),
  down: async () => undefined,
  async status() {
    const wanted = await missing(PROGRAMS);
    return wanted.length === 0 ? "all installed" : `missing: ${wanted.join(" ")}`;
  },
};

/** Why those programs that are missing cannot be installed; `programs` maps a program to its package. */
export async function lacksPrograms(programs: Readonly<Record<string, string>>): Promise<string | undefined> {
  const wanted = (await missing(programs)).join(" ");
  if (wanted === "") return undefined;
  if (!(await has("apt-get"))) return `there is no apt-get to install ${wanted} with`;
  return isRoot() ? undefined : `only root can install ${wanted} (sudo apt-get install ${wanted})`;
}

/** Installs the packages of those programs that are missing. */
export async function installPrograms(programs: Readonly<Record<string, string>>): Promise<void> {
  if ((await missing(programs)).length === 0) return;
  await alone("packages", async () => {
    const wanted = await missing(programs);
    if (wanted.length === 0) return;
    const apt = ["-y", "-qq", "-o", "DPkg::Lock::Timeout=600", "-o", "Dpkg::Use-Pty=0"];
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    await step("packages", "apt-get update", () => shell("apt-get", ["update", ...apt], { env }));
    await withoutServices(() =>
      step("packages", `apt-get install ${wanted.join(" ")}`, () =>
        shell("apt-get", ["install", ...apt, "--no-install-recommends", ...wanted], { env }),
      ),
    );
  });
}

async function missing(programs: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const wanted: string[] = [];
  for (const [program, debianPackage] of Object.entries(programs)) {
    const isThere = program.startsWith("/")
      ? await stat(program).then(
          () => true,
          () => false,
        )
      : await has(program);
    if (!isThere) wanted.push(debianPackage);
  }
  return wanted;
}

/** Debian's maintainer scripts ask policy-rc.d before they start a service, and 101 forbids it. */
async function withoutServices<T>(work: () => Promise<T>): Promise<T> {
  const policy = "/usr/sbin/policy-rc.d";
  const isOurs = await writeFile(policy, "#!/bin/sh\nexit 101\n", { flag: "wx", mode: 0o755 }).then(
    () => true,
    () => false,
  );
  try {
    return await work();
  } finally {
    if (isOurs) await rm(policy, { force: true });
  }
}
