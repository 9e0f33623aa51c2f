import { randomInt } from "node:crypto";
import { access, constants, open, readFile, writeFile } from "node:fs/promises";
import { connect as connectSocket } from "node:net";
import { SlipwayError } from "#errors";
import { findProgram, run, start, type Started } from "#process";
import { isInUserNamespace } from "#sandbox";
import type { PortMapping } from "./docker-options.ts";

const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const SYSTEM = { env: { PATH: SYSTEM_PATH } };

/** How a container reaches the world, and the world its ports. */
export interface ContainerNetwork {
  /** Names it on this machine, for takeDownNetwork(). */
  readonly name?: string;
  readonly resolvConf?: string;
  /** Where ports of the container answer; without it the network forwards `ports` itself. */
  readonly address?: string;
  /** What does not work, for the user. */
  readonly warning?: string;
  /** Gives the namespace of a process its devices; called for each start of the container. */
  attach(pid: number, ports: readonly PortMapping[]): Promise<void>;
  /** Takes away what attach() left on this machine. */
  detach(): Promise<void>;
}

/**
 * A network of a container's own. Real root gets a pair of virtual devices and address translation, from iproute2 and
 * iptables; anybody else, and root without those, slirp4netns.
 *
 * @param directory the container's own, for slirp4netns' socket.
 * @throws {SlipwayError} CONTAINER_NETWORK_MISSING says what to install.
 */
export async function openNetwork(
  directory: string,
  name = `slw${randomInt(1e9).toString(36)}`,
): Promise<ContainerNetwork> {
  const { ip, iptables, slirp, isUserNamespace } = await findMeans();
  if (!isUserNamespace && ip !== undefined && (iptables !== undefined || slirp === undefined)) {
    return openVirtualPair(name, iptables !== undefined);
  }
  if (slirp !== undefined) return openSlirp(directory);
  throw new SlipwayError(
    "CONTAINER_NETWORK_MISSING",
    "Cannot give the container a network: slirp4netns is not installed",
    { hint: `${packagesFor(isUserNamespace)}, or use --network host` },
  );
}

/**
 * What a container would lack for a network of its own, and the next step; undefined when nothing is seen to be missing.
 *
 * @param isPlainUser whose containers are made in a user namespace.
 */
