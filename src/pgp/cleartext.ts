/**
 * A text and its signature in one file:
 *
 *   -----BEGIN PGP SIGNED MESSAGE-----
 *   Hash: SHA512
 *                                        an empty line
 *   the text; a line that begins with a hyphen has "- " before it
 *   -----BEGIN PGP SIGNATURE-----
 *                                        an empty line
 *   base64
 *   -----END PGP SIGNATURE-----
 *
 * @see RFC 9580, section 7
 */
export interface Cleartext {
  readonly text: string;
  /** With the lines that begin and end it. */
  readonly armored: string;
}

const BEGIN = "-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNATURE = "-----BEGIN PGP SIGNATURE-----";
const END = "-----END PGP SIGNATURE-----";
const HASHES = ["MD5", "SHA1", "RIPEMD160", "SHA224", "SHA256", "SHA384", "SHA512", "SHA3-256", "SHA3-512"];

/** The first signed text of a file; undefined where there is none or it is not whole. */
export function parseCleartext(file: string): Cleartext | undefined {
  const lines = file.split(/\r?\n/);
  const begin = lines.indexOf(BEGIN);
  const empty = lines.findIndex((line, at) => at > begin && line.trim() === "");
  const signature = lines.findIndex((line, at) => at > empty && line === SIGNATURE);
  const end = lines.findIndex((line, at) => at > signature && line.startsWith(END));
  if (begin < 0 || empty < 0 || signature < 0 || end < 0) return undefined;
  if (!lines.slice(begin + 1, empty).every(isHashHeader)) return undefined;
  const text = lines
    .slice(empty + 1, signature)
    .map((line) => withoutEnd(line.replace(/^- /, "")))
    .join("\n");
  return { text, armored: lines.slice(signature, end + 1).join("\n") };
}

/** The file of a text and the bytes of its signature. */
export function formatCleartext(text: string, hash: string, signature: Uint8Array): string {
  const lines = text.split("\n").map((line) => withoutEnd(line).replace(/^-/, "- -"));
  const base64 = Buffer.from(signature)
    .toString("base64")
    .replace(/.{64}(?=.)/g, "$&\n");
  return [BEGIN, `Hash: ${hash}`, "", ...lines, SIGNATURE, "", base64, END].join("\n");
}

/** The bytes that are signed: no blanks at the ends of lines, and line ends of the network. */
export function signedBytes(text: string): Uint8Array {
  return Buffer.from(text.split("\n").map(withoutEnd).join("\r\n"));
}

function withoutEnd(line: string): string {
  return line.replace(/[ \t\r]+$/, "");
}

function isHashHeader(line: string): boolean {
  const [, names] = /^Hash:(.*)$/.exec(line) ?? [];
  return names?.split(",").every((name) => HASHES.includes(name.trim().toUpperCase())) ?? false;
}
