import assert from "node:assert/strict";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { requireEnvironment, startRegistry, tools } from "../env/index.ts";
import { sideBySide, slipwayHelm } from "./side-by-side.ts";
import { atTerminal } from "./terminal.ts";

test("helm registry login and logout do what Helm's do, and keep the same file", async (t) => {
  await requireEnvironment(["helm", "packages"], t);
  await using plain = await startRegistry({ users: { ada: "lovelace" } });
  await using secure = await startRegistry({ users: { ada: "lovelace" }, tls: true });
  await using strict = await startRegistry({ clientCertificates: true });
  const { same, pipe, helm, slipway } = sideBySide(t, {});
  const client = `--cert-file ${strict.client?.certificate} --key-file ${strict.client?.key}`;
  const login = "-u ada -p lovelace";
  const file = ({ directory }: typeof helm): string => join(directory, "../home/config/registry/config.json");
  for (const line of [
    "registry login",
    "registry logout",
    `registry logout ${plain.address}`,
    `registry login ${plain.address} -u ada -p wrong --plain-http`,
    `registry login ${plain.address} ${login} --plain-http`,
    `registry login ${plain.address} ${login}`,
    `registry login oci://${plain.address}/charts ${login} --plain-http`,
    `registry login ${plain.address} --username ada --plain-http`,
    `registry login ${plain.address} --plain-http`,
    `registry login ${secure.address} ${login}`,
    `registry login ${secure.address} ${login} --ca-file ${secure.ca}`,
    `registry login ${secure.address} ${login} --insecure`,
    `registry login ${strict.address} ${login} --ca-file ${strict.ca}`,
    `registry login ${strict.address} ${login} --ca-file ${strict.ca} ${client}`,
    `registry login ${strict.address} ${login} --insecure ${client}`,
    `registry logout ${strict.address}`,
    "registry logout nobody.example.com",
  ]) {
    same(...line.split(" "));
  }
  pipe("lovelace\n", "registry", "login", plain.address, "-u", "ada", "--password-stdin", "--plain-http");
  pipe("wrong", "registry", "login", plain.address, "-u", "ada", "--password-stdin", "--plain-http");
  pipe("ada\n", "registry", "login", plain.address, "--plain-http");
  assert.equal(readFileSync(file(slipway), "utf8"), readFileSync(file(helm), "utf8"));
  assert.equal(statSync(file(slipway)).mode & 0o777, 0o600);
  for (const one of [helm, slipway]) writeFileSync(file(one), "{");
  assert.equal(slipway.run("registry", "login", plain.address, "-u", "ada", "-p", "lovelace").code, 1);
});

test("helm registry login asks at the terminal, which shows no password", async (t) => {
  await requireEnvironment(["helm", "packages"], t);
  await using registry = await startRegistry({ users: { ada: "lovelace" } });
  const { helm, slipway } = sideBySide(t, {});
  const line = ["registry", "login", registry.address, "--plain-http"];
  const answers = [
    ["Username: ", "ada\n"],
    ["Password: ", "lovelace\n"],
  ] as const;
  const at = { helm: [tools.helm], slipway: slipwayHelm };
  const expected = await atTerminal([...at.helm, ...line], answers, helm.env, helm.directory);
  assert.equal(expected.code, 0, expected.shown);
  assert.doesNotMatch(expected.shown, /lovelace/);
  assert.deepEqual(
    await atTerminal([...at.slipway, ...line], answers, slipway.env, slipway.directory),
    expected,
  );
  const mistaken = [answers[0], ["Password: ", "lovelaxx\u007f\u007fce\n"]] as const;
  const mended = await atTerminal([...at.slipway, ...line], mistaken, slipway.env, slipway.directory);
  assert.deepEqual(mended, expected);
  const left = [answers[0], ["Password: ", "love\u0003"]] as const;
  const stopped = await atTerminal([...at.slipway, ...line], left, slipway.env, slipway.directory);
  assert.equal(stopped.code, 130, stopped.shown);
});

test("a login is kept by the credential helper that the file names", async (t) => {
  await requireEnvironment(["helm", "packages"], t);
  await using registry = await startRegistry({ users: { ada: "lovelace" } });
  const helper = `#!/bin/sh
kept="$HOME/kept"
case "$1" in
  store) cat > "$kept" ;;
  get) cat > "$HOME/asked"; cat "$kept" ;;
  erase) cat > /dev/null; rm "$kept" ;;
esac
`;
  const { same, helm, slipway } = sideBySide(t, {
    "chart/Chart.yaml": "apiVersion: v2\nname: chart\nversion: 1.0.0\n",
  });
  const file = "config/registry/config.json";
  for (const { home } of [helm, slipway]) {
    mkdirSync(join(home, "bin"), { recursive: true });
    writeFileSync(join(home, "bin/docker-credential-keeper"), helper, { mode: 0o755 });
    mkdirSync(join(home, "config/registry"), { recursive: true });
    writeFileSync(join(home, file), '{"credsStore": "keeper"}');
  }
  same("package", "chart");
  same("registry", "login", registry.address, "-u", "ada", "-p", "lovelace", "--plain-http");
  const read = (path: string) => [helm, slipway].map(({ home }) => readFileSync(join(home, path), "utf8"));
  const [kept, ours] = read("kept");
  assert.deepEqual(JSON.parse(ours ?? ""), JSON.parse(kept ?? ""));
  assert.doesNotMatch(read(file)[1] ?? "", /auth/);
  for (const { run } of [helm, slipway]) {
    const pushed = run("push", "chart-1.0.0.tgz", `oci://${registry.address}/charts`, "--plain-http");
    assert.equal(pushed.code, 0, pushed.firstError);
  }
  const [asked, oursAsked] = read("asked");
  assert.equal(oursAsked, asked);
  same("registry", "logout", registry.address);
  assert.throws(() => read("kept"));
});
