/**
 * What Node 22 lacks of the standard library: the bundler writes `await using` in words that it knows, but the stack that
 * goes with it came with Node 24. Everything is closed, in reverse order, whatever fails; the first failure is thrown.
 *
 * @see ECMAScript 2026, "AsyncDisposableStack Objects"
 */
class DisposableStackOfNode24 implements AsyncDisposableStack {
  #closings: (() => unknown)[] = [];
  #isDisposed = false;
  readonly [Symbol.toStringTag] = "AsyncDisposableStack";

  get disposed(): boolean {
    return this.#isDisposed;
  }

  use<T extends AsyncDisposable | Disposable | null | undefined>(value: T): T {
    if (value === null || value === undefined) return value;
    return this.adopt(value, (one) =>
      Symbol.asyncDispose in one ? one[Symbol.asyncDispose]() : one[Symbol.dispose](),
    );
  }

  adopt<T>(value: T, close: (value: T) => unknown): T {
    this.defer(() => close(value));
    return value;
  }

  defer(closing: () => unknown): void {
    if (this.#isDisposed) throw new ReferenceError("the stack is disposed already");
    this.#closings.push(closing);
  }

  move(): AsyncDisposableStack {
    if (this.#isDisposed) throw new ReferenceError("the stack is disposed already");
    const moved = new DisposableStackOfNode24();
    moved.#closings = this.#closings;
    this.#closings = [];
    this.#isDisposed = true;
    return moved;
  }

  async disposeAsync(): Promise<void> {
    this.#isDisposed = true;
    const failures: unknown[] = [];
    for (let closing = this.#closings.pop(); closing !== undefined; closing = this.#closings.pop()) {
      try {
        await closing();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.disposeAsync();
  }
}

globalThis.AsyncDisposableStack ??= DisposableStackOfNode24;
