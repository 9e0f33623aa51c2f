import type { Config, SecretKeyPacket, SignaturePacket } from "openpgp";
import { canonical, formatCleartext, signedBytes } from "./cleartext.ts";
import type { PgpKey } from "./keyring.ts";
import { loadLibrary, pgpFault } from "./library.ts";

/** The library's declaration lacks the settings, without which its method fails. */
type Sign = (
  key: SecretKeyPacket,
  data: object,
  date: Date,
  isDetached: boolean,
  config: Config,
) => ReturnType<SignaturePacket["sign"]>;

/**
 * A text with the signature of a secret key, made as Helm does: by the primary key, whatever subkeys there are.
 *
 * @param passphrase asked for when the key is locked, with a name of its owner.
 * @throws {SlipwayError} PGP when there is no secret key, or the passphrase does not open it.
 */
export async function clearSign(
  text: string,
  key: PgpKey | undefined,
  now: Date,
  passphrase: (name: string) => Promise<string>,
): Promise<string> {
  const library = await loadLibrary();
  if (key === undefined) throw pgpFault("private key not found");
  const { keyPacket } = key.key;
  if (!(keyPacket instanceof library.SecretKeyPacket)) {
    throw pgpFault("provided key is not a private key. Try providing a keyring with secret keys");
  }
  if (!keyPacket.isDecrypted()) await unlock(keyPacket, await passphrase(key.names[0] ?? "Unknown"));
  const signature = new library.SignaturePacket();
  signature.signatureType = library.enums.signature.text;
  signature.publicKeyAlgorithm = keyPacket.algorithm;
  signature.hashAlgorithm = library.enums.hash.sha512;
  const signed = canonical(text);
  const data = { getBytes: () => signedBytes(signed) };
  await (signature.sign as Sign).call(signature, keyPacket, data, now, true, library.config);
  const packets = new library.PacketList<SignaturePacket>();
  packets.push(signature);
  return formatCleartext(signed, "SHA512", packets.write());
}

async function unlock(key: SecretKeyPacket, passphrase: string): Promise<void> {
  if (key.isDummy()) throw pgpFault("openpgp: s2k GNU dummy key: dummy key found");
  try {
    await key.decrypt(passphrase);
  } catch (error) {
    const said = (error as Error).message;
    const isWrong = said.startsWith("Incorrect key passphrase");
    throw pgpFault(`openpgp: invalid data: ${isWrong ? "private key checksum failure" : said}`);
  }
}
