import type { RepositoryEntry } from "#chart";
import { isHome, openHttp, retrying } from "#http";
import type { Context } from "../command.ts";
import { fault } from "./arguments.ts";
import { goReason } from "./go-reason.ts";
import { tlsSettings } from "./tls.ts";

const LIMIT = 256 * 1024 * 1024;
/** Helm's own, for an answer from its first byte to its last. */
const PATIENCE_MS = 120_000;
const RETIRED = /^https?:\/\/kubernetes-charts(-incubator)?\.storage\.googleapis\.com(?=\/|$)/;

/** What a server wants to see before it answers. */
export type Access = Omit<RepositoryEntry, "name">;

export interface Fetched {
  readonly data: Buffer;
  readonly etag: string;
}

/**
 * What an address holds, redirects followed; undefined when it is still what `etag` stands for. The login goes to the
 * host of the repository only, unless it is told to go everywhere. Messages are those of Helm.
 */
export async function fetchAddress(
  context: Context,
  address: string,
  access?: Access,
  etag = "",
): Promise<Fetched | undefined> {
  const asked = currentAddress(address, context.env);
  using http = openHttp({
    env: context.env,
    userAgent: "Helm/3.22.0",
    ...(access === undefined ? {} : await tlsSettings(access)),
  });
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(PATIENCE_MS)]);
  const follow = async (): Promise<Answer> => {
    let url = asked;
    for (let left = 10; ; left--) {
      const headers = {
        ...(etag === "" ? {} : { "if-none-match": etag }),
        ...authorization(url, access, context.env),
      };
      const response = await http.request(url, { signal, headers });
      const { status } = response;
      const location = response.headers["location"];
      if (status === 200) return { status, headers: response.headers, data: await response.bytes(LIMIT) };
      response.discard();
      if (location === undefined || status < 301 || status > 308 || left === 0) {
        return { status, headers: response.headers, data: Buffer.alloc(0) };
      }
      url = new URL(location, url).href;
    }
  };
  let answer;
  try {
    answer = await retrying(follow, { attempts: 3, signal });
  } catch (error) {
    context.signal.throwIfAborted();
    if (signal.aborted)
      throw fault(`Get "${address}": context deadline exceeded (Client.Timeout exceeded)`, error);
    throw fault(`Get "${address}": ${goReason(error)}`, error);
  }
  const { status, headers, data } = answer;
  if (status === 304) return undefined;
  if (status !== 200) {
    const names = process.getBuiltinModule("node:http").STATUS_CODES;
    throw fault(`failed to fetch ${address} : ${status} ${names[status] ?? ""}`);
  }
  return { data, etag: headers["etag"] ?? "" };
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly data: Buffer;
}

/** The retired repositories of Helm's first years are asked where their archive is, or where a variable says. */
export function currentAddress(address: string, env: Readonly<Record<string, string>>): string {
  return address.replace(RETIRED, (_, incubator: string | undefined) =>
    incubator === undefined
      ? (env["SLIPWAY_HELM_STABLE_REPO_URL"] || "https://charts.helm.sh/stable").replace(/\/+$/, "")
      : (env["SLIPWAY_HELM_INCUBATOR_REPO_URL"] || "https://charts.helm.sh/incubator").replace(/\/+$/, ""),
  );
}

function authorization(
  url: string,
  access: Access | undefined,
  env: Readonly<Record<string, string>>,
): Record<string, string> {
  if (access === undefined || access.username === "" || access.password === "") return {};
  const isForAll = access.url === "" || access.passCredentials;
  if (!isForAll && !isHome(new URL(currentAddress(access.url, env)), new URL(url))) return {};
  const login = Buffer.from(`${access.username}:${access.password}`).toString("base64");
  return { authorization: `Basic ${login}` };
}
