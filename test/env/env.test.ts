import assert from "node:assert/strict";
import { test } from "node:test";
import { run } from "#process";
import {
  answerOf,
  imageLayout,
  requireEnvironment,
  startCluster,
  startRegistry,
  tools,
  type TestCluster,
} from "./index.ts";

const env = { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "/root" };

test("the node runs a pod of an image that this machine pushed, with DNS, a Service and logs", async (t) => {
  if (!(await requireEnvironment(["cluster", "npm-tools"], t))) return;
  const cluster = await startCluster();
  const image = `${cluster.registry}/env-test/python:1`;
  await copyImage(await imageLayout("python:3.11-slim-bookworm"), image);
  await using namespace = await freshNamespace(cluster);
  const { kubectl } = namespace;

  await kubectl(["apply", "-f", "-"], webServer(image));
  await kubectl(["rollout", "status", "deployment/web", "--timeout=120s"]);
  const ip = (await kubectl(["get", "service", "web", "-o", "jsonpath={.spec.clusterIP}"])).trim();

  assert.match(await answerOf(`http://${ip}/`), /Directory listing/);
  const asked = await kubectl(["exec", "deployment/web", "--", "python", "-c", ASK_SERVICE_BY_NAME]);
  assert.equal(asked.trim(), `${ip} 200`);
  assert.match(await kubectl(["logs", "deployment/web"]), /"GET \/ HTTP\/1.1" 200/);
});

test("the cluster knows a user who may do nothing", async (t) => {
  if (!(await requireEnvironment(["cluster", "npm-tools"], t))) return;
  const cluster = await startCluster();

  const args = ["--kubeconfig", cluster.kubeconfig, "--context", cluster.powerlessContext, "get", "pods"];
  const answer = await run(tools.kubectl, args, { env, accept: [1] });

  assert.match(answer.stderr, /Forbidden.*User "nobody" cannot list resource "pods"/);
});

test("helm judges as an official build of v3.22.0 does", async (t) => {
  if (!(await requireEnvironment(["helm"], t))) return;

  const version = (
    await run(tools.helm, ["version", "--template", "{{.Version}} {{.GitTreeState}}"], { env })
  ).stdout;

  assert.equal(version.toString(), "v3.22.0 clean");
});

test("startRegistry() with users refuses a push without the password", async (t) => {
  if (!(await requireEnvironment(["images"], t))) return;
  await using registry = await startRegistry({ users: { ada: "lovelace" } });
  const layout = await imageLayout("busybox:1.35");

  await assert.rejects(copyImage(layout, `${registry.address}/a:1`), /authentication required|unauthorized/i);
  await assert.rejects(copyImage(layout, `${registry.address}/a:1`, ["--dest-creds=ada:babbage"]), /auth/i);
  await copyImage(layout, `${registry.address}/a:1`, ["--dest-creds=ada:lovelace"]);
});

test("startRegistry() with tls serves a certificate of the authority it names", async (t) => {
  if (!(await requireEnvironment(["packages"], t))) return;
  await using registry = await startRegistry({ tls: true });

  const answer = await run(
    "curl",
    ["--silent", "--cacert", registry.ca ?? "", `https://${registry.address}/v2/`],
    { env },
  );

  assert.equal(answer.stdout.toString(), "{}");
});

test("a private registry keeps its address and its images over kill and restart, and tells what it was asked", async (t) => {
  if (!(await requireEnvironment(["images"], t))) return;
  await using registry = await startRegistry();
  await copyImage(await imageLayout("busybox:1.35"), `${registry.address}/a:1`);

  await registry.kill();
  await assert.rejects(fetch(`http://${registry.address}/v2/`));
  await registry.restart();

  const tags = await (await fetch(`http://${registry.address}/v2/a/tags/list`)).json();
  assert.deepEqual(tags, { name: "a", tags: ["1"] });
  const pushed = (await registry.requests()).filter(
    ({ method, status }) => method === "PUT" && status === 201,
  );
  assert.equal(pushed.length, 3, "a layer, the configuration and the manifest");
});

async function copyImage(layout: string, image: string, options: readonly string[] = []): Promise<void> {
  const plain = ["--quiet", "--insecure-policy", "--dest-tls-verify=false"];
  await run("skopeo", ["copy", ...plain, ...options, `oci:${layout}`, `docker://${image}`], { env });
}

interface Namespace extends AsyncDisposable {
  readonly kubectl: (args: readonly string[], input?: string) => Promise<string>;
}

async function freshNamespace(cluster: TestCluster): Promise<Namespace> {
  const name = `env-test-${process.pid}`;
  const kubectl = async (args: readonly string[], input = ""): Promise<string> => {
    const target = ["--kubeconfig", cluster.kubeconfig, "--namespace", name];
    return (await run(tools.kubectl, [...target, ...args], { env, input })).stdout.toString();
  };
  await kubectl(["create", "namespace", name]);
  return {
    kubectl,
    [Symbol.asyncDispose]: async () => void (await kubectl(["delete", "namespace", name, "--wait=false"])),
  };
}

const ASK_SERVICE_BY_NAME = `
import socket, urllib.request
print(socket.gethostbyname("web"), urllib.request.urlopen("http://web/").status)
`;

function webServer(image: string): string {
  return `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - name: web
        image: ${image}
        command: [python, -u, -m, http.server, "8080"]
        workingDir: /srv
        readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  selector: { app: web }
  ports: [{ port: 80, targetPort: 8080 }]
`;
}
