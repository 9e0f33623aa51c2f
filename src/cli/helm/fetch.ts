import type { RepositoryEntry } from "#chart";
import { openHttp, retrying, type HttpResponse } from "#http";
import type { Context } from "../command.ts";
import { fault } from "./arguments.ts";
import { goReason } from "./go-reason.ts";
import { tlsSettings } from "./tls.ts";

const LIMIT = 256 * 1024 * 1024;
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
  const follow = async (): Promise<HttpResponse> => {
    let url = asked;
    for (let left = 10; ; left--) {
      const headers = {
        ...(etag === "" ? {} : { "if-none-match": etag }),
        ...authorization(url, access, context.env),
      };
      const response = await http.request(url, { signal: context.signal, headers });
      const location = response.headers["location"];
      if (location === undefined || response.status < 301 || response.status > 308 || left === 0) {
        return response;
      }
      response.discard();
      url = new URL(location, url).href;
    }
  };
  let response;
  try {
    response = await retrying(follow, { attempts: 3, signal: context.signal });
  } catch (error) {
    context.signal.throwIfAborted();
    throw fault(`Get "${address}": ${goReason(error)}`, error);
  }
  if (response.status === 304) {
    response.discard();
    return undefined;
  }
  if (response.status !== 200) {
    response.discard();
    const names = process.getBuiltinModule("node:http").STATUS_CODES;
    throw fault(`failed to fetch ${address} : ${response.status} ${names[response.status] ?? ""}`);
  }
  return { data: await response.bytes(LIMIT), etag: response.headers["etag"] ?? "" };
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
  const isHome = access.url === "" || new URL(currentAddress(access.url, env)).host === new URL(url).host;
  if (!isHome && !access.passCredentials) return {};
  const login = Buffer.from(`${access.username}:${access.password}`).toString("base64");
  return { authorization: `Basic ${login}` };
}
