import { define, type TemplateFunction } from "../function.ts";
import { fromBytes } from "../bytes.ts";
import { printValue } from "../format.ts";
import type { GoObject, Value } from "../value.ts";
import { decodeBase64 } from "./base-n.ts";
import {
  createCertificate,
  isAddress,
  parseCertificatePem,
  type CertificateRequest,
  type Issuer,
  type ParsedCertificate,
} from "./certificate.ts";
import {
  generatePrivateKey,
  generateRsaKey,
  parsePrivateKey,
  printPrivateKey,
  type PrivateKey,
  within,
} from "./private-key.ts";
import type { RandomBytes } from "./random.ts";

export function certificateFunctions(now: () => Date, random: RandomBytes): readonly TemplateFunction[] {
  const request = (
    commonName: string,
    days: bigint,
    addresses: Value = [],
    dnsNames: Value = [],
    isAuthority = false,
  ) => ({
    commonName,
    days,
    isAuthority,
    addresses: itemsOf(addresses).map(addressFrom),
    dnsNames: itemsOf(dnsNames).map(dnsNameFrom),
    notBefore: now(),
    serial: random(16),
  });
  return [
    define("genPrivateKey", "func(string) string", generatePrivateKey),
    define("buildCustomCert", "func(string, string) (sprig.certificate, error)", buildCustomCertificate),
    define("genCA", "func(string, int) (sprig.certificate, error)", (name, days) =>
      make(request(name, days, [], [], true), newKey),
    ),
    define("genCAWithKey", "func(string, int, string) (sprig.certificate, error)", (name, days, key) =>
      make(request(name, days, [], [], true), given(key)),
    ),
    define(
      "genSelfSignedCert",
      "func(string, []interface {}, []interface {}, int) (sprig.certificate, error)",
      (name, addresses, dnsNames, days) => make(request(name, days, addresses, dnsNames), newKey),
    ),
    define(
      "genSelfSignedCertWithKey",
      "func(string, []interface {}, []interface {}, int, string) (sprig.certificate, error)",
      (name, addresses, dnsNames, days, key) => {
        const privateKey = given(key);
        return make(request(name, days, addresses, dnsNames), privateKey);
      },
    ),
    define(
      "genSignedCert",
      "func(string, []interface {}, []interface {}, int, sprig.certificate) (sprig.certificate, error)",
      (name, addresses, dnsNames, days, ca) => {
        const issuer = issuerFrom(ca);
        return make(request(name, days, addresses, dnsNames), newKey, issuer);
      },
    ),
    define(
      "genSignedCertWithKey",
      "func(string, []interface {}, []interface {}, int, sprig.certificate, string) (sprig.certificate, error)",
      (name, addresses, dnsNames, days, ca, key) => {
        const privateKey = given(key);
        const issuer = issuerFrom(ca);
        return make(request(name, days, addresses, dnsNames), privateKey, issuer);
      },
    ),
  ];
}

/** A `sprig.certificate`: certificate and key in PEM. */
class GoCertificate implements GoObject {
  readonly goType = "sprig.certificate";
  readonly certificate: string;
  readonly key: string;

  constructor(certificate: string, key: string) {
    this.certificate = certificate;
    this.key = key;
  }

  field(name: string): Value | undefined {
    return name === "Cert" ? this.certificate : name === "Key" ? this.key : undefined;
  }

  method(): undefined {
    return undefined;
  }

  *fields(): Iterable<readonly [string, Value]> {
    yield ["Cert", this.certificate];
    yield ["Key", this.key];
  }

  equals(other: GoObject): boolean {
    return other instanceof GoCertificate && other.certificate === this.certificate && other.key === this.key;
  }
}

function newKey(): PrivateKey {
  return generateRsaKey(2048);
}

/** The key is read at once, so that its errors come first. */
function given(pem: string): () => PrivateKey {
  const key = within("parsing private key", () => parsePrivateKey(pem));
  return () => key;
}

function make(request: CertificateRequest, keyFrom: () => PrivateKey, issuer?: Issuer): GoCertificate {
  const key = keyFrom();
  const certificate = within("error creating certificate", () => createCertificate(request, key, issuer));
  return new GoCertificate(certificate, printPrivateKey(key));
}

function issuerFrom(value: Value): Issuer {
  const ca = value as GoCertificate;
  const certificate = parsed(ca.certificate, "decodedSignerCert");
  const key = within("error parsing private key", () => parsePrivateKey(ca.key));
  return { ...certificate, key };
}

function parsed(pem: string, what: string): ParsedCertificate {
  const certificate = within(`error parsing certificate: ${what}.Bytes`, () => parseCertificatePem(pem));
  if (certificate === undefined) throw new Error("unable to decode certificate");
  return certificate;
}

function buildCustomCertificate(certificate: string, key: string): GoCertificate {
  const pem = fromBytes(decoded(certificate, "unable to decode base64 certificate"));
  const keyPem = fromBytes(decoded(key, "unable to decode base64 private key"));
  parsed(pem, "decodedCert");
  within("error parsing private key", () => parsePrivateKey(keyPem));
  return new GoCertificate(pem, keyPem);
}

function decoded(base64: string, problem: string): Uint8Array {
  try {
    return decodeBase64(base64);
  } catch (error) {
    throw new Error(problem, { cause: error });
  }
}

function itemsOf(list: Value): readonly Value[] {
  return Array.isArray(list) ? list : [];
}

function addressFrom(value: Value): string {
  if (typeof value !== "string") throw new Error(`error parsing ip: ${printValue(value)} is not a string`);
  if (!isAddress(value)) throw new Error(`error parsing ip: ${value}`);
  return value;
}

function dnsNameFrom(value: Value): string {
  if (typeof value === "string") return value;
  throw new Error(`error processing alternate dns name: ${printValue(value)} is not a string`);
}
