import type { Key, SignaturePacket, Subkey, User } from "openpgp";
import { SlipwayError } from "#errors";
import { loadLibrary, pgpFault, type Library } from "./library.ts";
import { packetsOf, type Packet } from "./packets.ts";

/** A key with the names that it gives itself. */
export interface PgpKey {
  /** In capitals. */
  readonly fingerprint: string;
  /** As in `Ada <ada@example.com>`; in the order of the keyring. */
  readonly names: readonly string[];
  /** The library's own view. */
  readonly key: Key;
  /** What the key says of itself where it names its owner. */
  readonly selfSignature: SignaturePacket;
  readonly isRevoked: boolean;
  readonly subkeys: readonly PgpSubkey[];
}

export interface PgpSubkey {
  readonly key: Subkey;
  readonly binding: SignaturePacket;
  readonly isRevoked: boolean;
}

export type Keyring = readonly PgpKey[];

const PUBLIC_KEY = 6;
const SECRET_KEY = 5;
const TRUST = 12;

const HINT =
  "The keyring must be in the binary form of GnuPG 1: gpg --export > pubring.gpg, or gpg --export-secret-keys > secring.gpg";

/**
 * The keys of a keyring, public or secret, as `gpg --export` writes it. Keys that cannot be read are passed over while
 * there is one that can.
 *
 * @throws {SlipwayError} PGP when it is not a keyring, or has no key that can be read.
 */
export async function readKeyring(data: Uint8Array): Promise<Keyring> {
  const library = await loadLibrary();
  const keys: PgpKey[] = [];
  let unreadable: SlipwayError | undefined;
  for (const bytes of keyBlocks(data)) {
    try {
      keys.push(await keyFrom(library, bytes));
    } catch (error) {
      const reason =
        error instanceof SlipwayError ? error.message : `openpgp: invalid data: ${String(error)}`;
      unreadable = pgpFault(reason);
    }
  }
  if (keys.length === 0 && unreadable !== undefined) throw unreadable;
  return keys;
}

/**
 * The key that has a name or a part of one; undefined where none has.
 *
 * @throws {SlipwayError} PGP when several have the part and none is named so.
 */
export function findKey(keyring: Keyring, name: string): PgpKey | undefined {
  const named = keyring.flatMap((key) => key.names.map((own) => ({ own, key })));
  const exact = named.find(({ own }) => own === name);
  if (exact !== undefined) return exact.key;
  const close = named.filter(({ own }) => own.includes(name));
  if (close.length > 1) throw pgpFault(`more than one key contain the id ${JSON.stringify(name)}`);
  return close[0]?.key;
}

/** The bytes of each key with what belongs to it, without GnuPG's notes on whom its owner trusts. */
function keyBlocks(data: Uint8Array): Uint8Array[] {
  const blocks: Packet[][] = [];
  for (const packet of packetsOf(data, HINT)) {
    if (packet.tag === TRUST) continue;
    if (packet.tag === PUBLIC_KEY || packet.tag === SECRET_KEY || blocks.length === 0) blocks.push([]);
    blocks.at(-1)?.push(packet);
  }
  return blocks.map((packets) => Buffer.concat(packets.map(({ bytes }) => bytes)));
}

