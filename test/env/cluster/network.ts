import { exists } from "#disk";
import { shell } from "../shell.ts";
import { ALL_ADDRESSES, HOST, NETWORK, NODE } from "./addresses.ts";

/** Makes the node's network namespace and the veth pair to it; what is there already is kept. */
export async function openNetwork(): Promise<void> {
  if (await hasNetwork()) return;
  const inside = (...args: readonly string[]): Promise<unknown> => shell("ip", ["-netns", NETWORK, ...args]);
  await shell("ip", ["netns", "add", NETWORK]);
  await shell("ip", ["link", "add", NETWORK, "type", "veth", "peer", "name", "uplink", "netns", NETWORK]);
  await inside("link", "set", "lo", "up");
  await inside("addr", "add", `${NODE}/24`, "dev", "uplink");
  await inside("link", "set", "uplink", "up");
  const forward = "echo 1 > /proc/sys/net/ipv4/ip_forward";
  await shell("nsenter", [`--net=/run/netns/${NETWORK}`, "sh", "-c", forward]);
  await shell("ip", ["addr", "add", `${HOST}/24`, "dev", NETWORK]);
  await shell("ip", ["link", "set", NETWORK, "up"]);
  await shell("ip", ["route", "replace", ALL_ADDRESSES, "via", NODE]);
}

/** Whether both ends are there: the namespace, and the route that openNetwork adds last. */
export async function hasNetwork(): Promise<boolean> {
  if (!(await exists(`/run/netns/${NETWORK}`))) return false;
  const routes = (await shell("ip", ["route", "show", ALL_ADDRESSES])).stdout.toString();
  return routes.includes(`dev ${NETWORK}`);
}

/** Removes the namespace, and with it both ends of the veth pair and the route. */
export async function closeNetwork(): Promise<void> {
  await shell("ip", ["link", "delete", NETWORK], { accept: [0, 1] });
  await shell("ip", ["netns", "delete", NETWORK], { accept: [0, 1] });
}
