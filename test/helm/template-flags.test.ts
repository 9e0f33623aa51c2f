import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, readdirSync, readFileSync, rmSync, watch } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { processStartTime } from "#process";
import { requireEnvironment } from "../env/index.ts";
import { APP, LIB } from "./charts.ts";
import { sideBySide, slipwayHelm } from "./side-by-side.ts";

const CHART = {
  "web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
  "web/crds/one.yaml": "kind: CustomResourceDefinition\n",
  "web/templates/one.yaml":
    "kind: ConfigMap\nmetadata: {name: one}\n---\nkind: Pod\nmetadata: {name: hook, annotations: {helm.sh/hook: test}}\n",
  "web/templates/two,three.yaml": "kind: ConfigMap\nmetadata: {name: two}\n",
  "web/templates/NOTES.txt": '{{ fail "notes are rendered" }}',
  "quiet/Chart.yaml": "apiVersion: v2\nname: quiet\nversion: 0.1.0\n",
  "quiet/templates/one.yaml":
    "kind: ConfigMap\nmetadata: {name: one}\n---\nkind: Pod\nmetadata: {name: hook, annotations: {helm.sh/hook: test}}\n",
  "quiet/templates/two,three.yaml": "kind: ConfigMap\nmetadata: {name: two}\n",
  "quiet/crds/one.yaml": "kind: CustomResourceDefinition\n",
  "strict/Chart.yaml": "apiVersion: v2\nname: strict\nversion: 0.1.0\n",
  "strict/values.yaml": "a: text\n",
  "strict/values.schema.json": '{"properties": {"a": {"type": "number"}}}',
  "newer/Chart.yaml": 'apiVersion: v2\nname: newer\nversion: 0.1.0\nkubeVersion: ">=9"\n',
  "host/Chart.yaml": "apiVersion: v2\nname: host\nversion: 0.1.0\n",
  "host/templates/a.yaml": 'a: {{ getHostByName "127.0.0.1" | quote }}\n',
  "nohost/Chart.yaml": "apiVersion: v2\nname: nohost\nversion: 0.1.0\n",
  "nohost/templates/a.yaml": 'a: {{ getHostByName "a host that cannot be" | quote }}\n',
} as const;

test("every flag of helm template does what it does in Helm", async (t) => {
  await requireEnvironment(["helm"], t);
  const { same } = sideBySide(t, CHART);
  for (const line of [
    "template web",
    "template quiet --include-crds",
    "template quiet --include-crds --skip-crds",
    "template quiet --skip-tests",
    "template quiet --no-hooks",
    "template quiet -s templates/two,three.yaml",
    "template quiet -s templates/t*.yaml -s templates/one.yaml",
    "template quiet --render-subchart-notes --hide-notes --wait --wait-for-jobs --atomic --force --replace",
    "template quiet --create-namespace --disable-openapi-validation --description x --timeout 5s --take-ownership",
    "template quiet --labels a=b,c=d -l e=",
    "template quiet --labels a",
    "template quiet --labels a=b,owner=c",
    "template quiet --dry-run",
    "template quiet --dry-run=client",
    "template quiet --dry-run=",
    "template quiet --dry-run=server",
    "template quiet --dry-run=none",
    "template quiet --dry-run=maybe",
    "template quiet --kube-version nonsense",
    "template quiet --keyring none --devel --version 1",
    "template strict",
    "template strict --skip-schema-validation",
    "template newer",
    "template newer --kube-version 9.1",
    "template host",
    "template host --enable-dns",
    "template nohost",
    "template nohost --enable-dns",
  ]) {
    same(...line.split(" "));
  }
});

test("--kube-version is read as by Helm", async (t) => {
  await requireEnvironment(["helm"], t);
  const { same } = sideBySide(t, {
    "kube/Chart.yaml": 'apiVersion: v2\nname: kube\nversion: 0.1.0\nkubeVersion: ">=1.2"\n',
    "kube/templates/a.yaml": "a: {{ .Capabilities.KubeVersion }} {{ .Capabilities.KubeVersion.Minor }}\n",
  });
  for (const version of [
    "1.20",
    "v1.20.3-eks-1",
    "1.20+",
    "1.20.03",
    "1.2.3.4",
    "1",
    "01.2",
    "1.1",
    "",
    "x",
  ]) {
    same("template", "kube", "--kube-version", version);
  }
  same("lint", "kube", "--kube-version", "1.20");
});

