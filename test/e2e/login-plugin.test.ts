import assert from "node:assert/strict";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { requireEnvironment, startCluster } from "../env/index.ts";
import { copyExample } from "./project.ts";

test("a login plugin of the kubeconfig is asked, and what it says is believed or named", async (t) => {
  if (!(await requireEnvironment(["cluster"], t))) return;
  const { kubeconfig } = await startCluster();
  await using project = await copyExample("flask/020-deploy");
  await mkdir(project.home);
  const plugin = join(project.home, "login");
  const config = join(project.home, "kubeconfig");
  const exec = `exec: {apiVersion: client.authentication.k8s.io/v1, command: ${plugin}, interactiveMode: Never}`;
  const admin = await readFile(kubeconfig, "utf8");
  await writeFile(config, admin.replace("token: slipway-test-admin", exec));
  const dismiss = async (script: string) => {
    await writeFile(plugin, `#!/bin/sh\n${script}\n`);
    await chmod(plugin, 0o755);
    return project.slipway(["dismiss", "--env", "login", "--kube-config", config]);
  };
  const says = (token: string): string =>
    `echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"${token}"}}'`;

  const welcome = await dismiss(says("slipway-test-admin"));
  assert.equal(welcome.code, 0, welcome.stderr);
  assert.match(welcome.stderr, /there is no such release/);

  const refused = await dismiss(says("t0ken-of-nobody"));
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /Unauthorized/i);
  assert.doesNotMatch(refused.stderr, /t0ken-of-nobody/);

  const broken = await dismiss("echo no session >&2; exit 3");
  assert.equal(broken.code, 1);
  assert.match(broken.stderr, /Cannot get credentials for https:.*\n(.*\n)*Next: .*plugin/);
});
