import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { readIfExists, writeAtomically } from "#disk";
import { alone, fingerprint, runDirectory } from "./cache.ts";
import { API, REGISTRY } from "./cluster/addresses.ts";
import { NODE_DAEMONS, nodeDaemons } from "./cluster/daemons.ts";
import { kubeconfigPath, writeNodeFiles } from "./cluster/files.ts";
import { closeNetwork, hasNetwork, openNetwork } from "./cluster/network.ts";
import { areServicesReady, isApiReady, isContainerdReady, isNodeReady } from "./cluster/ready.ts";
import { endContainers, removeCgroups, removeFiles, unmountAll } from "./cluster/remains.ts";
import { isRunning, startDaemon, stopDaemon, until } from "./daemon.ts";
import type { Part } from "./part.ts";
import { say, step } from "./progress.ts";
import { isRegistryReady } from "./registry.ts";
import { isRoot } from "./shell.ts";

/** A Kubernetes node with its control plane, in a network namespace of its own. */
export const cluster: Part = {
  name: "cluster",
  needs: ["packages", "images", "registry", "kubernetes", "coredns"],
  lacks: async () => (isRoot() ? undefined : "a Kubernetes node takes root"),
  async up() {
    await alone("cluster", async () => {
      if (!(await isOfTheseSources())) await wipe();
      await start();
    });
  },
  down: () => alone("cluster", wipe),
  async status() {
    const dead: string[] = [];
    for (const name of NODE_DAEMONS) if (!(await isRunning(name))) dead.push(name);
    if (dead.length === NODE_DAEMONS.length) return "down";
    return dead.length === 0
      ? `${API}, registry ${REGISTRY}, ${kubeconfigPath}`
      : `not running: ${dead.join(", ")}`;
  },
};

async function start(): Promise<void> {
  const isCold = !(await isRunning("kube-apiserver"));
  const work = async (): Promise<void> => {
    await openNetwork();
    await writeAtomically(stamp, await sources());
    const daemons = await nodeDaemons(await writeNodeFiles());
    await startDaemon(daemons["cluster-registry"]);
    await startDaemon(daemons.etcd);
    await startDaemon(daemons.containerd);
    await startDaemon(daemons["kube-apiserver"]);
    await until("the registry", "cluster-registry", () => isRegistryReady(REGISTRY));
    await until("the API", "kube-apiserver", isApiReady);
    await until("containerd", "containerd", isContainerdReady);
    for (const name of NODE_DAEMONS) await startDaemon(daemons[name]);
    await until("the node", "kubelet", isNodeReady);
    await until("DNS", "coredns", areServicesReady);
  };
  await (isCold ? step("cluster", "start the node", work) : work());
}

async function wipe(): Promise<void> {
  const isThere = (await hasNetwork()) || (await isRunning("containerd"));
  if (isThere) say("cluster", "taking the node down");
  await stopDaemon("kubelet");
  await endContainers();
  for (const name of [...NODE_DAEMONS].reverse()) await stopDaemon(name);
  await unmountAll();
  await removeCgroups();
  await closeNetwork();
  await removeFiles();
  await rm(stamp, { force: true });
}

const stamp = join(runDirectory, "cluster-sources");

/** Whether what runs was started by this version of the environment; a reboot empties /run, and with it the stamp. */
async function isOfTheseSources(): Promise<boolean> {
  return (await hasNetwork()) && (await readIfExists(stamp)) === (await sources());
}

async function sources(): Promise<string> {
  const directory = join(import.meta.dirname, "cluster");
  return fingerprint((await readdir(directory)).sort().map((name) => join(directory, name)));
}
