/**
 * The main job on a bare machine: an example is built from Git, runs on this machine, then on a real Kubernetes node, and
 * the answer of the pod is printed. What the machine cannot have is said, and the rest is done.
 */
import { run } from "#process";
import { copyExample, type Outcome } from "../test/e2e/project.ts";
import {
  answerOf,
  bringUp,
  mirrorAddress,
  startCluster,
  tools,
  whatIsLacking,
  type PartName,
} from "../test/env/index.ts";

const PORT = "8080";
const steps: [string, number][] = [];
process.exitCode = await demo();

async function demo(): Promise<number> {
  await using project = await copyExample("flask/020-deploy", {
    SLIPWAY_REGISTRY_MIRROR_HUB: `docker.io=http://${mirrorAddress}`,
    SLIPWAY_BUILD_CA_BUNDLE: "/etc/ssl/certs/ca-certificates.crt",
  });
  const slipway = async (...args: readonly string[]): Promise<Outcome> => {
    process.stdout.write(`\n$ slipway ${args.map(quoted).join(" ")}\n`);
    const outcome = await project.slipway(args);
    process.stdout.write(outcome.stderr + outcome.stdout);
    if (outcome.code !== 0) throw new Error(`slipway ${args[0]} ended with code ${outcome.code}`);
    return outcome;
  };
  await timed("read werf.yaml and list its images", () => slipway("config", "list"));
  await timed("render the chart", () => slipway("helm", "render", "--env", "demo"));
  const isComplete =
    (await can(["registry"], "building, running and deploying")) && (await onMachine(slipway));
  process.stdout.write("\n");
  for (const [name, seconds] of steps) process.stdout.write(`${seconds.toFixed(2).padStart(8)} s  ${name}\n`);
  if (!isComplete) process.stdout.write("\nNot everything was shown: see what was skipped above, and why\n");
  return 0;
}

/** What needs base images; false when the cluster had to be left out. */
async function onMachine(slipway: (...args: readonly string[]) => Promise<Outcome>): Promise<boolean> {
  const storage = ["--stages-storage", ":local"];
  await timed("base images and a registry for them", () => bringUp(["registry"]));
  await timed("build from Git", () => slipway("build", ...storage));
  await timed("build again, nothing to do", () => slipway("build", ...storage));
  await timed("run on this machine, and its answer", async () => {
    await slipway("run", ...storage, `--docker-options=-d -p ${PORT}:8080 --name demo --restart=always`);
    try {
      const answer = await answerOf(`http://127.0.0.1:${PORT}/`);
      process.stdout.write(`\nThe container on this machine answers: ${answer}\n`);
    } finally {
      await slipway("rm", "--force", "demo");
    }
  });

  if (!(await can(["cluster", "npm-tools"], "the deploy to a Kubernetes node"))) return false;
  const cluster = await timed("bring a real Kubernetes node up", async () => {
    await bringUp(["npm-tools"]);
    return startCluster();
  });
  const target = [
    ...storage,
    "--images-repo",
    `${cluster.registry}/demo`,
    "--tag-by-stages-signature",
    "--insecure-registry",
  ];
  await timed("publish", () => slipway("publish", ...target));
  const kube = ["--env", "demo", "--kube-config", cluster.kubeconfig];
  await timed("deploy, until the pod is ready", () => slipway("deploy", ...target, ...kube));
  const pod = await timed("the answer of the pod", async () => {
    const service = ["get", "service", "hello-flask", "--namespace", "hello-flask-demo"];
    const args = ["--kubeconfig", cluster.kubeconfig, ...service, "--output", "jsonpath={.spec.clusterIP}"];
    const { stdout } = await run(tools.kubectl, args, { env: { HOME: "/tmp" } });
    return answerOf(`http://${stdout.toString()}/`);
  });
  process.stdout.write(`\nThe pod answers: ${pod}\n`);
  await timed("dismiss", () => slipway("dismiss", ...kube, "--with-namespace"));
  return true;
}

/** As a shell takes it, so that the line can be copied. */
function quoted(word: string): string {
  return /\s/.test(word) ? `'${word}'` : word;
}

/** Whether this machine can have parts of the environment; says what is skipped and why. */
async function can(parts: readonly PartName[], what: string): Promise<boolean> {
  const reason = await whatIsLacking(parts);
  if (reason === undefined) return true;
  process.stdout.write(`Skipped: ${what}, since ${reason}\n`);
  return false;
}

async function timed<T>(name: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await work();
  steps.push([name, (performance.now() - started) / 1000]);
  return result;
}
