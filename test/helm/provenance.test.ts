import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { requireEnvironment } from "../env/index.ts";
import { LIB } from "./charts.ts";
import { serveVersions } from "./chart-server.ts";
import { makeKeys, PASSPHRASE } from "./keys.ts";
import { sideBySide, type Side } from "./side-by-side.ts";

const ARCHIVE = "lib-0.2.0.tgz";

function writer(...sides: readonly Side[]): (path: string, data: string | Buffer) => void {
  return (path, data) => {
    for (const { directory } of sides) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), data);
    }
  };
}

/** Both sides with keyrings, and below a folder for each case an archive with its provenance. */
function signedCharts(t: TestContext) {
  const keys = makeKeys(t);
  const sides = sideBySide(t, LIB);
  const { helm, slipway } = sides;
  const write = writer(helm, slipway);
  write("all.gpg", keys.all);
  write("secret.gpg", keys.secret);
  write("armored.asc", keys.armored);
  write("eve.gpg", keys.of("eve@"));
  write("empty.gpg", "");
  write("passphrase", `${PASSPHRASE}\n`);
  write("wrong", "wrong\n");
  const signed = (folder: string, name: string): { readonly archive: Buffer; readonly prov: string } => {
    const flags = ["--sign", "--key", name, "--keyring", "secret.gpg", "--passphrase-file", "passphrase"];
    mkdirSync(join(helm.directory, folder));
    const { firstError, code } = helm.run("package", "lib", "-d", folder, ...flags);
    assert.equal(code, 0, firstError);
    cpSync(join(helm.directory, folder), join(slipway.directory, folder), { recursive: true });
    return {
      archive: readFileSync(join(helm.directory, folder, ARCHIVE)),
      prov: readFileSync(join(helm.directory, folder, `${ARCHIVE}.prov`), "utf8"),
    };
  };
  return { ...sides, keys, write, signed };
}

test("what the real helm signed is verified, and what is wrong with it is named as by Helm", async (t) => {
  await requireEnvironment(["helm", "packages"], t);
  const { same, write, signed, keys } = signedCharts(t);
  const { archive, prov } = signed("ada", "ada@");
  for (const name of ["bob", "eve", "max", "rex"]) signed(name, `${name}@`);
  write(`tampered/${ARCHIVE}`, Buffer.concat([archive, Buffer.from("x")]));
  write(`tampered/${ARCHIVE}.prov`, prov);
  write(`forged/${ARCHIVE}`, archive);
  write(`forged/${ARCHIVE}.prov`, prov.replace("name: lib", "name: liar"));
  write(`unsigned/${ARCHIVE}`, archive);
  write(`unsigned/${ARCHIVE}.prov`, prov.replace(/-----BEGIN PGP SIGNATURE[^]*/, ""));
  write(`header/${ARCHIVE}`, archive);
  write(`header/${ARCHIVE}.prov`, prov.replace("Hash: SHA512", "Comment: mine"));
  write(`network/${ARCHIVE}`, archive);
  write(`network/${ARCHIVE}.prov`, `To whom it may concern\n${prov.replaceAll("\n", "\r\n")}`);
  write("renamed/other.tgz", archive);
  write("renamed/other.tgz.prov", prov);
  write(`bare/${ARCHIVE}`, archive);
  write("bare/lib.tar", archive);
  const names = [
    "ada",
    "bob",
    "eve",
    "max",
    "rex",
    "tampered",
    "forged",
    "unsigned",
    "header",
    "network",
    "bare",
  ];
  for (const name of names) same("verify", `${name}/${ARCHIVE}`, "--keyring", "all.gpg");
  for (const ring of ["secret.gpg", "eve.gpg", "empty.gpg", "armored.asc", "none.gpg", "passphrase"]) {
    same("verify", `ada/${ARCHIVE}`, "--keyring", ring);
  }
  for (const line of [
    "verify",
    "verify none.tgz",
    "verify lib",
    "verify bare/lib.tar",
    "verify renamed/other.tgz --keyring all.gpg",
    `verify ada/${ARCHIVE}`,
    `template ada/${ARCHIVE} --verify --keyring all.gpg`,
    `template ada/${ARCHIVE} --verify --keyring eve.gpg`,
    `template bare/${ARCHIVE} --verify --keyring all.gpg`,
    "template lib --verify --keyring all.gpg",
    `show chart tampered/${ARCHIVE} --verify --keyring all.gpg`,
    `show values ada/${ARCHIVE} --verify --keyring all.gpg`,
  ]) {
    same(...line.split(" "));
  }
  write("../home/.gnupg/pubring.gpg", keys.all);
  same("verify", `ada/${ARCHIVE}`);
});

