import assert from "node:assert/strict";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { requireEnvironment } from "../env/index.ts";
import { sideBySide, type Side } from "./side-by-side.ts";

/** Every file and folder with its mode; the contents where they are asked for. */
function tree({ directory }: Side, below: string, withContents = false): string[] {
  return readdirSync(join(directory, below), { recursive: true, encoding: "utf8" })
    .map((path) => {
      const full = join(directory, below, path);
      const info = statSync(full);
      const text = withContents && info.isFile() ? readFileSync(full, "hex") : "";
      return `${info.mode.toString(8)} ${path} ${text}`.trimEnd();
    })
    .sort();
}

const INGRESS = {
  enabled: true,
  className: "traefik",
  annotations: { "a.example/b": "1" },
  hosts: [{ host: "one.example", paths: [{ path: "/" }, { path: "/x", pathType: "Exact" }] }],
  tls: [{ secretName: "t", hosts: ["one.example", "two.example"] }],
};
const ROUTE = {
  enabled: true,
  annotations: { a: "b" },
  parentRefs: [{ name: "g", namespace: "n" }],
  rules: [
    { matches: [{ path: { type: "Exact", value: "/x" } }], filters: [{ type: "X", x: { y: [1] } }] },
    { matches: [{ headers: [{ name: "v" }] }] },
  ],
};
const VALUES: readonly object[] = [
  {},
  { nameOverride: "other-name-", image: { tag: "1.2", pullPolicy: "Always" }, replicaCount: 3 },
  { fullnameOverride: "x".repeat(70) },
  { serviceAccount: { create: false } },
  { serviceAccount: { create: false, name: "theirs" } },
  { serviceAccount: { name: "mine", automount: false, annotations: { a: "b" } } },
  { ingress: INGRESS, service: { type: "NodePort", port: 8080 } },
  { httpRoute: ROUTE },
  { httpRoute: { enabled: true, hostnames: null }, ingress: { enabled: true } },
  { autoscaling: { enabled: true } },
  { autoscaling: { enabled: true, targetCPUUtilizationPercentage: null } },
  { autoscaling: { enabled: true, minReplicas: 2, targetMemoryUtilizationPercentage: 70 } },
  {
    podAnnotations: { a: "b", c: "d" },
    podLabels: { tier: "web" },
    imagePullSecrets: [{ name: "one" }],
    podSecurityContext: { fsGroup: 2000 },
    securityContext: { capabilities: { drop: ["ALL"] } },
    resources: { limits: { cpu: "100m" } },
    livenessProbe: null,
    readinessProbe: { exec: { command: ["true"] } },
    volumes: [{ name: "v", emptyDir: {} }],
    volumeMounts: [{ name: "v", mountPath: "/v" }],
    nodeSelector: { disk: "ssd" },
    tolerations: [{ key: "k", operator: "Exists" }],
    affinity: { nodeAffinity: { a: [1] } },
  },
];

test("helm create makes the tree that Helm makes, and it renders to the same bytes", async (t) => {
  await requireEnvironment(["helm"], t);
  const { same, helm, slipway } = sideBySide(t, { file: "", "old/Chart.yaml": "" });
  for (const line of [
    "create shop",
    "create web.shop-1",
    "create old",
    "create old",
    "create .",
    "create shop/",
    "create file",
    "create file/below",
    "create none/below",
    "create a+b",
    "create -- -x",
    `create ${"x".repeat(251)}`,
    "create",
    "create a b",
  ]) {
    same(...line.split(" "));
  }
  same("create", "");
  same("create", join("..", "outside"));
  assert.deepEqual(tree(slipway, ".."), tree(helm, ".."));
  for (const [at, values] of VALUES.entries()) {
    for (const { directory } of [helm, slipway]) {
      writeFileSync(join(directory, `${at}.json`), JSON.stringify(values));
    }
    same("template", "web", "shop", "-f", `${at}.json`);
  }
  for (const name of ["my-shop", "x".repeat(50)]) same("template", name, "shop");
  same("lint", "shop", "--strict");
  same("lint", "shop", "-f", "7.json");
  same("package", "shop");
  same("template", "shop-0.1.0.tgz");
  same("show", "crds", "shop");
});

test("helm create makes a chart of a starter", async (t) => {
  await requireEnvironment(["helm"], t);
  const { same, helm, slipway } = sideBySide(t, {
    "full/Chart.yaml":
      "apiVersion: v2\nname: <CHARTNAME>\nversion: 7.0.0\nkeywords: [a]\ndependencies:\n- name: sub\n  version: 1.0.0\n",
    "full/values.yaml": "# of <CHARTNAME>\nname: <CHARTNAME>\n",
    "full/values.schema.json": "{}",
    "full/README.md": "<CHARTNAME>\n",
    "full/.helmignore": "*.bak\n",
    "full/left.bak": "",
    "full/templates/a.yaml": 'kind: <CHARTNAME>\nname: {{ include "<CHARTNAME>.x" . }} ä\n',
    "full/templates/_x.tpl": '{{ define "<CHARTNAME>.x" }}<CHARTNAME>$&{{ end }}\n',
    "full/charts/sub/Chart.yaml": "apiVersion: v2\nname: sub\nversion: 1.0.0\n",
    "full/crds/c.yaml": "kind: CustomResourceDefinition\n",
    "plain/Chart.yaml": "apiVersion: v1\nname: plain\nversion: 1.0.0\n",
    "broken/Chart.yaml": "a: [\n",
    file: "",
  });
  for (const { directory } of [helm, slipway]) {
    const starters = join(directory, "../home/data/starters");
    mkdirSync(starters, { recursive: true });
    cpSync(join(directory, "full"), join(starters, "full"), { recursive: true });
  }
  for (const line of [
    "create shop -p full",
    "create shop --starter full",
    "create deep/er/shop -p full",
    "create none -p nothing",
    "create file -p full",
    "template shop",
  ]) {
    same(...line.split(" "));
  }
  for (const starter of ["plain", "broken"]) {
    const [expected, actual] = [helm, slipway].map((side) =>
      side.run("create", `of-${starter}`, "-p", join(side.directory, starter)),
    );
    assert.deepEqual(actual, expected);
  }
  const archives = /(charts\/sub-1.0.0.tgz) .*/;
  const [expected, actual] = [helm, slipway].map((side) =>
    tree(side, ".", true).map((line) => line.replace(archives, "$1")),
  );
  assert.deepEqual(actual, expected);
});

test("a disk that is full is told with the file for which there was no room, and none is left in part", (t) => {
  const { slipway } = sideBySide(t, {});
  const values = join(slipway.directory, "shop/values.yaml");
  mkdirSync(join(slipway.directory, "shop"));
  symlinkSync("/dev/full", values);
  const { code, firstError } = slipway.run("create", "shop");
  assert.deepEqual(
    [code, firstError],
    [1, "Error: write DIRECTORY/shop/values.yaml: no space left on device"],
  );
  assert.ok(!existsSync(values));
});
