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
