import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { exists } from "#disk";
import { shell } from "../shell.ts";

export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** Makes the authority `ca.crt`, `ca.key` in `directory`, unless it is there. */
export async function authority(directory: string): Promise<KeyPair> {
  const pair = { certificate: join(directory, "ca.crt"), key: join(directory, "ca.key") };
  if (await exists(pair.certificate)) return pair;
  await openssl([
    ...["req", "-x509", "-days", "3650", "-subj", "/CN=slipway-test", "-out", pair.certificate],
    ...newKey(pair.key),
    ...["-addext", "keyUsage=critical,keyCertSign,digitalSignature"],
  ]);
  return pair;
}

/** Makes a server's certificate for IP addresses and DNS names, signed by `ca`, unless it is there. */
export async function serverCertificate(
  directory: string,
  ca: KeyPair,
  names: { readonly ips: readonly string[]; readonly dns?: readonly string[] },
): Promise<KeyPair> {
  const alternatives = [
    ...names.ips.map((ip) => `IP:${ip}`),
    ...(names.dns ?? []).map((name) => `DNS:${name}`),
  ];
  return certificate(directory, "server", ca, [`subjectAltName=${alternatives.join(",")}`]);
}

/** Makes the certificate of one who asks, signed by `ca`, unless it is there. */
export async function clientCertificate(directory: string, ca: KeyPair): Promise<KeyPair> {
  return certificate(directory, "client", ca, []);
}

async function certificate(
  directory: string,
  side: "server" | "client",
  ca: KeyPair,
  extensions: readonly string[],
): Promise<KeyPair> {
  const pair = { certificate: join(directory, `${side}.crt`), key: join(directory, `${side}.key`) };
  if (await exists(pair.certificate)) return pair;
  await openssl([
    ...["req", "-x509", "-days", "3650", "-subj", `/CN=${side}`, "-out", pair.certificate],
    ...newKey(pair.key),
    ...["-CA", ca.certificate, "-CAkey", ca.key],
    ...extensions.flatMap((one) => ["-addext", one]),
    ...["-addext", "basicConstraints=critical,CA:FALSE", "-addext", `extendedKeyUsage=${side}Auth`],
  ]);
  return pair;
}

/** The key that ServiceAccount tokens are signed with. */
export async function serviceAccountKey(directory: string): Promise<string> {
  const path = join(directory, "service-accounts.key");
  if (!(await exists(path))) {
    await openssl(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", path]);
  }
  return path;
}

/** A file's content as kubeconfig's `...-data` keys hold it. */
export async function base64Of(path: string): Promise<string> {
  return (await readFile(path)).toString("base64");
}

function newKey(path: string): readonly string[] {
  return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", path];
}

async function openssl(args: readonly string[]): Promise<void> {
  await shell("openssl", args);
}
