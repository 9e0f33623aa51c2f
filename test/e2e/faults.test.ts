import assert from "node:assert/strict";
import { mkdir, readFile, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { run, type RunResult } from "#process";
import { mirrorAddress, requireEnvironment, startCluster, startRegistry, tools } from "../env/index.ts";
import { addPlainUser } from "../sandbox/plain-user.ts";
import { gateTo } from "./gate.ts";
import { copyExample, type ExampleProject, type Outcome } from "./project.ts";

const BUILD = ["build", "--stages-storage", ":local"] as const;
const PROGRAM = join(import.meta.dirname, "../../bin/slipway.js");
const MB = 1024 * 1024;

test("outside a Git repository, then in one", async (t) => {
  if (!(await requireEnvironment(["registry"], t))) return;
  await using project = await smallProject();
  await rm(join(project.directory, ".git"), { recursive: true });
  fails(await project.slipway(BUILD), /is not in a Git repository/, /git init/);
  await project.git("init", "--quiet");
  fails(await project.slipway(BUILD), /has no commits/, /git commit/);
  await project.commit("first");
  await buildsWell(project);
});

test("without werf.yaml, then with it", async (t) => {
  if (!(await requireEnvironment(["registry"], t))) return;
  await using project = await smallProject();
  await project.git("mv", "werf.yaml", "elsewhere.yaml");
  fails(await project.slipway(BUILD), /werf\.yaml not found/, /--config/);
  await project.git("mv", "elsewhere.yaml", "werf.yaml");
  await buildsWell(project);
});

test("a base image that does not exist, then one that does", async (t) => {
  if (!(await requireEnvironment(["registry"], t))) return;
  await using project = await smallProject();
  const from = (image: string): Promise<void> =>
    project.edit("werf.yaml", (text) => text.replace(/^from: .*/m, `from: ${image}`));
  await from(`${mirrorAddress}/library/debian:nowhere`);
  await project.commit("no such base");
  fails(
    await project.slipway(BUILD),
    /Unable to fetch base image \S+debian:nowhere/,
    /Next: .*(from|image|exists|tag)/i,
  );
  await from("debian:bookworm-slim");
  await project.commit("a base again");
  await buildsWell(project);
});

test("a command that fails, then one that works", async (t) => {
  if (!(await requireEnvironment(["registry"], t))) return;
  await using project = await smallProject("echo before; ls /nowhere");
  const failed = await project.slipway(BUILD);
  fails(failed, /command `echo before; ls \/nowhere` ended with code 2/, /output stands above/);
  assert.match(failed.stderr, /before/);
  assert.match(failed.stderr, /cannot access '\/nowhere'/);
  await project.edit("werf.yaml", (text) => text.replace("ls /nowhere", "ls /"));
  await project.commit("mended");
  await buildsWell(project);
});

test("a registry that is down, then up", async (t) => {
  if (!(await requireEnvironment(["registry"], t))) return;
  await using project = await smallProject();
  await using registry = await startRegistry();
  await buildsWell(project);
  await registry.stop();
  fails(
    await project.slipway(publish(registry.address)),
    new RegExp(registry.address),
    /is up and reachable/,
  );
  await registry.restart();
  await publishesWell(project, registry.address);
});

test("a login that is missing or refused, then the right one, and the password is never shown", async (t) => {
  if (!(await requireEnvironment(["registry"], t))) return;
  await using project = await smallProject();
  const password = "s3cret-Passw0rd-of-the-test";
  await using registry = await startRegistry({ users: { user: password } });
  await buildsWell(project);
  const login = async (word: string): Promise<Record<string, string>> => {
    const directory = join(project.home, "docker");
    await mkdir(directory, { recursive: true });
    const auth = Buffer.from(`user:${word}`).toString("base64");
    await writeFile(
      join(directory, "config.json"),
      JSON.stringify({ auths: { [registry.address]: { auth } } }),
    );
    return { DOCKER_CONFIG: directory };
  };
  const command = publish(registry.address);
  fails(await project.slipway(command), new RegExp(registry.address), /login/i);
  const refused = await project.slipway([...command, "--log-debug"], await login(`${password}x`));
  fails(refused, new RegExp(registry.address), /login|password|credentials/i);
  const accepted = await project.slipway([...command, "--log-verbose"], await login(password));
  assert.equal(accepted.code, 0, accepted.stderr);
  const encoded = Buffer.from(`user:${password}`).toString("base64").slice(0, 24);
  for (const { stdout, stderr } of [refused, accepted]) {
    assert.ok(!stdout.includes(password) && !stderr.includes(password));
    assert.ok(!stdout.includes(encoded) && !stderr.includes(encoded));
  }
});

test("a registry that dies in the middle of a push, then comes back", async (t) => {
  if (!(await requireEnvironment(["registry"], t))) return;
  await using project = await smallProject();
  await using registry = await startRegistry();
  await using gate = await gateTo(registry.address, MB);
  await buildsWell(project);
  const pushing = project.begin(publish(gate.address));
  await gate.closed;
  await registry.kill();
  gate.cut();
  fails(await pushing.ended, new RegExp(gate.address), /Next: /);
  await registry.restart();
  assert.deepEqual(await tags(registry.address), []);
  gate.open();
  await publishesWell(project, gate.address);
  assert.equal((await tags(registry.address)).length, 1);
});

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGKILL", 137],
] as const) {
  test(`${signal} during a pull, then a good build`, async (t) => {
    if (!(await requireEnvironment(["registry"], t))) return;
    await using project = await smallProject();
    await using gate = await gateTo(mirrorAddress, MB);
    const mirror = { SLIPWAY_REGISTRY_MIRROR_HUB: `docker.io=http://${gate.address}` };
    const pulling = project.begin(BUILD, mirror);
    await Promise.race([gate.closed, pulling.ended]);
    pulling.kill(signal);
    stopped(await pulling.ended, code);
    gate.open();
    await buildsWell(project, mirror);
  });

  test(`${signal} during a command, then a good build`, async (t) => {
    if (!(await requireEnvironment(["registry"], t))) return;
    const pause = `sleep ${7_000_000 + process.pid}`;
    await using project = await smallProject(`touch /made; echo now waiting; ${pause}`);
    const building = project.begin(BUILD);
    await building.said(/^.*\| now waiting$/m);
    building.kill(signal);
    stopped(await building.ended, code);
    await gone(pause);
    await project.edit("werf.yaml", (text) => text.replace(pause, "test ! -e /left; touch /left"));
    await project.commit("shorter");
    await buildsWell(project);
    assert.ok(!(await readFile("/proc/mounts", "utf8")).includes(project.home));
  });

  test(`${signal} during a push, then a good push`, async (t) => {
    if (!(await requireEnvironment(["registry"], t))) return;
    await using project = await smallProject();
    await using registry = await startRegistry();
    await using gate = await gateTo(registry.address, MB);
    await buildsWell(project);
    const pushing = project.begin(publish(gate.address));
    await Promise.race([gate.closed, pushing.ended]);
    pushing.kill(signal);
    stopped(await pushing.ended, code);
    assert.deepEqual(await tags(registry.address), []);
    gate.open();
    await publishesWell(project, gate.address);
    assert.equal((await tags(registry.address)).length, 1);
  });
}