async function keyFrom(library: Library, binaryKey: Uint8Array): Promise<PgpKey> {
  const key = await library.readKey({ binaryKey });
  const primary = key.keyPacket;
  for (const { keyPacket } of [key, ...key.subkeys]) checkSize(library, keyPacket);
  const isGenuine = async (
    signature: SignaturePacket,
    type: Parameters<SignaturePacket["verify"]>[1],
    data: object,
  ): Promise<true> => {
    // At its own time: whether it still holds is for those to judge who use the key.
    const date = signature.created ?? undefined;
    await signature.verify(primary, type, { key: primary, ...data }, date, false, anyHash(library));
    return true;
  };
  const { signature: types } = library.enums;
  const users: { readonly user: User; readonly self: SignaturePacket; readonly isRevoked: boolean }[] = [];
  for (const user of key.users) {
    const { userID } = user;
    if (userID === null) continue;
    for (const one of user.selfCertifications) await isGenuine(one, types.certGeneric, { userID });
    const revocations = user.revocationSignatures.filter((one) => isOwn(one, key));
    for (const one of revocations) await isGenuine(one, types.certRevocation, { userID });
    const self = newest(user.selfCertifications);
    if (self !== undefined) users.push({ user, self, isRevoked: revocations.length > 0 });
  }
  const subkeys: PgpSubkey[] = [];
  for (const subkey of key.subkeys) {
    const data = { bind: subkey.keyPacket };
    for (const one of subkey.bindingSignatures) {
      await isGenuine(one, types.subkeyBinding, data);
      await checkConsent(library, primary, subkey, one);
    }
    for (const one of subkey.revocationSignatures) await isGenuine(one, types.subkeyRevocation, data);
    const binding = newest(subkey.bindingSignatures);
    if (binding === undefined)
      throw pgpFault("openpgp: invalid data: subkey packet not followed by signature");
    subkeys.push({ key: subkey, binding, isRevoked: subkey.revocationSignatures.length > 0 });
  }
  for (const one of key.revocationSignatures) await isGenuine(one, types.keyRevocation, {});
  const [main] = users.toSorted(
    (a, b) =>
      Number(a.isRevoked) - Number(b.isRevoked) ||
      Number(b.self.isPrimaryUserID ?? false) - Number(a.self.isPrimaryUserID ?? false) ||
      secondsOf(b.self) - secondsOf(a.self),
  );
  if (main === undefined) {
    throw pgpFault(`openpgp: invalid data: v${primary.version} entity without any identities`);
  }
  return {
    fingerprint: key.getFingerprint().toUpperCase(),
    names: users.map(({ user }) => user.userID?.userID ?? ""),
    key,
    selfSignature: main.self,
    isRevoked: key.revocationSignatures.length > 0 || main.isRevoked,
    subkeys,
  };
}

/** Bits of the group and of the numbers in it: the standard ends at 3072 and 256. */
const LARGEST_DSA = { p: 4096, q: 512 };

/** A DSA key, unlike one of another kind, may be of a size with which one signature takes hours. */
function checkSize({ enums }: Library, { algorithm, publicParams }: (Key | Subkey)["keyPacket"]): void {
  if (algorithm !== enums.publicKey.dsa) return;
  const { p, q } = publicParams as { readonly p: Uint8Array; readonly q: Uint8Array };
  if (p.length * 8 > LARGEST_DSA.p || q.length * 8 > LARGEST_DSA.q) {
    throw pgpFault(`openpgp: unsupported feature: a DSA key of ${p.length * 8} and ${q.length * 8} bits`);
  }
}

/**
 * A key that may sign must say itself whose it is: else anybody could call the subkey of another his own, and what the
 * other has signed his work.
 */
async function checkConsent(
  library: Library,
  primary: Key["keyPacket"],
  { keyPacket }: Subkey,
  binding: SignaturePacket,
): Promise<void> {
  if (!maySign(binding)) return;
  const consent = binding.embeddedSignature;
  const invalid = "openpgp: invalid data: subkey signature invalid: openpgp: invalid data:";
  if (consent === null) throw pgpFault(`${invalid} signing subkey is missing cross-signature`);
  const { keyBinding } = library.enums.signature;
  const data = { key: primary, bind: keyPacket };
  try {
    await consent.verify(keyPacket, keyBinding, data, consent.created ?? undefined, false, anyHash(library));
  } catch (error) {
    throw pgpFault(`${invalid} error while verifying cross-signature: ${(error as Error).message}`);
  }
}

const SIGNING = 2;

/** Whether what an owner says of a key lets it sign messages. */
export function maySign(statement: SignaturePacket): boolean {
  return ((statement.keyFlags?.[0] ?? 0) & SIGNING) !== 0;
}

/** What keys say of themselves was often hashed with SHA-1; Helm takes it. */
function anyHash(library: Library) {
  return { ...library.config, rejectHashAlgorithms: new Set<never>() };
}

function isOwn(signature: SignaturePacket, key: Key): boolean {
  return signature.issuerKeyID.equals(key.getKeyID());
}

function newest(signatures: readonly SignaturePacket[]): SignaturePacket | undefined {
  return signatures.toSorted((a, b) => secondsOf(b) - secondsOf(a))[0];
}

function secondsOf(signature: SignaturePacket): number {
  return (signature.created?.getTime() ?? 0) / 1000;
}
