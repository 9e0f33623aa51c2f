import type { enums, SignaturePacket } from "openpgp";
import { parseCleartext, signedBytes } from "./cleartext.ts";
import { maySign, type Keyring, type PgpKey } from "./keyring.ts";
import { loadLibrary, pgpFault, type Library } from "./library.ts";
import { packetsOf } from "./packets.ts";

export interface Signed {
  readonly text: string;
  readonly by: PgpKey;
}

/**
 * The text of a signed file, and whose key of the keyring signed it.
 *
 * @throws {SlipwayError} PGP when the file has no signature, when none of the keys made it, when the text is not what was
 *   signed, or when the key or the signature was revoked or is past its time.
 */
export async function verifyClearSigned(file: string, keyring: Keyring, now: Date): Promise<Signed> {
  const library = await loadLibrary();
  const cleartext = parseCleartext(file);
  if (cleartext === undefined) throw pgpFault("failed to decode signature: signature block not found");
  const { text } = cleartext;
  const signers = signersOf(keyring);
  for (const signature of signaturesIn(library, cleartext.signature)) {
    const known = signers.get(signature.issuerKeyID.toHex()) ?? [];
    if (known.length === 0) continue;
    const signer = await genuine(library, signature, known, signedBytes(text));
    checkTimes(signature, signer, now);
    return { text, by: signer.owner };
  }
  throw pgpFault("openpgp: signature made by unknown entity");
}

/** A key that may sign, which is the primary key of its owner or one of the subkeys. */
interface Signer {
  readonly owner: PgpKey;
  readonly key: PgpKey["key"] | PgpKey["subkeys"][number]["key"];
  /** What the owner says of the key. */
  readonly statement: SignaturePacket;
  readonly isRevoked: boolean;
}

/** By the short names of their keys, which several may share. */
function signersOf(keyring: Keyring): Map<string, Signer[]> {
  const signers = keyring.flatMap((owner): Signer[] => [
    { owner, key: owner.key, statement: owner.selfSignature, isRevoked: owner.isRevoked },
    ...owner.subkeys.map(({ key, binding, isRevoked }) => ({ owner, key, statement: binding, isRevoked })),
  ]);
  return Map.groupBy(
    signers.filter(({ statement }) => maySign(statement)),
    ({ key }) => key.getKeyID().toHex(),
  );
}

const SIGNATURE = 2;
const MARKER = 10;
const LAST_KNOWN = 21;
const FIRST_IGNORED = 40;

/** The signatures that can be read, up to the first packet that is none and may not be passed over. */
function* signaturesIn(library: Library, data: Uint8Array): Generator<SignaturePacket> {
  for (const { tag, body } of packetsOf(data)) {
    if (tag === MARKER || tag >= FIRST_IGNORED) continue;
    if (tag > LAST_KNOWN) throw pgpFault(`openpgp: unknown critical packet type: ${tag}`);
    if (tag !== SIGNATURE) throw pgpFault("openpgp: invalid data: non signature packet found");
    const packet = signatureIn(library, body);
    if (packet === undefined) continue;
    if (packet.issuerKeyID.toHex() === "") {
      throw pgpFault("openpgp: invalid data: signature doesn't have an issuer");
    }
    yield packet;
  }
}

/** Undefined where it is of a version or an algorithm that is not known here. */
function signatureIn(library: Library, body: Uint8Array): SignaturePacket | undefined {
  const packet = new library.SignaturePacket();
  try {
    packet.read(body);
    return packet;
  } catch (error) {
    const { name, message } = error as Error;
    if (name === "UnsupportedError") return undefined;
    throw pgpFault(`openpgp: invalid data: ${message}`);
  }
}

/** Who of those with one short name has made the signature. */
async function genuine(
  library: Library,
  signature: SignaturePacket,
  known: readonly Signer[],
  bytes: Uint8Array,
): Promise<Signer> {
  let last: unknown;
  for (const signer of known) {
    try {
      await checkBytes(library, signature, signer, bytes);
      return signer;
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

async function checkBytes(
  library: Library,
  signature: SignaturePacket,
  { key }: Signer,
  bytes: Uint8Array,
): Promise<void> {
  const { keyPacket } = key;
  if (keyPacket.algorithm !== signature.publicKeyAlgorithm) {
    throw pgpFault("openpgp: invalid argument: public key and signature use different algorithms");
  }
  const { signature: types } = library.enums;
  const type = signature.signatureType;
  if (type !== types.binary && type !== types.text) {
    throw pgpFault(`openpgp: unsupported feature: unsupported signature type: ${type}`);
  }
  const data = { text: null, getBytes: () => bytes };
  try {
    await signature.verify(keyPacket, type, data, signature.created ?? undefined, true);
  } catch (error) {
    const said = (error as Error).message;
    const isForged = said === "Signed digest did not match" || said === "Signature verification failed";
    throw pgpFault(
      `openpgp: invalid signature: ${isForged ? `${algorithmName(library, keyPacket.algorithm)} verification failure` : said}`,
    );
  }
}

/** As Go names the algorithm in a complaint. */
function algorithmName(library: Library, algorithm: enums.publicKey): string {
  const { publicKey } = library.enums;
  const names = new Map([
    [publicKey.dsa, "DSA"],
    [publicKey.ecdsa, "ECDSA"],
    [publicKey.eddsaLegacy, "EdDSA"],
    [publicKey.ed25519, "Ed25519"],
    [publicKey.ed448, "ed448"],
  ]);
  return names.get(algorithm) ?? "RSA";
}

/** In Go's order, so that of several faults the same one is named. */
function checkTimes(
  signature: SignaturePacket,
  { owner, key, statement, isRevoked }: Signer,
  now: Date,
): void {
  if (owner.isRevoked || isRevoked) throw pgpFault("openpgp: signature made by revoked key");
  if (
    isPast(owner.key.keyPacket.created, owner.selfSignature.keyExpirationTime, now) ||
    isPast(key.keyPacket.created, statement.keyExpirationTime, now)
  ) {
    throw pgpFault("openpgp: key expired");
  }
  const statements = [signature, owner.selfSignature, statement, statement.embeddedSignature];
  if (statements.some((one) => one !== null && isPast(one.created, one.signatureExpirationTime, now))) {
    throw pgpFault("openpgp: signature expired");
  }
}

function isPast(created: Date | null, seconds: number | null, now: Date): boolean {
  const from = Math.floor((created?.getTime() ?? 0) / 1000);
  const at = Math.floor(now.getTime() / 1000);
  return from > at || ((seconds ?? 0) !== 0 && at > from + (seconds ?? 0));
}
