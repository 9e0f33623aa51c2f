import { createHash } from "node:crypto";
import { appendFileSync, readFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";

const { directory, log, tls } = workerData as {
  readonly directory: string;
  readonly log: string;
  readonly tls?: ServerTls;
};
/** Files of the server's certificate; with `clients`, of the authority of those who may ask. */
export interface ServerTls {
  readonly certificate: string;
  readonly key: string;
  readonly clients?: string;
}

const login = `Basic ${Buffer.from("user:word").toString("base64")}`;

const listener: RequestListener = (request, response) => {
  const path = new URL(request.url ?? "/", "http://x").pathname;
  const answer = (status: number, headers: Record<string, string> = {}, body?: Buffer): void => {
    appendFileSync(log, `${path} ${status}\n`);
    response.writeHead(status, headers).end(body);
  };
  if (path.startsWith("/private/") && request.headers.authorization !== login) return answer(401);
  if (path.startsWith("/moved/")) return answer(302, { location: path.slice("/moved".length) });
  let data: Buffer;
  try {
    data = readFileSync(join(directory, path.replace(/^\/private/, "")));
  } catch {
    return answer(404);
  }
  const etag = `"${createHash("sha256").update(data).digest("hex")}"`;
  if (request.headers["if-none-match"] === etag) return answer(304);
  return answer(200, { etag }, data);
};

const server =
  tls === undefined
    ? createServer(listener)
    : createSecureServer(
        {
          cert: readFileSync(tls.certificate),
          key: readFileSync(tls.key),
          ...(tls.clients === undefined ? {} : { ca: readFileSync(tls.clients), requestCert: true }),
        },
        listener,
      );

server.listen(0, "127.0.0.1", () => {
  parentPort?.postMessage((server.address() as AddressInfo).port, []);
});
