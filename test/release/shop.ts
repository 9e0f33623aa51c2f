import { randomBytes } from "node:crypto";
import type { TestContext } from "node:test";
import type { Event } from "#events";
import { type Cluster, openCluster } from "#kube";
import { run } from "#process";
import { type DeployRequest, type DeployResult, type Hook, deployRelease } from "#release";
import { requireEnvironment, startCluster, tools } from "../env/index.ts";

/** A namespace of its own on the real node, gone with its test. */
export interface Shop extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly kubeconfig: string;
  readonly powerlessContext: string;
  /** Everything that was emitted so far. */
  readonly events: Event[];
  deploy(
    manifest: string,
    change?: Partial<DeployRequest> & { readonly hooks?: readonly Hook[] },
  ): Promise<DeployResult>;
  /** What real helm prints. */
  helm(...args: readonly string[]): Promise<string>;
  podUids(): Promise<readonly string[]>;
}

export async function openShop(test: TestContext): Promise<Shop | undefined> {
  if (!(await requireEnvironment(["cluster", "helm"], test))) return undefined;
  const { kubeconfig, powerlessContext } = await startCluster();
  const cluster = await openCluster({ kubeConfig: kubeconfig, env: {} });
  const namespace = `shop-${randomBytes(3).toString("hex")}`;
  const events: Event[] = [];
  return {
    cluster,
    namespace,
    kubeconfig,
    powerlessContext,
    events,
    deploy: (manifest, { hooks = [], ...change } = {}) =>
      deployRelease({
        cluster,
        name: "shop",
        namespace,
        timeoutMs: 120_000,
        events: (event) => events.push(event),
        rendered: { manifest, hooks, notes: "Enjoy the shop", chart: CHART, config: { replicas: 1 } },
        ...change,
      }),
    async helm(...args) {
      const { stdout } = await run(
        tools.helm,
        ["--kubeconfig", kubeconfig, "--namespace", namespace, ...args],
        {
          env: { HOME: "/nonexistent", PATH: process.env["PATH"] ?? "" },
        },
      );
      return stdout.toString();
    },
    async podUids() {
      const { items } = await cluster.list({ apiVersion: "v1", kind: "Pod" }, { namespace });
      return items.map((pod) => pod.metadata.uid ?? "");
    },
    async [Symbol.asyncDispose]() {
      await cluster.delete(
        { apiVersion: "v1", kind: "Namespace", name: namespace },
        { propagation: "Background" },
      );
      await cluster[Symbol.asyncDispose]();
    },
  };
}

const CHART = {
  metadata: { name: "shop", version: "0.1.0", apiVersion: "v2" },
  templates: [{ name: "templates/web.yaml", data: Buffer.from("# the shop\n") }],
  values: { replicas: 1 },
  files: [],
};

export interface Web {
  readonly image?: string;
  readonly command?: string;
  readonly cpu?: string;
  readonly color?: string;
  readonly annotations?: string;
  readonly extra?: string;
}

/** A ConfigMap and a Deployment, as `helm template` prints them. */
export function web({
  image = "busybox:1.35",
  command = SERVE,
  cpu = "1m",
  color = "red",
  annotations = "{}",
  extra = "",
}: Web = {}): string {
  return `---
# Source: shop/templates/settings.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  color: ${color}
---
# Source: shop/templates/web.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations: ${annotations}
spec:
  replicas: 1
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - name: app
        image: ${image}
        command: ["sh", "-c", ${JSON.stringify(command)}]
        resources: {requests: {cpu: ${cpu}}}
${extra}`;
}

const SERVE = "echo the shop is open; exec sleep 3600";
