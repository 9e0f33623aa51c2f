import { closeSync, constants, openSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import type { Readable } from "node:stream";

/**
 * Slipway's ends of the pipes `1` and `2` of a staging directory. They are open before the command is, or its shell would wait
 * for a reader; and they are read only after it has opened them, or they would look ended.
 */
export class OutputPipes {
  readonly #descriptors: readonly number[];

  constructor(staging: string) {
    this.#descriptors = ["1", "2"].map((name) =>
      openSync(join(staging, name), constants.O_RDONLY | constants.O_NONBLOCK),
    );
  }

  /** stdout and stderr; they close themselves at their end. */
  read(): readonly [Readable, Readable] {
    const [out = -1, err = -1] = this.#descriptors;
    return [
      new Socket({ fd: out, readable: true, writable: false }),
      new Socket({ fd: err, readable: true, writable: false }),
    ];
  }

  /** For when nothing was ever read. */
  close(): void {
    for (const descriptor of this.#descriptors) closeSync(descriptor);
  }
}
