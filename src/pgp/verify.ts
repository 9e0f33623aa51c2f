import type { enums, SignaturePacket } from "openpgp";
import { parseCleartext, signedBytes } from "./cleartext.ts";
import type { Keyring, PgpKey } from "./keyring.ts";
import { loadLibrary, pgpFault, type Library } from "./library.ts";

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
  const signatures = cleartext && (await signaturesIn(library, cleartext.armored));
  if (cleartext === undefined || signatures === undefined) {
    throw pgpFault("failed to decode signature: signature block not found");
  }
  const { text } = cleartext;
  for (const signature of signatures) {
    const signer = signerOf(keyring, signature);
    if (signer === undefined) continue;
    await checkBytes(library, signature, signer, signedBytes(text));
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

const MAY_SIGN = 2;

function signerOf(keyring: Keyring, signature: SignaturePacket): Signer | undefined {
  const signers = keyring.flatMap((owner): Signer[] => [
    { owner, key: owner.key, statement: owner.selfSignature, isRevoked: owner.isRevoked },
    ...owner.subkeys.map(({ key, binding, isRevoked }) => ({ owner, key, statement: binding, isRevoked })),
  ]);
  return signers.find(
    ({ key, statement }) =>
      key.getKeyID().equals(signature.issuerKeyID) && ((statement.keyFlags?.[0] ?? 0) & MAY_SIGN) !== 0,
  );
}

async function signaturesIn(library: Library, armored: string): Promise<SignaturePacket[] | undefined> {
  try {
    const { packets } = await library.readSignature({ armoredSignature: armored });
    return [...packets];
  } catch {
    return undefined;
  }
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
    throw pgpFault(`openpgp: unsupported feature: signature type: ${type}`);
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
