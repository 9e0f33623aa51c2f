import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { requireEnvironment, startCluster } from "../env/index.ts";
import { sideBySide } from "./side-by-side.ts";

const object = (text: string): Record<string, string> => ({ "templates/a.yaml": text });
const CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\n";

/** Charts by name, each with one template. */
const CHARTS: Readonly<Record<string, Record<string, string>>> = {
  facts: object(
    `${CONFIG_MAP}metadata: {name: facts}\ndata:\n  kube: {{ .Capabilities.KubeVersion.Version }}\n  apps: {{ .Capabilities.APIVersions.Has "apps/v1/Deployment" }}\n  mine: {{ .Capabilities.APIVersions.Has "mine/v1" }}\n  found: {{ (lookup "v1" "Namespace" "" "default").kind }}\n`,
  ),
  fine: {
    ...object(`${CONFIG_MAP}metadata: {name: fine}\nunknown: field\n---\n# nothing\n`),
    "crds/c.yaml": "apiVersion: none.example/v1\nkind: None\nmetadata: {name: crd}\n",
  },
  kinds: object(
    "apiVersion: v1\nkind: Foo\nmetadata: {name: one}\n---\napiVersion: foo.example/v1\nkind: Bar\nmetadata: {name: two, namespace: other}\n",
  ),
  kind: object("apiVersion: v1\nkind: Foo\nmetadata: {name: one}\n"),
  nothing: object("a: b\n"),
  "no-version": object("kind: ConfigMap\nmetadata: {name: a}\n"),
  "no-kind": object("apiVersion: v1\nmetadata: {name: a}\n"),
  mixed: object(
    `apiVersion: v1\nmetadata: {name: a}\n---\napiVersion: v1\nkind: Foo\nmetadata: {name: one}\n`,
  ),
  nameless: object(`${CONFIG_MAP}metadata: {}\n`),
  theirs: object(`${CONFIG_MAP}metadata: {name: kube-root-ca.crt}\n`),
  elsewhere: object(`${CONFIG_MAP}metadata: {name: kube-root-ca.crt, namespace: kube-public}\n`),
  global: object("apiVersion: v1\nkind: Namespace\nmetadata: {name: default}\n"),
  list: object(
    "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: kube-root-ca.crt}\n",
  ),
  "list-kind": object(
    "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Foo\n  metadata: {name: x}\n",
  ),
};

test("helm template looks at the cluster as Helm does", async (t) => {
  if (!(await requireEnvironment(["cluster", "helm"], t))) return;
  const { kubeconfig, powerlessContext, api } = await startCluster();
  const files = Object.entries(CHARTS).flatMap(([name, own]) => [
    [`${name}/Chart.yaml`, `apiVersion: v2\nname: ${name}\nversion: 0.1.0\n`] as const,
    ...Object.entries(own).map(([path, text]) => [`${name}/${path}`, text] as const),
  ]);
  const { same, helm, slipway } = sideBySide(t, Object.fromEntries(files));
  for (const { directory } of [helm, slipway]) cpSync(kubeconfig, join(directory, "kubeconfig"));
  const access = ["--kubeconfig", "kubeconfig"];
  for (const name of Object.keys(CHARTS)) same("template", name, "--validate", ...access);
  for (const line of [
    "facts",
    "facts --dry-run=server",
    "facts --dry-run=none",
    "facts --dry-run=false",
    "facts --dry-run=client",
    "facts --validate --dry-run=server",
    "facts --validate --api-versions mine/v1 --kube-version 1.20",
    "facts --dry-run=server --api-versions mine/v1 --kube-version 1.20",
    "fine --validate --include-crds",
    "kind --validate --output-dir out",
    "kind --validate --disable-openapi-validation",
    "theirs --validate -n kube-system",
    "theirs --validate --is-upgrade",
    "theirs --validate --take-ownership",
    `fine --validate --kube-context ${powerlessContext}`,
    `facts --dry-run=server --kube-context ${powerlessContext}`,
    "fine --validate --kube-as-user nobody",
    "fine --validate --kube-as-user nobody --kube-as-group system:masters",
    "fine --validate --kube-token wrong --kube-context slipway-test-nobody",
  ]) {
    same("template", ...line.split(" "), ...access);
  }
  same("template", "fine", "--validate", ...access, "--post-renderer", "echo");
  assert.match(api, /^https:/);
  same("template", "fine", "--validate", ...access, "--kube-apiserver", api);
  for (const line of [
    "fine --validate --kube-apiserver http://127.0.0.1:1",
    "fine --validate --kubeconfig kubeconfig --kube-context none",
    "fine --validate --kubeconfig none",
    "fine --validate",
  ]) {
    const [expected, actual] = [helm, slipway].map((side) => side.run("template", ...line.split(" ")));
    assert.equal(actual?.code, expected?.code);
    assert.match(expected?.firstError ?? "", /^Error: Kubernetes cluster unreachable: /);
    assert.match(actual?.firstError ?? "", /^Error: Kubernetes cluster unreachable: /);
  }
});
