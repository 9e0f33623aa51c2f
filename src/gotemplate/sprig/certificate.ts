import type { KeyObject } from "node:crypto";
import { isValidUtf8, toBytes } from "../bytes.ts";
import { quote } from "../strconv.ts";
import {
  bitString,
  element,
  GENERALIZED_TIME,
  INTEGER,
  integer,
  objectIdentifier,
  OCTET_STRING,
  PRINTABLE_STRING,
  readElement,
  readElements,
  sequence,
  SEQUENCE,
  SET,
  UTC_TIME,
  UTF8_STRING,
} from "./der.ts";
import { decodePem, encodePem } from "./pem.ts";
import type { PrivateKey } from "./private-key.ts";

const crypto = () => process.getBuiltinModule("node:crypto");
const net = () => process.getBuiltinModule("node:net");

/**
 * X.509 certificates as Go's crypto/x509 makes them:
 *
 *   SEQUENCE { tbs, algorithm, BIT STRING signature }
 *   tbs: SEQUENCE { [0] version 3, serial, algorithm, issuer, validity, subject, public key, [3] extensions }
 *
 * @see RFC 5280, section 4.1
 */
export interface CertificateRequest {
  readonly commonName: string;
  readonly addresses: readonly string[];
  readonly dnsNames: readonly string[];
  readonly isAuthority: boolean;
  readonly notBefore: Date;
  readonly days: bigint;
  /** 16 random bytes. */
  readonly serial: Uint8Array;
}

/** What signs: the certificate of an authority and its key. */
export interface Issuer {
  /** The subject of its certificate, in DER. */
  readonly subject: Buffer;
  readonly publicKey: Buffer;
  readonly subjectKeyId: Buffer | undefined;
  readonly key: PrivateKey;
}

/**
 * Makes a certificate for a key, in PEM. Without issuer it is signed by the key itself.
 *
 * @throws {Error} with the text of Go's x509.CreateCertificate.
 */
export function createCertificate(request: CertificateRequest, key: PrivateKey, issuer?: Issuer): string {
  const signer = issuer?.key ?? key;
  if (signer.kind === "dsa")
    throw new Error("x509: certificate private key does not implement crypto.Signer");
  if (key.kind === "dsa") throw new Error("x509: unsupported public key type: *dsa.PublicKey");
  const algorithm = algorithmOf(signer.key);
  const publicKey = publicKeyOf(key.key);
  const subject = nameOf(request.commonName);
  if (issuer !== undefined && !publicKeyOf(signer.key).equals(issuer.publicKey)) {
    throw new Error("x509: provided PrivateKey doesn't match parent's PublicKey");
  }
  const authorityKeyId =
    issuer === undefined || issuer.subject.equals(subject) ? undefined : issuer.subjectKeyId;
  const tbs = sequence(
    element(0xa0, integer(2n)),
    integer(BigInt(`0x${Buffer.from(request.serial).toString("hex")}`)),
    algorithm.identifier,
    issuer?.subject ?? subject,
    validityOf(request),
    subject,
    publicKey,
    element(0xa3, sequence(...extensionsOf(request, subject, publicKey, authorityKeyId))),
  );
  const signature = crypto().sign(algorithm.hash, tbs, signer.key);
  return encodePem("CERTIFICATE", sequence(tbs, algorithm.identifier, bitString(signature)));
}

interface Algorithm {
  readonly identifier: Buffer;
  readonly hash: string | null;
}

