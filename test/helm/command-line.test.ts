import assert from "node:assert/strict";
import { test } from "node:test";
import { requireEnvironment } from "../env/index.ts";
import { LIB } from "./charts.ts";
import { sideBySide } from "./side-by-side.ts";

test("a command line that cannot be read is refused in Helm's words", async (t) => {
  await requireEnvironment(["helm"], t);
  const { same } = sideBySide(t, LIB);
  for (const line of [
    "nonsense",
    "tempalte",
    "de",
    "--nonsense",
    "template --nope",
    "template -z",
    "template -zs",
    "template lib --set",
    "template lib -f",
    "template lib --is-upgrade=perhaps",
    "repo add lib http://127.0.0.1:1 --timeout soon",
    "search repo -o xx",
    "template lib --burst-limit x",
    "version one",
    "env HELM_QPS HELM_QPS",
    "repo --nope",
  ]) {
    same(...line.split(" "));
  }
});

test("the flags that every command has stand anywhere in the line", async (t) => {
  await requireEnvironment(["helm"], t);
  const { same } = sideBySide(t, {
    "lib/Chart.yaml": "apiVersion: v2\nname: lib\nversion: 0.1.0\n",
    "lib/templates/one.yaml": "namespace: {{ .Release.Namespace }}\n",
    kubeconfig:
      "apiVersion: v1\nkind: Config\nclusters:\n- {name: c, cluster: {server: 'http://127.0.0.1:1'}}\ncontexts:\n- {name: one, context: {cluster: c, namespace: shop}}\n- {name: two, context: {cluster: c, namespace: other}}\ncurrent-context: one\n",
  });
  for (const line of [
    "-n shop template lib",
    "--namespace shop --debug=false template lib",
    "-nshop template lib --kube-context two",
    "template lib --kubeconfig kubeconfig",
    "--kubeconfig kubeconfig template lib --kube-context two",
    "--kubeconfig kubeconfig template lib --kube-context none",
    "--kubeconfig=kubeconfig template lib -n third --qps 3 --burst-limit 5",
    "env HELM_NAMESPACE --kubeconfig kubeconfig",
    "env HELM_KUBEASUSER --kube-as-user u",
    "env HELM_KUBECONTEXT --kube-context two",
    "env KUBECONFIG --kubeconfig kubeconfig",
    "lint lib --kube-token t --kube-as-user u --kube-as-group g --kube-as-group h --kube-ca-file none",
  ]) {
    same(...line.split(" "));
  }
});

test("a word that is no command is answered with the nearest", async (t) => {
  await requireEnvironment(["helm"], t);
  const { slipway } = sideBySide(t, {});
  assert.equal(
    slipway.errorOf("tempalte"),
    'Error: unknown command "tempalte" for "helm"\n\nDid you mean this?\n\ttemplate\n\nRun \'slipway helm --help\' for usage.\n',
  );
  assert.equal(
    slipway.errorOf("zzzz"),
    'Error: unknown command "zzzz" for "helm"\nRun \'slipway helm --help\' for usage.\n',
  );
});

test("what the machine refuses is told once, in Helm's words", async (t) => {
  await requireEnvironment(["helm"], t);
  const { same, slipway, helm } = sideBySide(t, {
    ...LIB,
    file: "no chart",
    "full/lib/templates": "a file where a directory would be",
  });
  for (const line of [
    "create /proc/none",
    "create file/x",
    "template lib --output-dir /proc/none",
    "template lib --output-dir file",
    "template lib --output-dir full",
    "template file",
    "template lib -f none.yaml",
    "template lib -f lib",
    "template lib --set-file a=none",
    "template lib --set-file a=lib",
    "lint file",
    "lint file.tgz",
    "package file",
    "push file oci://127.0.0.1:1/x",
    "repo add one two",
    "repo add one two://three",
    "pull one --repo two",
  ]) {
    same(...line.split(" "));
  }
  for (const line of ["template lib -f none.yaml", "template lib --set-file a=none", "create /proc/none"])
    assert.equal(slipway.errorOf(...line.split(" ")), helm.errorOf(...line.split(" ")));
});

test("a chart that is not where its name says is answered with what the name could be", async (t) => {
  await requireEnvironment(["helm"], t);
  const { same, slipway } = sideBySide(t, {});
  same("template", "web");
  assert.match(slipway.errorOf("template", "web"), /^Next: There is no file or directory web here; /m);
  same("template", "charts/web");
  assert.match(
    slipway.errorOf("template", "charts/web"),
    /^Next: There is no file or directory charts\/web /m,
  );
});
