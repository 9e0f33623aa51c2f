import { readFile } from "node:fs/promises";
import type { HttpSettings } from "#http";
import type { Invocation } from "../command.ts";
import { fault } from "./arguments.ts";

/** What proves each side to the other; a name of a file is empty where there is none. */
export interface Certificates {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly skipTlsVerify: boolean;
}

type TlsSettings = Pick<HttpSettings, "ca" | "clientCertificate" | "skipTlsVerify">;

/** The files that the flags of this call name, `insecure` being the name of its flag that trusts everybody. */
export function certificatesOf({ flags }: Invocation, insecure = "insecure-skip-tls-verify"): Certificates {
  const path = (name: string): string => (flags.has(name) ? (flags.text(name) ?? "") : "");
  return {
    caFile: path("ca-file"),
    certFile: path("cert-file"),
    keyFile: path("key-file"),
    skipTlsVerify: flags.has(insecure) && flags.bool(insecure),
  };
}

/**
 * The content of those files; one of certificate and key alone is none.
 *
 * @throws {SlipwayError} HELM_COMMAND with Helm's words when one cannot be read.
 */
export async function tlsSettings(certificates: Certificates): Promise<TlsSettings> {
  const { caFile, certFile, keyFile, skipTlsVerify } = certificates;
  const pair = certFile !== "" && keyFile !== "" ? await keyPair(certFile, keyFile) : undefined;
  return {
    skipTlsVerify,
    ...(caFile === "" ? {} : { ca: await authorities(caFile) }),
    ...(pair === undefined ? {} : { clientCertificate: pair }),
  };
}

/** Helm opens its registries before it knows whether one is meant: a file of the flags that is wrong fails always. */
export async function checkCertificates(certificates: Certificates): Promise<void> {
  try {
    await tlsSettings(certificates);
  } catch (error) {
    throw fault(`missing registry client: ${(error as Error).message}`, error);
  }
}

const FAILED = "can't create TLS config for client";

async function authorities(path: string): Promise<string> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw fault(`${FAILED}: can't read CA file: ${path}`, error);
  });
  if (text.includes("-----BEGIN CERTIFICATE-----")) return text;
  throw fault(`${FAILED}: failed to append certificates from file: ${path}`);
}

async function keyPair(certFile: string, keyFile: string): Promise<{ cert: string; key: string }> {
  const read = (path: string): Promise<string> =>
    readFile(path, "utf8").catch((error: unknown) => {
      throw fault(
        `${FAILED}: can't load key pair from cert ${certFile} and key ${keyFile}: open ${path}: no such file or directory`,
        error,
      );
    });
  return { cert: await read(certFile), key: await read(keyFile) };
}