function algorithmOf(key: KeyObject): Algorithm {
  const plain = (oid: string, hash: string | null) => ({ identifier: sequence(objectIdentifier(oid)), hash });
  switch (key.asymmetricKeyType) {
    case "rsa":
      return {
        identifier: sequence(objectIdentifier("1.2.840.113549.1.1.11"), Buffer.of(0x05, 0x00)),
        hash: "sha256",
      };
    case "ed25519":
      return plain("1.3.101.112", null);
    default:
  }
  switch (key.asymmetricKeyDetails?.namedCurve) {
    case "secp224r1":
    case "prime256v1":
      return plain("1.2.840.10045.4.3.2", "sha256");
    case "secp384r1":
      return plain("1.2.840.10045.4.3.3", "sha384");
    case "secp521r1":
      return plain("1.2.840.10045.4.3.4", "sha512");
    default:
      throw new Error("x509: unsupported elliptic curve");
  }
}

function publicKeyOf(key: KeyObject): Buffer {
  return crypto().createPublicKey(key).export({ type: "spki", format: "der" });
}

function nameOf(commonName: string): Buffer {
  if (commonName === "") return sequence();
  if (!isValidUtf8(commonName)) throw new Error("asn1: string not valid UTF-8");
  const tag = /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(commonName) ? PRINTABLE_STRING : UTF8_STRING;
  return sequence(element(SET, sequence(objectIdentifier("2.5.4.3"), element(tag, toBytes(commonName)))));
}

function validityOf({ notBefore, days }: CertificateRequest): Buffer {
  const nanoseconds = BigInt.asIntN(64, days * 24n * 3600n * 1_000_000_000n);
  const end = BigInt(notBefore.getTime()) * 1_000_000n + nanoseconds;
  return sequence(timeOf(notBefore), timeOf(new Date(Number(end / 1_000_000n))));
}

function timeOf(date: Date): Buffer {
  const year = date.getUTCFullYear();
  if (!(year >= 0 && year <= 9999))
    throw new Error("asn1: structure error: cannot represent time as GeneralizedTime");
  const digits = date
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replace(/[-:T]/g, "");
  const isShort = year >= 1950 && year < 2050;
  return element(isShort ? UTC_TIME : GENERALIZED_TIME, Buffer.from(isShort ? digits.slice(2) : digits));
}

function extensionsOf(
  { isAuthority, dnsNames, addresses }: CertificateRequest,
  subject: Buffer,
  publicKey: Buffer,
  authorityKeyId: Buffer | undefined,
): Buffer[] {
  const usage = isAuthority ? bitString(Buffer.of(0xa4), 2) : bitString(Buffer.of(0xa0), 5);
  const purposes = ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"].map(objectIdentifier);
  const constraints = isAuthority ? sequence(Buffer.of(0x01, 0x01, 0xff)) : sequence();
  const extensions = [
    extension("2.5.29.15", usage, true),
    extension("2.5.29.37", sequence(...purposes)),
    extension("2.5.29.19", constraints, true),
  ];
  if (isAuthority) extensions.push(extension(SUBJECT_KEY_ID, element(OCTET_STRING, keyIdOf(publicKey))));
  if (authorityKeyId !== undefined)
    extensions.push(extension("2.5.29.35", sequence(element(0x80, authorityKeyId))));
  const names = [
    ...dnsNames.map(dnsName),
    ...addresses.map((address) => element(0x87, addressBytes(address))),
  ];
  if (names.length > 0) extensions.push(extension("2.5.29.17", sequence(...names), subject.length === 2));
  return extensions;
}

const SUBJECT_KEY_ID = "2.5.29.14";

function extension(oid: string, value: Buffer, isCritical = false): Buffer {
  const critical = isCritical ? Buffer.of(0x01, 0x01, 0xff) : Buffer.of();
  return sequence(objectIdentifier(oid), critical, element(OCTET_STRING, value));
}

/** The first 160 bits of the SHA-256 of the key's bits. @see RFC 7093, section 2, method 1 */
function keyIdOf(publicKey: Buffer): Buffer {
  const [, bits] = readElements(readElement(publicKey)?.content ?? Buffer.of()) ?? [];
  return crypto()
    .createHash("sha256")
    .update(bits?.content.subarray(1) ?? Buffer.of())
    .digest()
    .subarray(0, 20);
}

