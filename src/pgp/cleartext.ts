import { unarmor } from "./armor.ts";

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
  /** The packets of the signature. */
  readonly signature: Uint8Array;
}

const BEGIN = "-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNATURE = "-----BEGIN PGP SIGNATURE-----";
const END = "-----END PGP SIGNATURE-----";
const HASHES = ["MD5", "SHA1", "RIPEMD160", "SHA224", "SHA256", "SHA384", "SHA512", "SHA3-256", "SHA3-512"];

/**
 * The first signed text of a file; undefined where there is none or it is not whole. What else stands in the file is
 * not looked at.
 */
export function parseCleartext(file: string): Cleartext | undefined {
  const lines = file.split(/\r?\n/);
  const begin = lines.findIndex((line) => line.startsWith(BEGIN));
  const empty = lines.findIndex((line, at) => at > begin && line.trim() === "");
  const signature = lines.findIndex((line, at) => at > empty && line === SIGNATURE);
  const end = lines.findIndex((line, at) => at > signature && line.startsWith(END));
  if (begin < 0 || empty < 0 || signature < 0 || end < 0) return undefined;
  if (lines[begin] !== BEGIN || !lines.slice(begin + 1, empty).every(isHashHeader)) return undefined;
  const text = lines
    .slice(empty + 1, signature)
    .map((line) => withoutEnd(line.replace(/^- /, ""), " \t"))
    .join("\n");
  const bytes = unarmor(lines.slice(signature, end + 1));
  return bytes && { text, signature: bytes };
}

/** The file of a text that canonical() has made, and the bytes of its signature. */
export function formatCleartext(text: string, hash: string, signature: Uint8Array): string {
  const lines = text.split("\n").map((line) => line.replace(/^-/, "- -"));
  const base64 = Buffer.from(signature)
    .toString("base64")
    .replace(/.{64}(?=.)/g, "$&\n");
  return [BEGIN, `Hash: ${hash}`, "", ...lines, SIGNATURE, "", base64, END].join("\n");
}

/** A text as it can be signed: without blanks at the ends of lines. */
export function canonical(text: string): string {
  const lines = text.split("\n").map((line) => withoutEnd(line, " \t\r"));
  return lines.join("\n");
}

/** The bytes that are signed, with the line ends of the network. */
export function signedBytes(text: string): Uint8Array {
  return Buffer.from(text.replaceAll("\n", "\r\n"));
}

/** An expression would look at each run of blanks once for each of its places. */
function withoutEnd(line: string, blanks: string): string {
  let end = line.length;
  while (end > 0 && blanks.includes(line.charAt(end - 1))) end--;
  return line.slice(0, end);
}

function isHashHeader(line: string): boolean {
  const [, names] = /^ *Hash *:([ -~]*)$/.exec(line) ?? [];
  return names?.split(",").every((name) => HASHES.includes(name.trim().toUpperCase())) ?? false;
}
