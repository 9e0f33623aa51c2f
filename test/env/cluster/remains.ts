import { readdir, readFile, readlink, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { cached, runDirectory } from "../cache.ts";
import { endProcess } from "../daemon.ts";
import { shell } from "../shell.ts";
import { NETWORK } from "./addresses.ts";
import { containerdSocket, containerdState, nodeDirectory } from "./files.ts";

/** Ends every container of our containerd: each hangs below a shim whose command line names our socket. */
export async function endContainers(): Promise<void> {
  const processes = await allProcesses();
  const shims = processes.filter(
    ({ command }) => command.includes("containerd-shim") && command.includes(containerdSocket),
  );
  const doomed = new Set(shims.map(({ pid }) => pid));
  for (let before = -1; before !== doomed.size;) {
    before = doomed.size;
    for (const { pid, parent } of processes) if (doomed.has(parent)) doomed.add(pid);
  }
  await Promise.all([...doomed].map((pid) => endProcess(pid, 0)));
}

/** Unmounts what containerd and kubelet have mounted, innermost first. */
export async function unmountAll(): Promise<void> {
  const mounts = (await readFile("/proc/self/mountinfo", "utf8"))
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "");
  const ours = mounts.filter(
    (path) => path.startsWith(`${nodeDirectory}/`) || path.startsWith(`${runDirectory}/`),
  );
  for (const path of ours.reverse()) await shell("umount", ["--lazy", path], { accept: [0, 1, 32] });
}

/** Removes the cgroups of pods, in every hierarchy of cgroup v1 or in the one of v2. */
export async function removeCgroups(): Promise<void> {
  const top = "/sys/fs/cgroup";
  for (const name of ["", ...(await readdir(top))]) await removeCgroup(join(top, name, "kubepods"));
}

/** Removes the node's files, and what kubelet writes outside its directory whatever it is told. */
export async function removeFiles(): Promise<void> {
  for (const path of [nodeDirectory, containerdState, join(runDirectory, "cni")]) {
    await rm(path, { recursive: true, force: true });
  }
  await removeCniResults();
  const logs = "/var/log/containers";
  for (const name of await readdir(logs).catch(() => [])) {
    const target = await readlink(join(logs, name)).catch(() => "");
    if (target.startsWith(cached())) await rm(join(logs, name), { force: true });
  }
  await rm("/var/lib/kubelet/device-plugins/kubelet_internal_checkpoint", { force: true });
  await rm("/var/lib/kubelet/device-plugins/kubelet.sock", { force: true });
  for (const path of [logs, "/var/lib/kubelet/device-plugins", "/var/lib/kubelet"])
    await rmdir(path).catch(() => undefined);
}

/** The CNI library notes each pod's network under a fixed path: ours by the network's name, and the loopback of the same pod. */
async function removeCniResults(): Promise<void> {
  const results = "/var/lib/cni/results";
  const names = await readdir(results).catch(() => []);
  const pods = names
    .filter((name) => name.startsWith(`${NETWORK}-`))
    .map((name) => name.split("-").at(-2) ?? "");
  const ours = names.filter((name) => pods.some((pod) => name.includes(pod)));
  for (const name of ours) await rm(join(results, name), { force: true });
  for (const path of [results, "/var/lib/cni"]) await rmdir(path).catch(() => undefined);
}

async function removeCgroup(path: string): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeCgroup(join(path, entry.name));
  await rmdir(path).catch(() => undefined);
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

async function allProcesses(): Promise<readonly Process[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const processes = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
      const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      return {
        pid: Number(pid),
        parent: Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]),
        command,
      };
    }),
  );
  return processes;
}
