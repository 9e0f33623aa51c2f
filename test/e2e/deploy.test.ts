import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { run } from "#process";
import {
  answerOf,
  mirrorAddress,
  requireEnvironment,
  startCluster,
  tools,
  type TestCluster,
} from "../env/index.ts";
import { copyExample, type ExampleProject, type Outcome } from "./project.ts";

const NAMESPACE = "hello-flask-stage";
const PARTS = ["registry", "helm", "npm-tools", "cluster"] as const;

let project: ExampleProject;
let cluster: TestCluster;
let deployFlags: readonly string[];

/** What builds on this machine need to reach their packages. */
const machine = {
  SLIPWAY_REGISTRY_MIRROR_HUB: `docker.io=http://${mirrorAddress}`,
  SLIPWAY_BUILD_CA_BUNDLE: "/etc/ssl/certs/ca-certificates.crt",
};

before(async () => {
  project = await copyExample("flask/020-deploy", machine);
});
after(() => project[Symbol.asyncDispose]());

test("a commit becomes an answering pod", async (t) => {
  if (!(await requireEnvironment(PARTS, t))) return;
  cluster = await startCluster();
  deployFlags = [
    "--stages-storage",
    ":local",
    "--images-repo",
    `${cluster.registry}/e2e`,
    "--tag-by-stages-signature",
    "--insecure-registry",
  ];
  await kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait");
  succeeded(await project.slipway(["build-and-publish", ...deployFlags]));
  succeeded(await deploy());
  assert.equal(await answer(), "hello world");
});

test("helm 3 and helm 4 read the release", async (t) => {
  if (!(await requireEnvironment(PARTS, t))) return;
  for (const helm of [tools.helm, tools.helm4]) {
    const list = JSON.parse(await helmCommand(helm, "list", "--output", "json")) as {
      name: string;
      status: string;
      revision: string;
    }[];
    assert.deepEqual(
      list.map(({ name, status, revision }) => ({ name, status, revision })),
      [{ name: NAMESPACE, status: "deployed", revision: "1" }],
    );
    assert.match(await helmCommand(helm, "status", NAMESPACE), /STATUS: deployed/);
    assert.match(
      await helmCommand(helm, "get", "manifest", NAMESPACE),
      /# Source: hello-flask\/templates\/deployment\.yaml/,
    );
    assert.match(await helmCommand(helm, "history", NAMESPACE), /Install complete/);
  }
});

test("deploying the same commit again restarts nothing", async (t) => {
  if (!(await requireEnvironment(PARTS, t))) return;
  const pods = await podUids();
  assert.equal(pods.length, 1);
  succeeded(await project.slipway(["build-and-publish", ...deployFlags]));
  succeeded(await deploy());
  assert.deepEqual(await podUids(), pods);
});

test("a source edit builds only the patch stage and rolls the pod", async (t) => {
  if (!(await requireEnvironment(PARTS, t))) return;
  const pods = await podUids();
  await project.edit("app.py", (text) => text.replace("hello world", "hello again"));
  await project.commit("say it again");
  const built = succeeded(await project.slipway(["build-and-publish", ...deployFlags]));
  assert.deepEqual(
    [...built.stderr.matchAll(/Building stage (\S+)/g)].map((match) => match[1]),
    ["app/gitLatestPatch", "app/dockerInstructions"],
  );
  succeeded(await deploy());
  assert.equal(await answer(), "hello again");
  assert.notDeepEqual(await podUids(), pods);
});

test("a command that breaks ends the deploy with the pod's own last words", async (t) => {
  if (!(await requireEnvironment(PARTS, t))) return;
  await project.edit("werf.yaml", (text) => text.replace('"wsgi:app"', '"nowhere:app"'));
  await project.commit("break it");
  succeeded(await project.slipway(["build-and-publish", ...deployFlags]));
  const failed = await deploy();
  assert.equal(failed.code, 1, failed.stderr);
  assert.match(failed.stderr, /No module named 'nowhere'/);
  const [record] = JSON.parse(
    await helmCommand(tools.helm, "history", NAMESPACE, "--output", "json", "--max", "1"),
  ) as { status: string }[];
  assert.equal(record?.status, "failed");
});

test("the next good commit repairs it, and dismiss removes everything", async (t) => {
  if (!(await requireEnvironment(PARTS, t))) return;
  await project.edit("werf.yaml", (text) => text.replace('"nowhere:app"', '"wsgi:app"'));
  await project.commit("mend it");
  succeeded(await project.slipway(["build-and-publish", ...deployFlags]));
  succeeded(await deploy());
  assert.equal(await answer(), "hello again");
  succeeded(
    await project.slipway([
      "dismiss",
      "--env",
      "stage",
      "--kube-config",
      cluster.kubeconfig,
      "--with-namespace",
    ]),
  );
  assert.equal(await kubectl("get", "namespace", NAMESPACE, "--ignore-not-found", "--output", "name"), "");
});

function deploy(): Promise<Outcome> {
  return project.slipway([
    "deploy",
    ...deployFlags,
    "--env",
    "stage",
    "--kube-config",
    cluster.kubeconfig,
    "--timeout",
    "120",
  ]);
}

function succeeded(outcome: Outcome): Outcome {
  assert.equal(outcome.code, 0, outcome.stderr);
  return outcome;
}

/** What the Service answers, from a pod. */
async function answer(): Promise<string> {
  const address = await kubectl(
    "get",
    "service",
    "hello-flask",
    "--namespace",
    NAMESPACE,
    "--output",
    "jsonpath={.spec.clusterIP}",
  );
  return answerOf(`http://${address}/`);
}

async function podUids(): Promise<readonly string[]> {
  const text = await kubectl(
    "get",
    "pods",
    "--namespace",
    NAMESPACE,
    "--field-selector=status.phase=Running",
    "--output",
    "jsonpath={.items[*].metadata.uid}",
  );
  return text.split(" ").filter((uid) => uid !== "");
}

async function kubectl(...args: readonly string[]): Promise<string> {
  const { stdout } = await run(tools.kubectl, ["--kubeconfig", cluster.kubeconfig, ...args], {
    env: { PATH: "", HOME: "/tmp" },
  });
  return stdout.toString().trim();
}

async function helmCommand(helm: string, ...args: readonly string[]): Promise<string> {
  const env = { HOME: "/tmp", KUBECONFIG: cluster.kubeconfig };
  return (await run(helm, [...args, "--namespace", NAMESPACE], { env })).stdout.toString();
}