function dnsName(name: string): Buffer {
  if (/[^\0-\x7f]/.test(name)) throw new Error(`x509: ${quote(name)} cannot be encoded as an IA5String`);
  return element(0x82, toBytes(name));
}

/** Whether `net.ParseIP` reads it. */
export function isAddress(text: string): boolean {
  const { isIPv4, isIPv6 } = net();
  return isIPv4(text) || (isIPv6(text) && !text.includes("%"));
}

/** 4 bytes for an IPv4 address, in whichever form it is written, and 16 for others. */
function addressBytes(text: string): Buffer {
  if (net().isIPv4(text)) return Buffer.from(text.split(".").map(Number));
  const plain = text.replace(/[^:]*\..*$/, (tail) => {
    const bytes = Buffer.from(tail.split(".").map(Number));
    return `${bytes.readUInt16BE(0).toString(16)}:${bytes.readUInt16BE(2).toString(16)}`;
  });
  const [head = "", tail] = plain.split("::");
  const words = (part: string | undefined) => (part === undefined || part === "" ? [] : part.split(":"));
  const [left, right] = [words(head), words(tail)];
  const all =
    tail === undefined
      ? left
      : [...left, ...Array<string>(8 - left.length - right.length).fill("0"), ...right];
  const bytes = Buffer.from(all.map((word) => word.padStart(4, "0")).join(""), "hex");
  const isMapped = bytes.subarray(0, 12).toString("hex") === "00000000000000000000ffff";
  return isMapped ? bytes.subarray(12) : bytes;
}

export type ParsedCertificate = Omit<Issuer, "key">;

/**
 * Reads what a certificate says of its owner.
 *
 * @throws {Error} with Go's text: `x509: malformed certificate`.
 */
export function parseCertificate(der: Buffer): ParsedCertificate {
  const outer = readElement(der);
  const tbs = outer?.tag === SEQUENCE ? readElement(outer.content) : undefined;
  if (outer === undefined || tbs === undefined) throw new Error("x509: malformed certificate");
  const fields = tbs.tag === SEQUENCE ? readElements(tbs.content) : undefined;
  if (fields === undefined) throw new Error("x509: malformed tbs certificate");
  if (fields[0]?.tag === 0xa0) fields.shift();
  const [serial, , , validity, subject, publicKey, ...others] = fields;
  if (serial?.tag !== INTEGER) throw new Error("x509: malformed serial number");
  if (validity?.tag !== SEQUENCE) throw new Error("x509: malformed validity");
  if (subject?.tag !== SEQUENCE) throw new Error("x509: malformed issuer");
  if (publicKey?.tag !== SEQUENCE) throw new Error("x509: malformed spki");
  try {
    new (crypto().X509Certificate)(outer.whole);
  } catch (error) {
    throw new Error("x509: malformed certificate", { cause: error });
  }
  if (outer.end !== der.length) throw new Error("x509: trailing data");
  const extensions = others.find(({ tag }) => tag === 0xa3)?.content;
  return { subject: subject.whole, publicKey: publicKey.whole, subjectKeyId: subjectKeyIdOf(extensions) };
}

function subjectKeyIdOf(extensions: Buffer | undefined): Buffer | undefined {
  const list = readElements(readElement(extensions ?? Buffer.of())?.content ?? Buffer.of()) ?? [];
  const wanted = objectIdentifier(SUBJECT_KEY_ID);
  for (const { content } of list) {
    const parts = readElements(content) ?? [];
    if (parts[0]?.whole.equals(wanted) === true)
      return readElement(parts.at(-1)?.content ?? Buffer.of())?.content;
  }
  return undefined;
}

/** @throws {Error} with Go's text. */
export function parseCertificatePem(text: string): ParsedCertificate | undefined {
  const block = decodePem(text);
  return block === undefined ? undefined : parseCertificate(block.bytes);
}