export async function whatNetworkLacks(isPlainUser: boolean): Promise<string | undefined> {
  const { ip, slirp, isUserNamespace } = await findMeans();
  const isNested = isPlainUser || isUserNamespace;
  if (!isNested && ip !== undefined) return undefined;
  if (slirp === undefined) return `slirp4netns is not installed: ${packagesFor(isNested)}`;
  const mayOpen = await access("/dev/net/tun", constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
  return mayOpen
    ? undefined
    : "/dev/net/tun cannot be opened: have root run modprobe tun; chmod 666 /dev/net/tun";
}

async function findMeans(): Promise<{
  readonly ip: string | undefined;
  readonly iptables: string | undefined;
  readonly slirp: string | undefined;
  readonly isUserNamespace: boolean;
}> {
  const [ip, iptables, slirp, isUserNamespace] = await Promise.all([
    findProgram("ip", SYSTEM_PATH),
    findProgram("iptables", SYSTEM_PATH),
    findProgram("slirp4netns", SYSTEM_PATH),
    isInUserNamespace(),
  ]);
  return { ip, iptables, slirp, isUserNamespace };
}

function packagesFor(isUserNamespace: boolean): string {
  return isUserNamespace ? "apt-get install slirp4netns" : "apt-get install iproute2 iptables";
}

/** What a container that died with its supervisor may have left. */
export async function takeDownNetwork(name: string): Promise<void> {
  const rules = await run("iptables-save", [], { ...SYSTEM, accept: [0, 1] }).catch(() => undefined);
  let table = "";
  for (const line of rules?.stdout.toString().split("\n") ?? []) {
    if (line.startsWith("*")) table = line.slice(1);
    const words = line.split(" ");
    if (words[0] !== "-A" || !words.includes(name)) continue;
    await run("iptables", ["-w", "-t", table, "-D", ...words.slice(1)], { ...SYSTEM, accept: [0, 1, 2] });
  }
  await run("ip", ["link", "delete", name], { ...SYSTEM, accept: [0, 1] });
}

/** Addresses in pairs, one end here and one in the container; a pair is taken when this machine has its end. */
async function openVirtualPair(name: string, hasTranslation: boolean): Promise<ContainerNetwork> {
  const taken = (await run("ip", ["-o", "-4", "addr", "show"], SYSTEM)).stdout.toString();
  let [outer, inner] = pairOfAddresses(randomInt(1, 16_000));
  while (taken.includes(` ${outer} `) || taken.includes(` ${outer}/`))
    [outer, inner] = pairOfAddresses(randomInt(1, 16_000));
  const rules = [
    ["nat", "POSTROUTING", "-s", `${inner}/32`, "!", "-o", name, "-j", "MASQUERADE"],
    ["filter", "FORWARD", "-i", name, "-j", "ACCEPT"],
    ["filter", "FORWARD", "-o", name, "-j", "ACCEPT"],
  ];
  const forEachRule = async (action: "-I" | "-D", accept: readonly number[]): Promise<void> => {
    if (!hasTranslation) return;
    for (const [table = "", ...rule] of rules)
      await run("iptables", ["-w", "-t", table, action, ...rule], { ...SYSTEM, accept });
  };
  return {
    name,
    address: inner,
    resolvConf: await reachableResolvConf(),
    ...(hasTranslation
      ? {}
      : { warning: "iptables is not installed: the container reaches nothing outside this machine" }),
    async attach(pid) {
      await forEachRule("-D", [0, 1, 2]);
      const here = [
        `link add ${name} type veth peer name eth0 netns ${pid}`,
        `addr add ${outer} peer ${inner} dev ${name}`,
        `link set ${name} up`,
      ];
      const there = [
        "link set lo up",
        `addr add ${inner} peer ${outer} dev eth0`,
        "link set eth0 up",
        `route add default via ${outer}`,
      ];
      const inside = [`--net=/proc/${pid}/ns/net`, "ip", "-batch", "-"];
      try {
        await run("ip", ["-batch", "-"], { ...SYSTEM, input: `${here.join("\n")}\n` });
        await run("nsenter", inside, { ...SYSTEM, input: `${there.join("\n")}\n` });
        if (!hasTranslation) return;
        await writeFile("/proc/sys/net/ipv4/ip_forward", "1");
        await forEachRule("-I", [0]);
      } catch (cause) {
        throw new SlipwayError("CONTAINER_NETWORK_FAILED", "Cannot give the container a network of its own", {
          cause,
          hint: "Use --network host, or allow slipway to make network devices and iptables rules",
        });
      }
    },
    async detach() {
      await forEachRule("-D", [0, 1, 2]);
      await run("ip", ["link", "delete", name], { ...SYSTEM, accept: [0, 1] });
    },
  };
}

function pairOfAddresses(index: number): readonly [string, string] {
  const first = index * 4 + 1;
  const address = (number: number): string => `10.214.${number >> 8}.${number & 255}`;
  return [address(first), address(first + 1)];
}

/** A name server on this machine's loopback cannot be reached from another network. */
async function reachableResolvConf(): Promise<string> {
  for (const path of ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"]) {
    const lines = (await readFile(path, "utf8").catch(() => "")).split("\n");
    const reachable = lines.filter((line) => !/^\s*nameserver\s+(127\.|::1)/.test(line));
    if (reachable.some((line) => /^\s*nameserver\s/.test(line))) return reachable.join("\n");
  }
  return "nameserver 1.1.1.1\nnameserver 8.8.8.8\n";
}

/** @see https://github.com/rootless-containers/slirp4netns/blob/master/slirp4netns.1.md */
async function openSlirp(directory: string): Promise<ContainerNetwork> {
  let helper: Started | undefined;
  const detach = async (): Promise<void> => {
    helper?.child.kill("SIGTERM");
    await helper?.ended.catch(() => undefined);
    helper = undefined;
  };
  return {
    resolvConf: "nameserver 10.0.2.3\n",
    detach,
    async attach(pid, ports) {
      await detach();
      const flags = [
        "--configure",
        "--mtu=65520",
        "--disable-host-loopback",
        "--ready-fd=3",
        "--api-socket",
        "slirp.sock",
      ];
      const setpriv = ["--pdeathsig", "KILL", "slirp4netns", ...flags, String(pid), "tap0"];
      helper = start("setpriv", setpriv, { ...SYSTEM, cwd: directory }, ["ignore", "ignore", "pipe", "pipe"]);
      let said = "";
      helper.child.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
      const ready = new Promise<void>((resolve) => helper?.child.stdio[3]?.once("data", () => resolve()));
      const failed = helper.ended.then((code) => {
        throw new SlipwayError(
          "CONTAINER_NETWORK_FAILED",
          `Cannot start slirp4netns: it ended with ${code}: ${said.trim()}`,
          said.includes("/dev/net/tun")
            ? { hint: "Have root run: modprobe tun; chmod 666 /dev/net/tun" }
            : {},
        );
      });
      failed.catch(() => undefined);
      await Promise.race([ready, failed]);
      await using opened = await open(directory, "r");
      // a socket's own path is at most 107 bytes long
      for (const port of ports) await forwardPort(`/proc/self/fd/${opened.fd}/slirp.sock`, port);
    },
  };
}

async function forwardPort(socket: string, port: PortMapping): Promise<void> {
  const request = {
    execute: "add_hostfwd",
    arguments: {
      proto: port.protocol,
      host_addr: port.hostAddress ?? "0.0.0.0",
      host_port: port.hostPort,
      guest_port: port.containerPort,
    },
  };
  const answer = await new Promise<string>((resolve, reject) => {
    const connection = connectSocket(socket);
    let text = "";
    connection.on("data", (chunk: Buffer) => (text += chunk.toString()));
    connection.on("end", () => resolve(text)).on("error", reject);
    connection.end(JSON.stringify(request));
  });
  if (!answer.includes('"error"')) return;
  throw portTaken(port, answer.trim());
}

export function portTaken(port: PortMapping, cause: unknown): SlipwayError {
  const where = `${port.hostAddress ?? "0.0.0.0"}:${port.hostPort}`;
  return new SlipwayError(
    "CONTAINER_PORT_TAKEN",
    `Cannot publish port ${port.containerPort} at ${where}: the address is in use or not allowed`,
    {
      cause,
      hint: "slipway ps shows the ports of other containers; choose another one with -p",
    },
  );
}
