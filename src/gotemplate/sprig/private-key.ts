import type { KeyObject } from "node:crypto";
import {
  INTEGER,
  integer,
  OBJECT_IDENTIFIER,
  OCTET_STRING,
  readElement,
  readElements,
  SEQUENCE,
  sequence,
} from "./der.ts";
import { decodePem, encodePem } from "./pem.ts";

/** Loaded when first used: most charts need no keys. */
const crypto = () => process.getBuiltinModule("node:crypto");

/** A private key; one of DSA can be read but signs nothing, as in Go. */
export type PrivateKey =
  | { readonly kind: "rsa" | "ec" | "ed25519"; readonly key: KeyObject }
  | { readonly kind: "dsa" };

export function generateRsaKey(bits: number): PrivateKey {
  return { kind: "rsa", key: crypto().generateKeyPairSync("rsa", { modulusLength: bits }).privateKey };
}

/** Sprig's `genPrivateKey`. */
export function generatePrivateKey(type: string): string {
  switch (type) {
    case "":
    case "rsa":
      return printPrivateKey(generateRsaKey(4096));
    case "ecdsa":
      return printPrivateKey({
        kind: "ec",
        key: crypto().generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey,
      });
    case "ed25519":
      return printPrivateKey({ kind: "ed25519", key: crypto().generateKeyPairSync("ed25519").privateKey });
    case "dsa":
      return generateDsaKey();
    default:
      return `Unknown type ${type}`;
  }
}

export function printPrivateKey(privateKey: PrivateKey): string {
  switch (privateKey.kind) {
    case "rsa":
      return encodePem("RSA PRIVATE KEY", privateKey.key.export({ type: "pkcs1", format: "der" }));
    case "ec":
      return encodePem("EC PRIVATE KEY", privateKey.key.export({ type: "sec1", format: "der" }));
    case "ed25519":
      return encodePem("PRIVATE KEY", privateKey.key.export({ type: "pkcs8", format: "der" }));
    default:
      throw new Error("unable to print a DSA key");
  }
}

/** SEQUENCE { 0, p, q, g, y, x }, which OpenSSL wrote before there was PKCS#8. */
function generateDsaKey(): string {
  const pair = crypto().generateKeyPairSync("dsa", { modulusLength: 2048, divisorLength: 256 });
  const [, algorithm, secret] = parts(pair.privateKey.export({ type: "pkcs8", format: "der" }));
  const parameters = parts(algorithm?.whole)[1]?.content ?? Buffer.of();
  const [, publicBits] = parts(pair.publicKey.export({ type: "spki", format: "der" }));
  const y = publicBits?.content.subarray(1) ?? Buffer.of();
  return encodePem("DSA PRIVATE KEY", sequence(integer(0n), parameters, y, secret?.content ?? Buffer.of()));
}

function parts(whole: Buffer | undefined) {
  return readElements(readElement(whole ?? Buffer.of())?.content ?? Buffer.of()) ?? [];
}

/** @throws {Error} with the text of Sprig and of Go's crypto/x509. */
export function parsePrivateKey(text: string): PrivateKey {
  const block = decodePem(text);
  if (block === undefined) throw new Error("no PEM data in input");
  if (block.type === "PRIVATE KEY") return within("decoding PEM as PKCS#8", () => parsePkcs8(block.bytes));
  if (!block.type.endsWith(" PRIVATE KEY")) {
    throw new Error(`no private key data in PEM block of type ${block.type}`);
  }
  const kind = block.type.slice(0, -" PRIVATE KEY".length);
  switch (kind) {
    case "RSA":
      return within("parsing RSA private key from PEM", () => parseAs("rsa", "pkcs1", block.bytes));
    case "EC":
      return within("parsing EC private key from PEM", () => parseAs("ec", "sec1", block.bytes));
    case "DSA":
      return within("parsing DSA private key from PEM", () => parseDsa(block.bytes));
    default:
      throw new Error(`invalid private key type ${kind}`);
  }
}

/** Runs a part; its faults are told with what was being done. */
export function within<T>(context: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw new Error(`${context}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

type Format = "pkcs1" | "sec1" | "pkcs8";

const READERS: Readonly<Record<Format, string>> = {
  pkcs1: "ParsePKCS1PrivateKey",
  sec1: "ParseECPrivateKey",
  pkcs8: "ParsePKCS8PrivateKey",
};

function parseAs(kind: "rsa" | "ec" | "ed25519", format: Format, bytes: Buffer): PrivateKey {
  checkFormat(format, bytes);
  try {
    return { kind, key: crypto().createPrivateKey({ key: bytes, type: format, format: "der" }) };
  } catch (error) {
    throw new Error(`x509: failed to parse ${kind === "rsa" ? "RSA" : "EC"} private key`, { cause: error });
  }
}

function checkFormat(wanted: Format, bytes: Buffer): void {
  const found = formatOf(bytes);
  if (found === wanted) return;
  if (found === undefined) throw new Error("asn1: syntax error: data truncated");
  throw new Error(`x509: failed to parse private key (use ${READERS[found]} instead for this key format)`);
}

/** By what follows the version: two integers, an octet string, or an algorithm. */
function formatOf(bytes: Buffer): Format | undefined {
  const outer = readElement(bytes);
  if (outer?.tag !== SEQUENCE) return undefined;
  const [version, second, third] = readElements(outer.content) ?? [];
  if (version?.tag !== INTEGER) return undefined;
  if (second?.tag === INTEGER && third?.tag === INTEGER) return "pkcs1";
  if (second?.tag === OCTET_STRING) return "sec1";
  return second?.tag === SEQUENCE && third?.tag === OCTET_STRING ? "pkcs8" : undefined;
}

const ALGORITHMS: Readonly<Record<string, "rsa" | "ec" | "ed25519">> = {
  "2a864886f70d010101": "rsa",
  "2a8648ce3d0201": "ec",
  "2b6570": "ed25519",
};

function parsePkcs8(bytes: Buffer): PrivateKey {
  checkFormat("pkcs8", bytes);
  const [, algorithm] = parts(bytes);
  const [oid] = parts(algorithm?.whole);
  const kind = oid?.tag === OBJECT_IDENTIFIER ? ALGORITHMS[oid.content.toString("hex")] : undefined;
  if (kind === undefined) {
    throw new Error(
      `x509: PKCS#8 wrapping contained private key with unknown algorithm: ${dotted(oid?.content)}`,
    );
  }
  return parseAs(kind, "pkcs8", bytes);
}

function dotted(content: Buffer | undefined): string {
  const numbers: number[] = [];
  let value = 0;
  for (const byte of content ?? []) {
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      numbers.push(value);
      value = 0;
    }
  }
  const [first = 0, ...others] = numbers;
  const top = Math.min(Math.floor(first / 40), 2);
  return [top, first - top * 40, ...others].join(".");
}

function parseDsa(bytes: Buffer): PrivateKey {
  const numbers = parts(bytes);
  if (numbers.length < 6 || numbers.some(({ tag }) => tag !== INTEGER))
    throw new Error("asn1: syntax error: data truncated");
  return { kind: "dsa" };
}