test("a full disk, then room", async (t) => {
  if (!(await requireEnvironment(["registry"], t))) return;
  if (process.geteuid?.() !== 0) return t.skip("only root may mount a small file system");
  await using project = await smallProject("head -c 20000000 /dev/urandom > /big");
  await mkdir(project.home);
  const mount = (...options: string[]): Promise<unknown> => run("mount", [...options, project.home]);
  for (const size of ["1m", "20m", "60m", "110m", "130m"]) {
    await mount("-t", "tmpfs", "-o", `size=${size}`, "none");
    try {
      const failed = await project.slipway(BUILD);
      fails(failed, /[Nn]o space/, /room|--home-dir/);
      await mount("-o", "remount,size=2g");
      await buildsWell(project);
    } finally {
      await run("umount", [project.home]);
    }
  }
});

test("two builds at once in one clone", async (t) => {
  if (!(await requireEnvironment(["registry"], t))) return;
  await using project = await smallProject("sleep 1; echo made > /made");
  const both = await Promise.all([project.slipway(BUILD), project.slipway(BUILD)]);
  for (const { code, stderr } of both) assert.equal(code, 0, stderr);
  const records = await readdir(project.home, { recursive: true });
  const signatures = records.flatMap((name) => /([0-9a-f]{56})-\d+\.json$/.exec(name)?.[1] ?? []);
  assert.ok(signatures.length >= 3);
  assert.equal(new Set(signatures).size, signatures.length, "a stage was stored twice");
  await buildsWell(project);
});

