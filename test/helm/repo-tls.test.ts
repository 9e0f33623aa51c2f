import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { authority, clientCertificate, requireEnvironment, serverCertificate, tools } from "../env/index.ts";
import { MADE } from "./charts.ts";
import { serveVersions } from "./chart-server.ts";
import { sideBySide, slipwayHelm } from "./side-by-side.ts";
import { atTerminal } from "./terminal.ts";

const VERSIONS = ["0.1.0", "0.2.0"];

async function certificates(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), "slipway-tls-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const ca = await authority(directory);
  const server = await serverCertificate(directory, ca, { ips: ["127.0.0.1"] });
  return { ca: ca.certificate, server, client: await clientCertificate(directory, ca) };
}

test("repositories over TLS are trusted as by Helm, and asked again only when their index changed", async (t) => {
  await requireEnvironment(["helm", "packages"], t);
  const { ca, server } = await certificates(t);
  const { url, sides, asked } = await serveVersions(t, MADE, "made", VERSIONS, { tls: server });
  const { same, slipway } = sides;
  for (const line of [
    `repo add loc ${url}`,
    `repo add loc ${url} --ca-file none`,
    `repo add loc ${url} --ca-file ${ca}`,
    `repo add any ${url} --insecure-skip-tls-verify`,
    "pull loc/lib",
    "pull any/lib --untar --insecure-skip-tls-verify",
    "template loc/lib --version 0.1.0",
    `pull lib --repo ${url} -d made`,
    `pull lib --repo ${url} --ca-file ${ca} -d made`,
    `pull ${url}/lib-0.1.0.tgz --insecure-skip-tls-verify -d made`,
    `pull ${url}/lib-0.1.0.tgz --ca-file none -d made`,
    `repo add friend ${url}/private --ca-file ${ca} --username user --password word`,
    "pull friend/lib -d made --version 0.1.0",
    `repo add stranger ${url}/private --ca-file ${ca} --username user --password wrong`,
  ]) {
    same(...line.split(" "));
  }
  asked();
  slipway.run("repo", "update", "loc", "friend");
  assert.deepEqual([...asked()].sort(), ["/index.yaml 304", "/private/index.yaml 304"]);
});

test("repositories that ask for a certificate are shown one as by Helm", async (t) => {
  await requireEnvironment(["helm", "packages"], t);
  const { ca, server, client } = await certificates(t);
  const tls = { ...server, clients: ca };
  const { url, sides } = await serveVersions(t, MADE, "made", VERSIONS, { tls });
  const { same, helm, slipway } = sides;
  const shown = `--cert-file ${client.certificate} --key-file ${client.key}`;
  for (const line of [
    `repo add loc ${url} --ca-file ${ca} --cert-file none --key-file none`,
    `repo add loc ${url} --ca-file ${ca} ${shown}`,
    "repo update loc",
    "pull loc/lib",
    `pull lib --repo ${url} --ca-file ${ca} ${shown} -d made`,
    `show chart lib --repo ${url} --ca-file ${ca} ${shown}`,
  ]) {
    same(...line.split(" "));
  }
  const [expected, actual] = [helm, slipway].map(({ home }) =>
    readFileSync(join(home, "config/repositories.yaml"), "utf8"),
  );
  assert.equal(actual, expected);
  assert.equal(slipway.run("repo", "add", "bare", url, "--ca-file", ca).code, 1);
});

test("repo add asks for the password at the terminal, which does not show it", async (t) => {
  await requireEnvironment(["helm", "packages"], t);
  const { url } = await serveVersions(t, MADE, "made", VERSIONS);
  const { helm, slipway, same } = sideBySide(t, {});
  const line = ["repo", "add", "friend", `${url}/private`, "--username", "user"];
  const answers = [["Password: ", "word\n"]] as const;
  const expected = await atTerminal([tools.helm, ...line], answers, helm.env, helm.directory);
  assert.equal(expected.code, 0, expected.shown);
  assert.doesNotMatch(expected.shown, /word$/m);
  assert.deepEqual(
    await atTerminal([...slipwayHelm, ...line], answers, slipway.env, slipway.directory),
    expected,
  );
  same(...line.with(2, "other"));
});
