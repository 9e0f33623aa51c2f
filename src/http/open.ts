import type { HttpClient, HttpSettings } from "./client.ts";

/** A client that is loaded with its first request: a build that finds all its stages asks nothing of the net. */
export function openHttp(settings: HttpSettings): HttpClient {
  let client: Promise<HttpClient> | undefined;
  return {
    async request(url, request) {
      client ??= import("./client.ts").then(({ openClient }) => openClient(settings));
      return (await client).request(url, request);
    },
    [Symbol.dispose]() {
      void client?.then((opened) => opened[Symbol.dispose]());
    },
  };
}
