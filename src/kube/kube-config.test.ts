import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { scratchDirectory } from "#disk";
import { readAccess } from "./kube-config.ts";
import { openCluster } from "./open-cluster.ts";

function config(name: string, server: string, current = true): string {
  return `apiVersion: v1
kind: Config
${current ? `current-context: ${name}` : ""}
clusters: [{name: ${name}, cluster: {server: "${server}", certificate-authority: ca.pem}}]
contexts: [{name: ${name}, context: {cluster: ${name}, user: ${name}, namespace: space-${name}}}]
users: [{name: ${name}, user: {token: secret-${name}}}]
`;
}

test("readAccess() merges the files of KUBECONFIG, the first that has a name wins, and passes over absent ones", async () => {
  await using directory = await scratchDirectory(tmpdir(), "kube-config");
  const [one, two] = [join(directory.path, "one"), join(directory.path, "sub", "two")];
  await mkdir(join(directory.path, "sub"));
  await writeFile(one, config("a", "https://a:6443/", false));
  await writeFile(
    two,
    config("b", "https://b:6443") +
      config("a", "https://wrong")
        .replace(/^.*\n.*\n.*\n/, "")
        .replace(/^(clusters|contexts|users).*/gm, ""),
  );
  const env = { KUBECONFIG: `${one}:${directory.path}/absent:${two}` };
  const access = await readAccess({ env });
  assert.deepEqual([access.context, access.server, access.namespace], ["b", "https://b:6443", "space-b"]);
  assert.equal(access.cluster["certificate-authority"], join(directory.path, "sub", "ca.pem"));
  assert.equal((await readAccess({ env, context: "a" })).server, "https://a:6443");
});

test("readAccess() takes base64 before a path before the environment before the home directory", async () => {
  await using directory = await scratchDirectory(tmpdir(), "kube-config");
  const file = async (name: string): Promise<string> => {
    await mkdir(join(directory.path, name, ".kube"), { recursive: true });
    const path = join(directory.path, name, ".kube", "config");
    await writeFile(path, config(name, `https://${name}`));
    return path;
  };
  const source = {
    kubeConfigBase64: Buffer.from(config("base64", "https://base64")).toString("base64"),
    kubeConfig: await file("path"),
    env: { KUBECONFIG: await file("variable"), HOME: join(await file("home"), "..", "..") },
  };
  const contextOf = async (from: Parameters<typeof readAccess>[0]): Promise<string | undefined> =>
    (await readAccess(from)).context;
  assert.equal(await contextOf(source), "base64");
  assert.equal(await contextOf({ ...source, kubeConfigBase64: undefined }), "path");
  assert.equal(await contextOf({ env: source.env }), "variable");
  assert.equal(await contextOf({ env: { HOME: source.env.HOME } }), "home");
});

test("readAccess() says which contexts there are", async () => {
  const kubeConfigBase64 = Buffer.from(config("a", "https://a")).toString("base64");
  await assert.rejects(readAccess({ kubeConfigBase64, context: "b", env: {} }), {
    code: "KUBE_NO_CONTEXT",
    message: 'Cannot use the kubeconfig given as base64: it has no context "b"',
    hint: "Choose a context with --kube-context: a",
  });
});

test("readAccess() names a file that is not there, and says what to do without any", async () => {
  await assert.rejects(readAccess({ kubeConfig: "/nowhere/config", env: {} }), { code: "KUBE_NO_CONFIG" });
  await assert.rejects(readAccess({ env: { HOME: "/nowhere" } }), {
    code: "KUBE_NO_CONFIG",
    hint: /--kube-config or KUBECONFIG/,
  });
});

test("openCluster() names server and context when nobody answers", async () => {
  const kubeConfigBase64 = Buffer.from(
    config("a", "http://127.0.0.1:9").replace(", certificate-authority: ca.pem", ""),
  ).toString("base64");
  await using cluster = await openCluster({ kubeConfigBase64, env: {} });
  await assert.rejects(cluster.version({ signal: AbortSignal.timeout(30_000) }), {
    code: "KUBE_UNREACHABLE",
    message:
      'Cannot reach the Kubernetes API at http://127.0.0.1:9 (context "a" of given as base64): connect ECONNREFUSED 127.0.0.1:9',
  });
});
