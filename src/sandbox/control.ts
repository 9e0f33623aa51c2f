import type { Duplex, Readable } from "node:stream";
import { SlipwayError } from "#errors";

/**
 * Slipway's end of the socket to the script: words that mark how far it is, and between them what mount(8) had to complain.
 * @see MOUNT_SCRIPT
 */
export class ControlChannel {
  readonly #socket: Duplex;
  #text = "";
  #isClosed = false;
  #wake: () => void = () => undefined;

  constructor(socket: Duplex) {
    this.#socket = socket;
    this.listen(socket);
    const close = (): void => {
      this.#isClosed = true;
      this.#wake();
    };
    socket.on("end", close).on("close", close).on("error", close);
  }

  /** Takes in what setpriv and unshare themselves may say before there is a script. */
  listen(stream: Readable): void {
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      this.#text += text;
      this.#wake();
    });
  }

  /**
   * Waits for a word.
   *
   * @throws {SlipwayError} SANDBOX_SETUP_FAILED when the script gives up or ends before it.
   */
  async expect(word: string): Promise<void> {
    for (;;) {
      const lines = this.#text.split("\n").slice(0, -1);
      const at = lines.indexOf(word);
      if (at >= 0) {
        this.#text = this.#text
          .split("\n")
          .slice(at + 1)
          .join("\n");
        return;
      }
      if (this.#isClosed || lines.includes("failed"))
        throw setupError(lines.filter((line) => line !== "failed"));
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  say(word: string): void {
    this.#socket.write(`${word}\n`);
  }
}

function setupError(lines: readonly string[]): SlipwayError {
  const said = lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("dmesg(1)"));
  const isForbidden = said.some((line) => /permission denied|not permitted/i.test(line));
  const reason = said.length === 0 ? "the namespaces could not be made" : said.join("; ");
  return new SlipwayError("SANDBOX_SETUP_FAILED", `Cannot set up the root of a command: ${reason}`, {
    hint: isForbidden
      ? "Run slipway as root or as a user with subordinate ids; inside a container, start that container with --privileged"
      : "slipway doctor says what this machine lacks",
  });
}
