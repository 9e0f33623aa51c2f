import { SlipwayError } from "#errors";
import type { Context } from "../command.ts";

const ENTER = new Set(["\r", "\n", "\u0004"]);
const ERASE = new Set(["\u007f", "\b"]);
const INTERRUPT = "\u0003";

/** The first line of the standard input, whatever that is. */
export async function askLine(context: Context, prompt: string): Promise<string> {
  context.out(prompt);
  const typed = await characters((text) => text.includes("\n"));
  if (typed === "") throw new SlipwayError("HELM_COMMAND", "EOF");
  return typed.split(/\r?\n/, 1)[0] ?? "";
}

/**
 * A word typed at the terminal, which does not show it.
 *
 * @param refused what is printed after the prompt when there is no terminal.
 * @throws {SlipwayError} HELM_COMMAND with Go's words when the standard input is no terminal.
 */
export async function askSecret(context: Context, prompt: string, refused: "" | "\n"): Promise<string> {
  const { stdin } = process;
  if (!stdin.isTTY) {
    context.out(`${prompt}${refused}`);
    throw new SlipwayError("HELM_COMMAND", "inappropriate ioctl for device", {
      hint: "The standard input is no terminal to ask at: give the secret by a flag, or by a pipe and the flag that reads it",
    });
  }
  stdin.setRawMode(true);
  try {
    context.out(prompt);
    let word = "";
    await characters((text) => {
      for (const letter of text) {
        if (letter === INTERRUPT) process.kill(process.pid, "SIGINT");
        if (letter === INTERRUPT || ENTER.has(letter)) return true;
        word = ERASE.has(letter) ? word.slice(0, -1) : word + letter;
      }
      return false;
    });
    context.signal.throwIfAborted();
    return word;
  } finally {
    stdin.setRawMode(false);
    context.out("\n");
  }
}

/** What comes until a piece ends it, or until there is no more. */
async function characters(isLast: (text: string) => boolean): Promise<string> {
  const { stdin } = process;
  stdin.setEncoding("utf8");
  return new Promise((resolve, reject) => {
    let all = "";
    const take = (text: string): void => {
      all += text;
      if (isLast(text)) end();
    };
    const end = (): void => {
      stdin.off("data", take).off("end", end).off("error", reject).pause();
      resolve(all);
    };
    stdin.on("data", take).on("end", end).on("error", reject).resume();
  });
}