test("what gpg signed is verified as by Helm, by a subkey too", async (t) => {
  await requireEnvironment(["helm", "packages"], t);
  const { same, write, signed, keys } = signedCharts(t);
  const { archive } = signed("ada", "ada@");
  const digest = createHash("sha256").update(archive).digest("hex");
  const sums = `files:\n  ${ARCHIVE}: sha256:${digest}\n`;
  const statements: Record<string, string> = {
    ada: `name: lib\nkeywords:\n- dashed\n-   blanks  \t\n\n...\n${sums}`,
    rose: `name: lib\n- dashed\n\n...\n${sums}`,
    sue: `name: lib\n\n...\n${sums}`,
    eve: `name: lib\n---\n${sums}`,
    two: "name: lib\n\n...\nfiles: {}\n",
  };
  for (const [name, text] of Object.entries(statements)) {
    write(`${name}/${ARCHIVE}`, archive);
    write(`${name}/${ARCHIVE}.prov`, keys.clearSign(name === "rose" ? "ada@" : `${name}@`, text));
    same("verify", `${name}/${ARCHIVE}`, "--keyring", "all.gpg");
  }
});

test("helm package --sign: the real helm verifies it, and faults are Helm's", async (t) => {
  await requireEnvironment(["helm", "packages"], t);
  const { same, helm, slipway, keys } = signedCharts(t);
  const sign = ["package", "lib", "--sign", "--keyring", "secret.gpg"];
  for (const key of ["ada@", "bob@", "eve@", "Ada <ada@example.com>", "sue@"]) {
    same(...sign, "--key", key, "--passphrase-file", "passphrase");
    const archive = join(slipway.directory, ARCHIVE);
    const judged = helm.run("verify", archive, "--keyring", "all.gpg");
    assert.equal(judged.code, 0, judged.firstError);
    const text = readFileSync(`${archive}.prov`, "utf8");
    const expected = readFileSync(join(helm.directory, `${ARCHIVE}.prov`), "utf8");
    assert.equal(signedPart(text), signedPart(expected));
    writeFileSync(join(slipway.directory, "ring.gpg"), keys.all);
    assert.deepEqual(slipway.run("verify", ARCHIVE, "--keyring", "ring.gpg"), judged);
  }
  for (const more of [
    [],
    ["--key", "nobody"],
    ["--key", "Ada"],
    ["--key", "ada@", "--keyring", "all.gpg"],
    ["--key", "ada@", "--keyring", "none.gpg"],
    ["--key", "ada@", "--keyring", ""],
    ["--key", "ada@", "--keyring", "armored.asc"],
    ["--key", "bob@", "--passphrase-file", "wrong"],
    ["--key", "bob@", "--passphrase-file", "none"],
    ["--key", "bob@", "--passphrase-file", "empty.gpg"],
    ["--key", "bob@"],
  ]) {
    same(...sign, ...more);
  }
});

/** All but the digest, which has the time of packing in it, and the signature. */
function signedPart(provenance: string): string {
  return provenance.replace(/-----BEGIN PGP SIGNATURE[^]*/, "").replace(/sha256:[0-9a-f]{64}/, "DIGEST");
}

test("helm pull and helm dependency verify what HTTP repositories have signed", async (t) => {
  await requireEnvironment(["helm", "packages"], t);
  const keys = makeKeys(t);
  const files: Record<string, string | Buffer> = { ...LIB, "secret.gpg": keys.secret };
  const flags = ["--sign", "--key", "eve@", "--keyring", "secret.gpg"];
  const signed = await serveVersions(t, files, "lib", ["0.1.0"], { packFlags: flags });
  const unsigned = await serveVersions(t, LIB, "lib", ["0.1.0"]);
  const { same, helm, slipway } = signed.sides;
  const write = writer(helm, slipway);
  write("all.gpg", keys.all);
  write("ada.gpg", keys.of("ada@"));
  for (const [name, url] of Object.entries({ signed: signed.url, unsigned: unsigned.url })) {
    same("repo", "add", name, url);
    write(
      `${name}/Chart.yaml`,
      `apiVersion: v2\nname: ${name}\nversion: 1.0.0\ndependencies:\n- name: lib\n  version: 0.1.0\n  repository: ${url}\n`,
    );
  }
  for (const line of [
    "pull signed/lib --verify --keyring all.gpg -d out",
    "pull signed/lib --prov -d out",
    "pull signed/lib --verify --keyring all.gpg --untar --untardir out",
    "pull unsigned/lib --prov -d out",
    "pull unsigned/lib --verify --keyring all.gpg -d out",
    "pull signed/lib --verify --keyring ada.gpg -d out",
    "template signed/lib --verify --keyring all.gpg",
    "template unsigned/lib --verify --keyring all.gpg",
    "show chart signed/lib --verify --keyring ada.gpg",
    "dependency update unsigned --skip-refresh --verify --keyring all.gpg",
    "dependency update unsigned --skip-refresh",
    "dependency build unsigned --skip-refresh --verify --keyring all.gpg",
    "dependency update signed --skip-refresh --verify --keyring ada.gpg",
  ]) {
    mkdirSync(join(helm.directory, "out"), { recursive: true });
    mkdirSync(join(slipway.directory, "out"), { recursive: true });
    same(...line.split(" "));
  }
  for (const command of ["update", "build"]) {
    const line = ["dependency", command, "signed", "--skip-refresh", "--verify", "--keyring", "all.gpg"];
    const expected = helm.run(...line);
    // Helm takes the provenance file for a chart that it cannot read, and says so in the middle of a line.
    const out = expected.out.replace(/Could not verify .* for moving: .* \(Skipping\)/, "");
    assert.deepEqual(slipway.run(...line), { ...expected, out });
  }
});
