import { createSocket, type Socket as DatagramSocket } from "node:dgram";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import type { PortMapping } from "./docker-options.ts";
import { portTaken } from "./network.ts";

/** Ports of this machine that lead into a container, for as long as it is not disposed. */
export interface PortProxy extends AsyncDisposable {
  /** With the ports that were really taken. */
  readonly ports: readonly PortMapping[];
}

/**
 * Listens as Docker does: on every address, IPv4 and IPv6, unless one is named.
 *
 * @param target where the container answers.
 * @throws {SlipwayError} CONTAINER_PORT_TAKEN; nothing listens then.
 */
export async function openPorts(ports: readonly PortMapping[], target: string): Promise<PortProxy> {
  await using stack = new AsyncDisposableStack();
  const taken: PortMapping[] = [];
  for (const port of ports) {
    const opened =
      port.protocol === "tcp" ? await openStream(port, target) : await openDatagrams(port, target);
    stack.use(opened);
    taken.push({ ...port, hostPort: opened.hostPort });
  }
  const listeners = stack.move();
  return { ports: taken, [Symbol.asyncDispose]: () => listeners.disposeAsync() };
}

interface Listener extends AsyncDisposable {
  readonly hostPort: number;
}

async function openStream(port: PortMapping, target: string): Promise<Listener> {
  const connections = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const inside = connect({ host: target, port: port.containerPort, allowHalfOpen: true });
    join(client, inside, connections);
    join(inside, client, connections);
  });
  await listen(server, port);
  return {
    hostPort: (server.address() as AddressInfo).port, // a TCP server's address is no text
    async [Symbol.asyncDispose]() {
      for (const connection of connections) connection.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function join(from: Socket, to: Socket, connections: Set<Socket>): void {
  connections.add(from);
  from.pipe(to);
  from.on("error", () => to.destroy());
  from.on("close", () => {
    connections.delete(from);
    if (from.readableAborted) to.destroy();
  });
}

async function listen(server: Server, port: PortMapping): Promise<void> {
  const hosts = port.hostAddress === undefined ? ["::", "0.0.0.0"] : [port.hostAddress];
  for (const [index, host] of hosts.entries()) {
    const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
      server.once("error", resolve);
      server.listen({ host, port: port.hostPort }, () => {
        server.off("error", resolve);
        resolve(undefined);
      });
    });
    if (error === undefined) return;
    const hasNoSuchFamily = error.code === "EAFNOSUPPORT" || error.code === "EADDRNOTAVAIL";
    if (!hasNoSuchFamily || index === hosts.length - 1) throw portTaken(port, error);
  }
}

const DATAGRAM_IDLE_MS = 60_000;

/** Each sender gets a socket of its own towards the container, until it is silent for a minute. */
async function openDatagrams(port: PortMapping, target: string): Promise<Listener> {
  const host = port.hostAddress ?? "0.0.0.0";
  const outside = createSocket(host.includes(":") ? "udp6" : "udp4");
  const senders = new Map<string, { socket: DatagramSocket; timer: NodeJS.Timeout }>();
  const forget = (key: string): void => {
    senders.get(key)?.socket.close();
    senders.delete(key);
  };
  outside.on("message", (message, { address, port: senderPort }) => {
    const key = `${address} ${senderPort}`;
    let sender = senders.get(key);
    if (sender === undefined) {
      const socket = createSocket("udp4");
      socket.on("message", (answer) => outside.send(answer, senderPort, address));
      socket.on("error", () => undefined);
      sender = { socket, timer: setTimeout(forget, DATAGRAM_IDLE_MS, key) };
      senders.set(key, sender);
    }
    sender.timer.refresh();
    sender.socket.send(message, port.containerPort, target);
  });
  await new Promise<void>((resolve, reject) => {
    outside.once("error", (cause) => reject(portTaken(port, cause)));
    outside.bind(port.hostPort, host, resolve);
  });
  outside.on("error", () => undefined);
  return {
    hostPort: outside.address().port,
    async [Symbol.asyncDispose]() {
      for (const [key, { timer }] of senders) {
        clearTimeout(timer);
        forget(key);
      }
      await new Promise<void>((resolve) => outside.close(() => resolve()));
    },
  };
}
