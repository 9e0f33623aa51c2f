/** Takes an asynchronous sequence of pieces as bytes: exactly so many, or whatever comes. */
export class ByteReader {
  readonly #source: AsyncIterator<Buffer>;
  #pieces: Buffer[] = [];
  #length = 0;

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Exactly `size` bytes, when they are here already. */
  takeNow(size: number): Buffer | undefined {
    if (this.#length < size) return undefined;
    const first = this.#pieces[0];
    const whole = first !== undefined && first.length >= size ? first : Buffer.concat(this.#pieces);
    this.#pieces = whole === first ? this.#pieces.slice(1) : [];
    if (whole.length > size) this.#pieces.unshift(whole.subarray(size));
    this.#length -= size;
    return whole.subarray(0, size);
  }

  /** Exactly `size` bytes; fewer only when the source ends before. */
  async take(size: number): Promise<Buffer> {
    while (this.#length < size && (await this.#more()));
    return this.takeNow(Math.min(size, this.#length)) ?? Buffer.alloc(0);
  }

  /** At least one byte and at most `limit`; undefined at the end of the source. */
  async takeSome(limit: number): Promise<Buffer | undefined> {
    if (this.#length === 0 && !(await this.#more())) return undefined;
    return this.takeNow(Math.min(limit, this.#pieces[0]?.length ?? 0));
  }

  /** Reads the source to its end and drops what comes. */
  async drain(): Promise<void> {
    do this.#drop();
    while (await this.#more());
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }

  #drop(): void {
    this.#pieces = [];
    this.#length = 0;
  }

  async #more(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done === true) return false;
    if (next.value.length > 0) {
      this.#pieces.push(next.value);
      this.#length += next.value.length;
    }
    return true;
  }
}
