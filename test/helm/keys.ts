import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

export const PASSPHRASE = "secret word";

/** Keys of a GnuPG of our own: what `--export` gives of them. */
export interface Keys {
  readonly all: Buffer;
  readonly secret: Buffer;
  readonly armored: Buffer;
  /** The public key of one owner. */
  readonly of: (name: string) => Buffer;
  /** A cleartext signature by the newest key of an owner that may sign, subkeys before others. */
  readonly clearSign: (name: string, text: string) => Buffer;
}

/**
 * Ada (RSA), Bob (RSA behind a passphrase), Eve (Ed25519), Max (expired), Rex (revoked) and Sue (signs with a subkey).
 * Two more are called Ada Twin.
 */
export function makeKeys(t: TestContext): Keys {
  const home = mkdtempSync(join(tmpdir(), "slipway-gpg-"));
  const env = { PATH: process.env["PATH"], GNUPGHOME: home };
  t.after(() => {
    spawnSync("gpgconf", ["--kill", "all"], { env });
    rmSync(home, { recursive: true, force: true });
  });
  mkdirSync(join(home, "private-keys-v1.d"), { mode: 0o700 });
  const gpg = (words: readonly string[], input?: string): Buffer => {
    const done = spawnSync("gpg", ["--batch", "--yes", "--quiet", "--pinentry-mode", "loopback", ...words], {
      env,
      ...(input === undefined ? {} : { input }),
    });
    if (done.status !== 0) throw new Error(`gpg ${words.join(" ")}: ${done.stderr.toString()}`);
    return done.stdout;
  };
  const make = (owner: string, kind: string, expires = "never", more: readonly string[] = []): void => {
    gpg(["--passphrase", "", ...more, "--quick-gen-key", owner, kind, "sign,cert", expires]);
  };
  make("Ada <ada@example.com>", "rsa2048");
  make("Bob (locked) <bob@example.com>", "rsa2048", "never", ["--passphrase", PASSPHRASE]);
  make("Eve <eve@example.com>", "ed25519");
  make("Ada Twin <one@example.com>", "ed25519");
  make("Ada Twin <two@example.com>", "ed25519");
  make("Max <max@example.com>", "ed25519", "1d", ["--faked-system-time", "20200101T000000"]);
  make("Sue <sue@example.com>", "ed25519");
  const fingerprint = gpg(["--with-colons", "--list-keys", "sue@"])
    .toString()
    .match(/^fpr:+([0-9A-F]+):/m)?.[1];
  gpg(["--passphrase", "", "--quick-add-key", fingerprint ?? "", "ed25519", "sign", "never"]);
  make("Rex <rex@example.com>", "ed25519");
  const rex = gpg(["--with-colons", "--list-keys", "rex@"])
    .toString()
    .match(/^fpr:+([0-9A-F]+):/m)?.[1];
  const [certificate = ""] = readdirSync(join(home, "openpgp-revocs.d")).filter((name) =>
    name.startsWith(rex ?? "none"),
  );
  const revocation = readFileSync(join(home, "openpgp-revocs.d", certificate), "utf8");
  gpg(["--import"], revocation.replace(":-----BEGIN", "-----BEGIN"));
  return {
    all: gpg(["--export"]),
    secret: gpg(["--passphrase", PASSPHRASE, "--export-secret-keys"]),
    armored: gpg(["--armor", "--export"]),
    of: (name) => gpg(["--export", name]),
    clearSign: (name, text) => gpg(["--clearsign", "--local-user", name], text),
  };
}
