/** Numbers that look random and are the same for the same seed: a failure comes again. */
export function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/**
 * A valid text with a few faults in it: parts taken out, doubled or put elsewhere, and pieces of the grammar where they
 * do not belong.
 */
export function mutatedText(
  texts: readonly string[],
  pieces: readonly string[],
  next: (below: number) => number,
): string {
  let text = texts[next(texts.length)] ?? "";
  for (let left = 1 + next(4); left > 0; left--) {
    const from = next(text.length + 1);
    const to = Math.min(text.length, from + next(12));
    const at = next(text.length + 1);
    switch (next(4)) {
      case 0:
        text = text.slice(0, from) + text.slice(to);
        break;
      case 1:
        text = text.slice(0, at) + text.slice(from, to) + text.slice(at);
        break;
      case 2:
        text = text.slice(0, at) + (pieces[next(pieces.length)] ?? "") + text.slice(at);
        break;
      default:
        text = text.slice(0, from);
    }
  }
  return text;
}

/** Bytes with a few faults in them: parts taken out or doubled, bits turned over, the end cut off, and pieces put in. */
export function mutatedBytes(
  valid: Uint8Array,
  pieces: readonly (readonly number[])[],
  next: (below: number) => number,
): Buffer {
  let bytes = Buffer.from(valid);
  const put = (at: number, piece: Uint8Array): Buffer<ArrayBuffer> =>
    Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
  for (let left = 1 + next(4); left > 0; left--) {
    const from = next(bytes.length + 1);
    const to = Math.min(bytes.length, from + next(40));
    const at = next(bytes.length + 1);
    switch (next(5)) {
      case 0:
        bytes = Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
        break;
      case 1:
        bytes = put(at, bytes.subarray(from, to));
        break;
      case 2:
        bytes = put(at, Uint8Array.from(pieces[next(pieces.length)] ?? []));
        break;
      case 3:
        if (next(4) === 0) bytes = bytes.subarray(0, from);
        break;
      default:
        if (at < bytes.length) bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << next(8)), at);
    }
  }
  return bytes;
}
