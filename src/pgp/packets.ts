import { pgpFault } from "./library.ts";

export interface Packet {
  readonly tag: number;
  /** With its header. */
  readonly bytes: Uint8Array;
  readonly body: Uint8Array;
}

/**
 * Cuts a stream of packets apart. A header is one of two kinds, told apart by bit 6 of its first byte:
 *
 *   old   10tttttt with the tag in bits 5-2; bits 1-0 say whether 1, 2 or 4 bytes of length follow, or none (to the end)
 *   new   11tttttt with the tag in bits 5-0; then a length of 1 byte (below 192), 2 (192 to 223) or 5 (first is 255)
 *
 * @param hint for the person who gave something else.
 * @throws {SlipwayError} PGP when it is no such stream, at the place where it is none.
 * @see RFC 9580, section 4.2
 */
export function* packetsOf(data: Uint8Array, hint?: string): Generator<Packet> {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (let at = 0; at < data.length;) {
    const first = view.getUint8(at);
    if ((first & 0x80) === 0) throw pgpFault("openpgp: invalid data: tag byte does not have MSB set", hint);
    const { header, length } = (first & 0x40) === 0 ? oldSize(view, at) : newSize(view, at);
    const end = at + header + length;
    if (end > data.length) throw pgpFault("unexpected EOF");
    const tag = (first & 0x40) === 0 ? (first >> 2) & 15 : first & 63;
    yield { tag, bytes: data.subarray(at, end), body: data.subarray(at + header, end) };
    at = end;
  }
}

interface Size {
  readonly header: number;
  readonly length: number;
}

function oldSize(view: DataView, at: number): Size {
  const wanted = [1, 2, 4, 0][view.getUint8(at) & 3] ?? 0;
  if (at + 1 + wanted > view.byteLength) throw pgpFault("unexpected EOF");
  switch (wanted) {
    case 1:
      return { header: 2, length: view.getUint8(at + 1) };
    case 2:
      return { header: 3, length: view.getUint16(at + 1) };
    case 4:
      return { header: 5, length: view.getUint32(at + 1) };
    default:
      return { header: 1, length: view.byteLength - at - 1 };
  }
}

function newSize(view: DataView, at: number): Size {
  const byte = (offset: number): number => {
    if (at + offset >= view.byteLength) throw pgpFault("unexpected EOF");
    return view.getUint8(at + offset);
  };
  const first = byte(1);
  if (first < 192) return { header: 2, length: first };
  if (first < 224) return { header: 3, length: ((first - 192) << 8) + byte(2) + 192 };
  if (first < 255) throw pgpFault("openpgp: unsupported feature: a packet in parts");
  byte(5);
  return { header: 6, length: view.getUint32(at + 2) };
}
