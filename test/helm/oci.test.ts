import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { openHttp } from "#http";
import { openRegistry, parseReference } from "#oci";
import { requireEnvironment, startRegistry, type PrivateRegistry } from "../env/index.ts";
import { LIB } from "./charts.ts";
import { makeKeys } from "./keys.ts";
import { sideBySide, type Sides } from "./side-by-side.ts";

const CHART = {
  ...LIB,
  "lib/Chart.yaml": `apiVersion: v2
name: lib
version: 0.2.0
type: application
description: Ends & <means>
home: https://lib.example.com
sources: [https://git.example.com/lib, https://other.example.com]
maintainers: [{name: Ada, email: ada@example.com}, {name: Eve}]
annotations: {z: "1", org.opencontainers.image.title: mine, org.opencontainers.image.url: https://mine.example.com}
`,
} as const;

const VERSIONS = ["0.1.0", "0.2.0", "0.10.0", "1.0.0-rc.1", "0.3.0+build.5"];

/** Archives made by the real helm, the same files at the same time on both sides. */
function packed(
  t: TestContext,
  flags: readonly string[] = [],
  more: Record<string, string | Buffer> = {},
): Sides {
  const maker = sideBySide(t, { ...CHART, ...more });
  for (const version of VERSIONS) {
    const { code, firstError } = maker.helm.run(
      "package",
      "lib",
      "-d",
      "out",
      "--version",
      version,
      ...flags,
    );
    assert.equal(code, 0, firstError);
  }
  const out = join(maker.helm.directory, "out");
  const files = readdirSync(out);
  const sides = sideBySide(t, {
    ...more,
    ...Object.fromEntries(files.map((name) => [name, readFileSync(join(out, name))])),
  });
  for (const { directory } of [sides.helm, sides.slipway]) {
    for (const name of files) utimesSync(join(directory, name), 1_700_000_000, 1_700_000_000);
  }
  return sides;
}

const archive = (version: string): string => `lib-${version}.tgz`;

function write(sides: Sides, path: string, text: string): void {
  for (const { directory } of [sides.helm, sides.slipway]) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
}

function filesOf({ helm, slipway }: Sides): readonly (readonly string[])[] {
  return [helm, slipway].map(({ directory }) =>
    readdirSync(directory, { recursive: true, encoding: "utf8" }).sort(),
  );
}

async function manifestOf({ address }: PrivateRegistry, repository: string, tag: string): Promise<string> {
  const headers = { accept: "application/vnd.oci.image.manifest.v1+json" };
  return (await fetch(`http://${address}/v2/${repository}/manifests/${tag}`, { headers })).text();
}

test("helm push uploads the very bytes that Helm uploads, the signature among them", async (t) => {
  await requireEnvironment(["helm", "packages"], t);
  await using registry = await startRegistry();
  const keys = makeKeys(t);
  const flags = ["--sign", "--key", "eve@", "--keyring", "secret.gpg"];
  const { helm, slipway, same } = packed(t, flags, { "secret.gpg": keys.secret, "all.gpg": keys.all });
  for (const version of VERSIONS) {
    const [ours, theirs] = [slipway, helm].map(({ run }, at) =>
      run("push", archive(version), `oci://${registry.address}/side-${at}/`, "--plain-http"),
    );
    assert.equal(theirs?.code, 0, theirs?.firstError);
    assert.deepEqual(ours, { ...theirs, firstError: theirs.firstError.replace("/side-1/", "/side-0/") });
    const tag = version.replace("+", "_");
    const manifest = await manifestOf(registry, "side-0/lib", tag);
    assert.equal(manifest, await manifestOf(registry, "side-1/lib", tag));
    assert.match(manifest, /application\/vnd\.cncf\.helm\.chart\.provenance\.v1\.prov/);
  }
  const chart = `oci://${registry.address}/side-0/lib`;
  for (const line of [
    `pull ${chart} --prov --plain-http`,
    `pull ${chart} --verify --keyring all.gpg --plain-http`,
    `pull ${chart} --verify --keyring none.gpg --plain-http`,
    `template ${chart} --verify --keyring all.gpg --plain-http`,
  ]) {
    same(...line.split(" "));
  }
});

