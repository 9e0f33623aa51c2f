import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A way to a server that closes once enough has gone through: what came then waits for ever, or until it opens. */
export interface Gate extends AsyncDisposable {
  /** Host and port to use in place of the server's. */
  readonly address: string;
  /** Resolves when the gate has closed. */
  readonly closed: Promise<void>;
  /** From now on everything goes through. */
  open(): void;
  /** Breaks every connection off. */
  cut(): void;
}

/** Closes after `limit` bytes, both directions counted together. */
export async function gateTo(server: string, limit: number): Promise<Gate> {
  const [host = "", port] = server.split(":");
  const sockets = new Set<Socket>();
  let left = limit;
  const closing = Promise.withResolvers<void>();
  const through = (from: Socket, to: Socket): void => {
    from.on("data", (chunk: Buffer) => {
      left -= chunk.length;
      if (left > 0) return void to.write(chunk);
      closing.resolve();
      from.pause();
    });
    from.on("end", () => to.end());
    from.on("error", () => to.destroy());
    from.on("close", () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  const listener = createServer((client) => {
    const upstream = connect(Number(port), host);
    for (const socket of [client, upstream]) sockets.add(socket);
    through(client, upstream);
    through(upstream, client);
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    address: `127.0.0.1:${(listener.address() as AddressInfo).port}`,
    closed: closing.promise,
    open() {
      left = Infinity;
      cut();
    },
    cut,
    async [Symbol.asyncDispose]() {
      cut();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}
