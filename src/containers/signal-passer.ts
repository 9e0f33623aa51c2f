import type { RunningSandbox } from "#sandbox";

const OF_KEYBOARD: readonly NodeJS.Signals[] = ["SIGINT", "SIGQUIT"];
const PASSED: readonly NodeJS.Signals[] = ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", ...OF_KEYBOARD];
const ENDING: readonly NodeJS.Signals[] = ["SIGTERM", "SIGINT"];

/**
 * Passes the signals that reach slipway on to a container in the foreground, also those that came before it ran. The third that
 * asks for an end gets it: process 1 of a container may well ignore them. On a terminal the kernel itself gives the command the
 * keyboard's signals.
 */
export class SignalPasser implements Disposable {
  readonly #early: NodeJS.Signals[] = [];
  readonly #listener: (name: NodeJS.Signals) => void;
  #sandbox: RunningSandbox | undefined;
  #asked = 0;

  constructor(hasTerminal: boolean) {
    this.#listener = (name) => {
      if (!hasTerminal || !OF_KEYBOARD.includes(name)) this.#pass(name);
    };
    for (const name of PASSED) process.on(name, this.#listener);
  }

  passTo(sandbox: RunningSandbox): void {
    this.#sandbox = sandbox;
    for (const name of this.#early) this.#pass(name);
  }

  [Symbol.dispose](): void {
    for (const name of PASSED) process.off(name, this.#listener);
  }

  #pass(name: NodeJS.Signals): void {
    if (this.#sandbox === undefined) this.#early.push(name);
    else if (ENDING.includes(name) && ++this.#asked === 3) this.#sandbox.kill();
    else void this.#sandbox.signal(name);
  }
}
