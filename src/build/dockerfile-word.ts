import { SlipwayError } from "#errors";

/**
 * A word of a Dockerfile as it counts: `$NAME`, `${NAME}`, `${NAME:-other}` and `${NAME:+other}` expanded, quotes taken away
 * (nothing is expanded between single ones), a backslash protecting what follows.
 *
 * @throws {SlipwayError} BUILD_BAD_DIRECTIVE for a quote or brace that does not close.
 * @see Dockerfile reference, "Environment replacement"
 */
export function expandWord(word: string, env: Readonly<Record<string, string>>): string {
  return new Expander(word, env).all();
}

class Expander {
  readonly #text: string;
  readonly #env: Readonly<Record<string, string>>;
  #at = 0;

  constructor(text: string, env: Readonly<Record<string, string>>) {
    this.#text = text;
    this.#env = env;
  }

  all(): string {
    return this.#until(undefined, false);
  }

  #until(end: string | undefined, isQuoted: boolean): string {
    let result = "";
    while (this.#at < this.#text.length) {
      const character = this.#text.charAt(this.#at++);
      if (character === end) return result;
      if (character === "\\") result += this.#escaped(isQuoted);
      else if (character === "'" && !isQuoted) result += this.#singleQuoted();
      else if (character === '"' && !isQuoted) result += this.#until('"', true);
      else if (character === "$") result += this.#variable();
      else result += character;
    }
    if (end !== undefined) {
      throw new SlipwayError(
        "BUILD_BAD_DIRECTIVE",
        `Bad docker directive: ${end} is missing in \`${this.#text}\``,
        {
          hint: "Put a backslash before a quote, brace or dollar sign that is meant as it is",
        },
      );
    }
    return result;
  }

  #escaped(isQuoted: boolean): string {
    const next = this.#text.charAt(this.#at++);
    if (next === "") return "\\";
    return isQuoted && !['"', "$", "\\"].includes(next) ? `\\${next}` : next;
  }

  #singleQuoted(): string {
    const end = this.#text.indexOf("'", this.#at);
    if (end === -1) return this.#until("'", true);
    const text = this.#text.slice(this.#at, end);
    this.#at = end + 1;
    return text;
  }

  #variable(): string {
    if (this.#text.charAt(this.#at) !== "{") {
      const name = /^([A-Za-z_][A-Za-z0-9_]*|[0-9*#@?-])/.exec(this.#text.slice(this.#at))?.[0];
      if (name === undefined) return "$";
      this.#at += name.length;
      return this.#env[name] ?? "";
    }
    this.#at += 1;
    const name = /^[A-Za-z0-9_]*/.exec(this.#text.slice(this.#at))?.[0] ?? "";
    this.#at += name.length;
    const value = this.#env[name];
    const operator = /^:?[-+]/.exec(this.#text.slice(this.#at))?.[0] ?? "";
    this.#at += operator.length;
    const other = this.#until("}", false);
    const isSet = value !== undefined && (value !== "" || !operator.startsWith(":"));
    if (operator.endsWith("-")) return isSet ? value : other;
    if (operator.endsWith("+")) return isSet ? other : "";
    return value ?? "";
  }
}
