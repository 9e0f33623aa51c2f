import { pgpFault } from "./library.ts";

const LONGEST_LINE = 96;

/**
 * The bytes of an armored block; undefined where what stands before the empty line are no headers. The checksum after
 * them is passed over, as it is by Go: it protects nothing that the signature does not.
 *
 *   -----BEGIN PGP SIGNATURE-----
 *   Comment: a header
 *                                        an empty line
 *   base64
 *   =CRC24
 *   -----END PGP SIGNATURE-----
 *
 * @throws {SlipwayError} PGP when the bytes are not base64.
 * @see RFC 9580, section 6.2
 */
export function unarmor(lines: readonly string[]): Uint8Array | undefined {
  const empty = lines.findIndex((line) => line.trim() === "");
  if (empty < 0 || !lines.slice(1, empty).every((line) => line.includes(":"))) return undefined;
  const body = lines.slice(empty + 1).map((line) => line.trim());
  const end = body.findIndex((line) => line.startsWith("=") || line.startsWith("-----END"));
  const encoded = body.slice(0, end < 0 ? body.length : end);
  if (encoded.some((line) => line.length > LONGEST_LINE))
    throw pgpFault("openpgp: invalid data: armor invalid");
  const base64 = encoded.join("");
  const [good = ""] = /^[A-Za-z0-9+/]*={0,2}/.exec(base64) ?? [];
  if (good.length < base64.length) throw pgpFault(`illegal base64 data at input byte ${good.length}`);
  if (base64.length % 4 !== 0) throw pgpFault("unexpected EOF");
  return Buffer.from(base64, "base64");
}
