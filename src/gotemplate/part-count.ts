/** More parts than any chart has; to go through so many takes seconds. */
const MAX_PARTS = 4_000_000;

/**
 * Counts the parts of a value while they are gone through: one whose parts are shared is a small thing in memory and an
 * endless one to whoever walks it.
 */
export class PartCount {
  #count = 0;

  /** @throws {RangeError} when there are more than four million. */
  next(): void {
    if (++this.#count > MAX_PARTS) throw new RangeError(`a value of more than ${MAX_PARTS} parts`);
  }
}