test("--output-dir writes the files that Helm writes, hooks behind objects", async (t) => {
  await requireEnvironment(["helm"], t);
  const { same, helm, slipway } = sideBySide(t, CHART);
  for (const line of [
    "template quiet --output-dir out --include-crds",
    "template quiet --output-dir out",
    "template n quiet --output-dir named --release-name --skip-tests",
    "template quiet --output-dir bare --no-hooks",
    "template quiet --output-dir shown -s templates/one.yaml",
  ]) {
    same(...line.split(" "));
  }
  const written = (directory: string): Record<string, string> =>
    Object.fromEntries(
      ["out", "named", "bare", "shown"].flatMap((top) =>
        readdirSync(join(directory, top), { recursive: true, withFileTypes: true })
          .filter((one) => one.isFile())
          .map((one) => join(one.parentPath, one.name))
          .map((path) => [path.slice(directory.length), readFileSync(path, "utf8")]),
      ),
    );
  assert.deepEqual(written(slipway.directory), written(helm.directory));
});

test("a post-renderer changes the objects, or fails as it does in Helm", async (t) => {
  await requireEnvironment(["helm"], t);
  const { same, helm, slipway } = sideBySide(t, {
    ...CHART,
    "mark.sh": '#!/bin/sh\ncat\nfor word in "$@"; do echo "# $word"; done\n',
    "fail.sh": "#!/bin/sh\necho bad >&2\nexit 3\n",
    "early.sh": "#!/bin/sh\nexec <&-\necho a: 1\n",
    "killed.sh": "#!/bin/sh\nkill -9 $$\n",
    "silent.sh": "#!/bin/sh\ncat >/dev/null\n",
    "no-interpreter": "#!/nowhere/sh\n",
    "not-a-program": "x",
    garbage: "x",
  });
  for (const { directory } of [helm, slipway]) {
    for (const name of readdirSync(directory)) {
      if (name.endsWith(".sh") || ["garbage", "no-interpreter"].includes(name)) {
        chmodSync(join(directory, name), 0o755);
      }
    }
  }
  for (const line of [
    "template quiet --post-renderer ./mark.sh",
    "template quiet --post-renderer cat",
    "template quiet --post-renderer ./mark.sh --post-renderer-args a,b --post-renderer-args --post-renderer-args=$HOME",
    "template quiet --post-renderer-args a",
    "template quiet --post-renderer ./mark.sh --include-crds -s templates/one.yaml",
    "template quiet --post-renderer ./mark.sh --output-dir out --post-renderer-args x",
    "template quiet --post-renderer ./fail.sh",
    "template quiet --post-renderer ./fail.sh --debug",
    "template quiet --post-renderer ./early.sh",
    "template quiet --post-renderer ./killed.sh",
    "template quiet --post-renderer ./silent.sh",
    "template quiet --post-renderer ./no-interpreter",
    "template quiet --post-renderer ./garbage",
    "template quiet --post-renderer ./not-a-program",
    "template quiet --post-renderer ./none",
    "template quiet --post-renderer ./quiet",
    "template a b c --post-renderer no-such-program",
    "template quiet --post-renderer=",
  ]) {
    same(...line.split(" "));
  }
});

test("a signal ends a post-renderer that does not end, and all that it has started", async (t) => {
  const { slipway } = sideBySide(t, {
    ...CHART,
    "forever.sh": "#!/bin/sh\nsleep 600 &\necho $! > begun.part\nmv begun.part begun\nwait\n",
  });
  const { directory, env } = slipway;
  chmodSync(join(directory, "forever.sh"), 0o755);
  const [program = "", ...words] = slipwayHelm;
  for (const [signal, expected] of [
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const) {
    const begun = new Promise<void>((resolve) => {
      const watcher = watch(directory, (_, name) => {
        if (name !== "begun") return;
        watcher.close();
        resolve();
      });
    });
    const child = spawn(program, [...words, "template", "quiet", "--post-renderer", "./forever.sh"], {
      cwd: directory,
      env,
      stdio: "ignore",
    });
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    await begun;
    child.kill(signal);
    assert.equal(await ended, expected);
    const pid = readFileSync(join(directory, "begun"), "utf8").trim();
    assert.equal(await processStartTime(Number(pid)), undefined);
    rmSync(join(directory, "begun"));
  }
});

test("--dependency-update fetches what charts/ lacks", async (t) => {
  await requireEnvironment(["helm"], t);
  const { same, helm, slipway } = sideBySide(t, { ...LIB, ...APP });
  same("template", "app");
  same("template", "app", "--dependency-update");
  same("template", "app", "--dependency-update");
  same("package", "app", "-u", "--version", "5.0.0");
  const charts = (directory: string): string[] => readdirSync(join(directory, "app/charts"));
  assert.deepEqual(charts(slipway.directory), charts(helm.directory));
});
