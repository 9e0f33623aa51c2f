import { Resolver } from "node:dns/promises";
import { readFile } from "node:fs/promises";
import { request } from "node:https";
import { connect } from "node:net";
import { API, API_SERVICE, NODE, NODE_NAME } from "./addresses.ts";
import { containerdSocket, inNode, TOKENS } from "./files.ts";

export async function isApiReady(): Promise<boolean> {
  return (await get("/readyz")).status === 200;
}

export async function isContainerdReady(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(containerdSocket, () => resolve((socket.destroy(), true)));
    socket.on("error", () => resolve(false));
  });
}

/** Ready to run pods: the node says so, and the namespace has the account that pods run under. */
export async function isNodeReady(): Promise<boolean> {
  const node = (await get(`/api/v1/nodes/${NODE_NAME}`)).body as { status?: { conditions?: Condition[] } };
  const isReady = node.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
  return isReady === true && (await get("/api/v1/namespaces/default/serviceaccounts/default")).status === 200;
}

/** Whether the cluster's name server knows the API, and a Service address leads to it. */
export async function areServicesReady(): Promise<boolean> {
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([NODE]);
  const addresses = await resolver.resolve4("kubernetes.default.svc.cluster.local");
  return addresses[0] === API_SERVICE && (await get("/readyz", `https://${API_SERVICE}`)).status === 200;
}

interface Condition {
  readonly type: string;
  readonly status: string;
}

async function get(path: string, api = API): Promise<{ status: number; body: unknown }> {
  const ca = await readFile(inNode("pki", "ca.crt"));
  const headers = { authorization: `Bearer ${TOKENS.admin}` };
  return new Promise((resolve, reject) => {
    const sent = request(`${api}${path}`, { ca, headers, agent: false, timeout: 2000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, body: text.startsWith("{") ? JSON.parse(text) : text });
      });
    });
    sent.on("timeout", () => sent.destroy(new Error("no answer")));
    sent.on("error", reject);
    sent.end();
  });
}