test("charts of registries are pulled, shown and rendered as by Helm", async (t) => {
  await requireEnvironment(["helm", "packages"], t);
  await using registry = await startRegistry();
  const sides = packed(t);
  const { helm, same } = sides;
  const base = `oci://${registry.address}/charts`;
  for (const version of VERSIONS) helm.run("push", archive(version), base, "--plain-http");
  const http = openHttp({ env: {} });
  t.after(() => http[Symbol.dispose]());
  const image = { mediaType: "application/vnd.oci.image.config.v1+json", data: Buffer.from("{}") };
  const chart = { mediaType: "application/vnd.cncf.helm.config.v1+json", data: Buffer.from('{"name":"x"}') };
  const pushTo = (name: string, config: typeof image) =>
    openRegistry({ http, env: {} }).pushArtifact(
      { config, layers: [] },
      parseReference(`${registry.address}/charts/${name}:1.0.0`),
    );
  await pushTo("image", image);
  await pushTo("empty", chart);
  await pushTo("nightly", chart);
  const { digest } = await openRegistry({ http, env: {} })
    .readArtifact(parseReference(`${registry.address}/charts/lib:0.2.0`))
    .then(({ descriptor }) => descriptor);
  const other = digest.replace(/.{4}$/, "0000");
  for (const line of [
    `pull ${base}/lib`,
    `pull ${base}/lib --devel`,
    `pull ${base}/lib --version 0.1.0`,
    `pull ${base}/lib --version 0.1`,
    `pull ${base}/lib --version ^0.2.0`,
    `pull ${base}/lib --version >=0.3.0,<0.9.0`,
    `pull ${base}/lib --version 0.3.0+build.5`,
    `pull ${base}/lib --version 7.0.0`,
    `pull ${base}/lib --version ^7`,
    `pull ${base}/lib --version x!`,
    `pull ${base}/lib:0.2.0`,
    `pull ${base}/lib:0.2.0 --version 0.2.0`,
    `pull ${base}/lib:0.2.0 --version 0.1.0`,
    `pull ${base}/lib@${digest}`,
    `pull ${base}/lib:0.2.0@${digest}`,
    `pull ${base}/lib:0.1.0@${digest}`,
    `pull ${base}/lib@${digest} --version 0.2.0`,
    `pull ${base}/lib@${digest} --version 0.1.0`,
    `pull ${base}/lib@${other}`,
    `pull ${base}/lib --untar`,
    `pull ${base}/lib --prov -d .`,
    `pull ${base}/lib --verify`,
    `pull ${base}/none`,
    `pull ${base}/none --version 1.0.0`,
    `pull ${base}/image --version 1.0.0`,
    `pull ${base}/empty --version 1.0.0`,
    `pull ${base}/Lib --version 1.0.0`,
    `pull ${base}/lib ${base}/none`,
    `show chart ${base}/lib`,
    `show chart ${base}/lib@${digest}`,
    `show values ${base}/lib --version 0.1.0`,
    `show chart ${base}/image --version 1.0.0`,
    `template ${base}/lib --version ^0.1.0`,
    `template web ${base}/lib@${digest}`,
    `template ${base}/none --version 1.0.0`,
  ]) {
    same(...line.split(" "), "--plain-http");
  }
  const [expected, actual] = filesOf(sides);
  assert.deepEqual(actual, expected);
});

test("dependencies of registries are chosen, locked and fetched as by Helm", async (t) => {
  await requireEnvironment(["helm", "packages"], t);
  await using registry = await startRegistry();
  const sides = packed(t);
  const { helm, slipway, same } = sides;
  const base = `oci://${registry.address}/charts`;
  for (const version of VERSIONS) helm.run("push", archive(version), base, "--plain-http");
  const parents: Record<string, readonly [name: string, version: string]> = {
    exact: ["lib", "0.1.0"],
    caret: ["lib", "^0.2"],
    any: ["lib", "*"],
    none: ["lib", "^7"],
    absent: ["absent", "1.0.0"],
    unknown: ["unknown", "^1"],
    wrong: ["lib", "x!"],
  };
  for (const [name, [wanted, version]] of Object.entries(parents)) {
    const one = `- name: ${wanted}\n  version: "${version}"\n  repository: ${base}\n`;
    write(
      sides,
      `${name}/Chart.yaml`,
      `apiVersion: v2\nname: ${name}\nversion: 1.0.0\ndependencies:\n${one}`,
    );
    same("dependency", "update", name, "--plain-http");
    same("dependency", "build", name, "--plain-http");
    same("dependency", "list", name);
  }
  for (const name of ["exact", "caret", "any"]) {
    same("template", name);
    const [expected, actual] = [helm, slipway].map(({ directory }) =>
      readFileSync(join(directory, name, "Chart.lock"), "utf8").replace(/generated:.*/, ""),
    );
    assert.equal(actual, expected);
  }
  const [expected, actual] = filesOf(sides);
  assert.deepEqual(actual, expected);
});

