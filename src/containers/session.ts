import { openNetwork, type ContainerNetwork } from "./network.ts";
import { openPorts } from "./port-proxy.ts";
import { createServer, type AddressInfo } from "node:net";
import type { PortMapping } from "./docker-options.ts";
import type { ContainerConfigRecord } from "./record.ts";
import { startSandbox, type RunningSandbox, type SandboxStep, type StartSandboxOptions } from "#sandbox";

/** The network and the ports of a container, which outlast its restarts. */
export interface ContainerSession extends AsyncDisposable {
  readonly ports: readonly PortMapping[];
  readonly networkName?: string;
  readonly warning?: string;
  start(options: Pick<StartSandboxOptions, "stdin" | "output" | "terminal">): Promise<RunningSandbox>;
}

/** @throws {SlipwayError} CONTAINER_PORT_TAKEN, CONTAINER_NETWORK_MISSING */
export async function openSession(
  directory: string,
  config: ContainerConfigRecord,
): Promise<ContainerSession> {
  await using stack = new AsyncDisposableStack();
  const network = config.network === "bridge" ? await openNetwork(directory) : undefined;
  if (network !== undefined) stack.defer(() => network.detach());
  let ports = config.network === "bridge" ? config.ports : [];
  if (network?.address === undefined) ports = await Promise.all(ports.map(choosePort));
  else ports = stack.use(await openPorts(ports, network.address)).ports;
  const step = withNetwork(config.step, network);
  const resources = stack.move();
  return {
    ports,
    ...(network?.name === undefined ? {} : { networkName: network.name }),
    ...(network?.warning === undefined ? {} : { warning: network.warning }),
    start: (options) =>
      startSandbox(step, {
        ...options,
        isProcessOne: true,
        onReady: async (pid) => network?.attach(pid, ports),
      }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

function withNetwork(step: SandboxStep, network: ContainerNetwork | undefined): SandboxStep {
  if (network === undefined) return step;
  const hosts = network.address === undefined ? {} : { hosts: `${network.address} ${step.hostname ?? ""}` };
  return {
    ...step,
    ...hosts,
    ...(network.resolvConf === undefined ? {} : { resolvConf: network.resolvConf }),
  };
}

/** A free port where the user leaves the choice to us, and the helper that will listen cannot choose. */
async function choosePort(port: PortMapping): Promise<PortMapping> {
  if (port.hostPort !== 0) return port;
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port: hostPort } = server.address() as AddressInfo; // a TCP server's address is no text
  await new Promise((resolve) => server.close(resolve));
  return { ...port, hostPort };
}
