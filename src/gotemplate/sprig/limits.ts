/** How much one call may make. A template that asks for more fails, with the function's name in the message. */
export interface Limits {
  /** Items of `until`, `untilStep`, `seq`, `concat`; 4,000,000 unless told. */
  readonly items: number;
  /** Characters of a text that a function makes longer, such as `repeat` and `indent`; 64 Mi unless told. */
  readonly characters: number;
  /** Characters of a text that a function takes apart one by one, such as `shuffle` and `split`; 8 Mi unless told: more than a chart's file. */
  readonly slowCharacters: number;
  /** Characters of a regular expression; 64 Ki unless told. */
  readonly patternCharacters: number;
}

export const DEFAULT_LIMITS: Limits = {
  items: 4_000_000,
  characters: 64 * 1024 * 1024,
  slowCharacters: 8 * 1024 * 1024,
  patternCharacters: 64 * 1024,
};

/** @throws {Error} when the text would be longer than allowed. */
export function checkLength(limits: Limits, length: number): void {
  if (length > limits.characters) {
    throw new Error(
      `the result would have ${length} characters, more than the limit of ${limits.characters}`,
    );
  }
}

/** @throws {Error} when there would be more items than allowed. */
export function checkCount(limits: Limits, count: bigint): void {
  if (count > BigInt(limits.items)) {
    throw new Error(`the result would have ${count} items, more than the limit of ${limits.items}`);
  }
}