test("logins and certificates reach registries as from Helm", async (t) => {
  await requireEnvironment(["helm", "packages"], t);
  await using closed = await startRegistry({ users: { ada: "lovelace" }, tls: true });
  await using strict = await startRegistry({ clientCertificates: true });
  await using plain = await startRegistry({ users: { ada: "lovelace" } });
  const sides = packed(t);
  const { helm, slipway, same } = sides;
  const file = archive("0.2.0");
  const [charts, mine, open] = [closed, strict, plain].map(({ address }) => `oci://${address}/charts`);
  const ca = `--ca-file ${closed.ca}`;
  const login = "--username ada --password lovelace";
  const client = `--ca-file ${strict.ca} --cert-file ${strict.client?.certificate} --key-file ${strict.client?.key}`;
  write(
    sides,
    "app/Chart.yaml",
    `apiVersion: v2\nname: app\nversion: 1.0.0\ndependencies:\n- {name: lib, version: ^0.2, repository: "${charts}"}\n`,
  );
  for (const line of [
    `push ${file} ${charts}`,
    `push ${file} ${charts} ${ca}`,
    `push ${file} ${charts} ${ca} --username ada --password wrong`,
    `push ${file} ${charts} ${ca} ${login}`,
    `push ${file} ${charts} --insecure-skip-tls-verify ${login}`,
    `push ${file} ${charts} --ca-file none`,
    `push ${file} ${charts} --ca-file ${file}`,
    `push ${file} ${charts} --cert-file none --key-file none`,
    `push ${file} ${mine} --ca-file ${strict.ca}`,
    `push ${file} ${mine} ${client}`,
    `push ${file} ${open} --plain-http`,
    `push ${file} ${open} --plain-http ${login}`,
    `push ${file} https://${closed.address}/charts`,
    `push none.tgz ${charts} ${ca}`,
    `push . ${charts} ${ca}`,
    "push",
    `pull ${charts}/lib`,
    `pull ${charts}/lib ${ca}`,
    `pull ${charts}/lib ${ca} ${login}`,
    `pull ${charts}/lib ${ca} --username ada --password wrong`,
    `pull ${charts}/lib --version 0.2.0 ${ca}`,
    `pull ${charts}/lib --version 0.2.0 --insecure-skip-tls-verify ${login}`,
    `pull ${mine}/lib --ca-file ${strict.ca}`,
    `pull ${mine}/lib ${client}`,
    `show chart ${charts}/lib ${ca} ${login}`,
    `template ${charts}/lib ${ca} ${login}`,
    `dependency update app ${ca}`,
    `dependency update app ${ca} ${login}`,
    `dependency build app ${ca} ${login}`,
    `registry login ${closed.address} ${ca} -u ada -p lovelace`,
    `pull ${charts}/lib ${ca}`,
    `dependency update app ${ca}`,
  ]) {
    same(...line.split(" "));
  }
  same("registry", "logout", closed.address);
  const auth = Buffer.from("ada:lovelace").toString("base64");
  for (const { home } of [helm, slipway]) {
    mkdirSync(join(home, ".docker"));
    const config = { auths: { [closed.address]: { auth } } };
    writeFileSync(join(home, ".docker/config.json"), JSON.stringify(config));
  }
  same("pull", `${charts}/lib`, "--ca-file", closed.ca ?? "");
  const said = slipway.run("pull", `${charts}/lib`, "--ca-file", "none", "--password", "lovelace");
  assert.doesNotMatch(JSON.stringify(said), /lovelace/);
});