test("a plain user builds the Flask example in a home of their own", async (t) => {
  if (!(await requireEnvironment(["registry"], t))) return;
  if (process.geteuid?.() !== 0) return t.skip("only root may add a user");
  await using project = await copyExample("flask/020-deploy");
  await using user = await addPlainUser();
  await run("chown", ["--recursive", user.name, dirname(project.directory)]);
  const slipway = (...args: readonly string[]): Promise<RunResult> =>
    user.run([
      ...["env", `SLIPWAY_REGISTRY_MIRROR_HUB=docker.io=http://${mirrorAddress}`],
      "SLIPWAY_BUILD_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt",
      ...[process.execPath, PROGRAM, ...args, "--dir", project.directory],
    ]);
  const built = await slipway(...BUILD);
  assert.equal(built.code, 0, built.stderr);
  const again = await slipway(...BUILD);
  assert.equal(again.code, 0, again.stderr);
  assert.doesNotMatch(again.stderr, /Building stage/);
  assert.ok((await readdir(join(user.home, ".slipway/store"))).includes("trees"));
});

test("a cluster that is unreachable, then one that forbids, then one that allows", async (t) => {
  if (!(await requireEnvironment(["registry", "helm", "cluster"], t))) return;
  const cluster = await startCluster();
  await using project = await smallProject();
  const chart = join(project.directory, ".helm/templates");
  await rm(chart, { recursive: true, force: true });
  await mkdir(chart, { recursive: true });
  await writeFile(
    join(chart, "settings.yaml"),
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  a: b\n",
  );
  await project.commit("a chart of one object");
  await publishesWell(project, cluster.registry, ["--insecure-registry"]);
  const deploy = (...flags: string[]): Promise<Outcome> =>
    project.slipway([
      "deploy",
      ...publish(cluster.registry).slice(1),
      ...["--insecure-registry", "--env", "faults", "--timeout", "60"],
      ...flags,
    ]);
  const text = await readFile(cluster.kubeconfig, "utf8");
  const unreachable = join(project.home, "unreachable");
  await writeFile(unreachable, text.replaceAll(/https:\/\/[^\s"]+/g, "https://127.0.0.1:9"));
  fails(await deploy("--kube-config", unreachable), /127\.0\.0\.1:9/, /Next: /);
  const allowed = ["--kube-config", cluster.kubeconfig];
  fails(
    await deploy(...allowed, "--kube-context", cluster.powerlessContext),
    /forbidden|may not|not allowed/i,
    /Next: /,
  );
  try {
    assert.equal((await helmList(cluster.kubeconfig)).length, 0);
    const deployed = await deploy(...allowed);
    assert.equal(deployed.code, 0, deployed.stderr);
    assert.deepEqual(
      (await helmList(cluster.kubeconfig)).map(({ status, revision }) => ({ status, revision })),
      [{ status: "deployed", revision: "1" }],
    );
  } finally {
    const dismissed = await project.slipway(["dismiss", "--env", "faults", "--with-namespace", ...allowed]);
    assert.equal(dismissed.code, 0, dismissed.stderr);
  }
});

/** The example on a small base, with one command in place of its own. */
async function smallProject(command = "echo installed > /installed"): Promise<ExampleProject> {
  const project = await copyExample("flask/020-deploy", {
    SLIPWAY_REGISTRY_MIRROR_HUB: `docker.io=http://${mirrorAddress}`,
  });
  await writeFile(
    join(project.directory, "werf.yaml"),
    `project: hello-faults
configVersion: 1
---
image: app
from: debian:bookworm-slim
git:
- add: /
  to: /app
shell:
  install:
  - ${JSON.stringify(command)}
`,
  );
  await project.commit("small");
  return project;
}

function publish(registry: string): readonly string[] {
  return [
    "publish",
    ...["--stages-storage", ":local"],
    ...["--images-repo", `${registry}/faults`],
    "--tag-by-stages-signature",
  ];
}

/** One error, with its next step, and the exit code of an outside cause. */
function fails({ code, stdout, stderr }: Outcome, message: RegExp, next: RegExp): void {
  assert.equal(code, 1, stderr);
  assert.equal(stdout, "");
  assert.equal(stderr.match(/^Error: /gm)?.length, 1, stderr);
  assert.equal(stderr.match(/^Next: /gm)?.length, 1, stderr);
  const report = stderr.slice(stderr.search(/^Error: /m));
  assert.match(report, message);
  assert.match(report, next);
  assert.doesNotMatch(report.replace(/^ {4}at .*/gm, ""), /\bundefined\b|\[object/);
}

function stopped({ code, stderr }: Outcome, expected: number): void {
  assert.equal(code, expected, stderr);
  assert.doesNotMatch(stderr, /defect/);
  if (expected === 130) assert.match(stderr, /Stopped by SIGINT/);
}

/** Builds, and then finds everything built. */
async function buildsWell(project: ExampleProject, env: Record<string, string> = {}): Promise<void> {
  await age(project);
  const built = await project.slipway(BUILD, env);
  assert.equal(built.code, 0, built.stderr);
  const again = await project.slipway(BUILD, env);
  assert.equal(again.code, 0, again.stderr);
  assert.doesNotMatch(again.stderr, /Building stage/);
  const left = await readdir(join(project.home, "store/tmp")).catch(() => []);
  assert.deepEqual(left, [], "scratch files are left behind");
}

/** Makes what a killed build left behind as old as it has to be before it may be removed. */
async function age(project: ExampleProject): Promise<void> {
  const scratch = join(project.home, "store/tmp");
  const before = new Date(Date.now() - 7_200_000);
  for (const name of await readdir(scratch).catch(() => []))
    await utimes(join(scratch, name), before, before);
}

async function publishesWell(
  project: ExampleProject,
  registry: string,
  flags: readonly string[] = [],
): Promise<void> {
  const [, ...rest] = publish(registry);
  const published = await project.slipway(["build-and-publish", ...rest, ...flags]);
  assert.equal(published.code, 0, published.stderr);
  const { code, stderr } = await run(
    "skopeo",
    ["inspect", "--tls-verify=false", `docker://${registry}/faults/app:${await newestTag(registry)}`],
    { accept: [0, 1] },
  );
  assert.equal(code, 0, stderr);
}

async function newestTag(registry: string): Promise<string> {
  return (await tags(registry)).at(-1) ?? "";
}

async function tags(registry: string): Promise<readonly string[]> {
  const answer = await fetch(`http://${registry}/v2/faults/app/tags/list`);
  if (answer.status === 404) return [];
  return ((await answer.json()) as { tags: string[] | null }).tags ?? [];
}

async function helmList(kubeconfig: string): Promise<{ status: string; revision: string }[]> {
  const args = ["list", "--all", "--namespace", "hello-faults-faults", "--output", "json"];
  const { stdout } = await run(tools.helm, args, { env: { HOME: "/tmp", KUBECONFIG: kubeconfig } });
  return JSON.parse(stdout.toString()) as { status: string; revision: string }[];
}

/** Waits until no process has this command line. */
async function gone(commandLine: string): Promise<void> {
  for (let left = 100; ; left--) {
    const found = await run("pgrep", ["-xf", commandLine], { accept: [0, 1] });
    if (found.code === 1) return;
    assert.ok(left > 0, `${commandLine} still runs`);
    await sleep(50);
  }
}
