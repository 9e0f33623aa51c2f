import { isBroken, isSpace, isUpper, lowerOf, upperOf } from "./letters.ts";

/**
 * Names in other spellings: `FirstName`, `first_name`, `first-name`. The rules, with all their corners, are those of
 * xstrings 1.5 (ToPascalCase, ToSnakeCase, ToKebabCase), which Sprig uses.
 */

/** `http_server` becomes `HttpServer`. A word in capitals keeps only the first; `_` alone is doubled. */
export function pascalCase(text: string): string {
  const characters = Array.from(text, (character) => (isBroken(character) ? "\ufffd" : character));
  const start = characters.findIndex((character) => !isConnector(character));
  if (start < 0) return characters.join("") + (characters.at(-1) ?? "");
  let out = characters.slice(0, start).join("");
  let isLowering = isUpper(characters[start] ?? "");
  let current = upperOf(characters[start] ?? "");
  for (const next of characters.slice(start + 1)) {
    const previous = current;
    current = next;
    if (isConnector(previous)) {
      if (isConnector(next)) {
        out += previous;
        continue;
      }
      isLowering = isUpper(next);
      current = upperOf(next);
      continue;
    }
    if (isLowering && isUpper(next)) current = lowerOf(next);
    else isLowering = false;
    out += previous;
  }
  return out + current;
}

/** `HTTPServer2xx` becomes `http_server_2xx`. */
export function snakeCase(text: string): string {
  return separated(text, "_");
}

/** `HTTPServer2xx` becomes `http-server-2xx`. */
export function kebabCase(text: string): string {
  return separated(text, "-");
}

type WordKind = "none" | "number" | "capitals" | "letters" | "connector" | "punctuation" | "other";

interface Word {
  readonly kind: WordKind;
  readonly text: string;
}

const NONE: Word = { kind: "none", text: "" };

function separated(text: string, connector: string): string {
  const words = new WordReader(Array.from(text));
  let out = "";
  const write = (word: Word) => {
    out += spelled(word, connector);
  };
  const writeLettersAndNumbers = (from: Word): Word => {
    let word = from;
    while (word.kind === "letters" || word.kind === "number") {
      write(word);
      word = words.next();
    }
    return word;
  };
  const connect = (next: Word, isEndToo: boolean) => {
    if (next.kind === "connector" || next.kind === "punctuation" || (isEndToo && next.kind === "none"))
      return;
    out += connector;
  };

  let word = words.next();
  while (words.hasMore) {
    const previous = word;
    if (previous.kind !== "connector") write(previous);
    word = words.next();
    if (previous.kind === "punctuation") continue;
    if (previous.kind === "connector") {
      write(previous);
    } else if (previous.kind === "number") {
      word = writeLettersAndNumbers(word);
      connect(word, true);
    } else if (word.kind !== "number") {
      connect(word, false);
    } else if (words.hasMore) {
      const number = word;
      word = words.next();
      if (word.kind === "letters") {
        out += connector;
        write(number);
        word = writeLettersAndNumbers(word);
        connect(word, true);
      } else {
        write(number);
        connect(word, false);
      }
    }
  }
  write(word);
  return out;
}

function spelled({ kind, text }: Word, connector: string): string {
  if (kind !== "capitals" && kind !== "connector") return text;
  return Array.from(text, (character) => {
    if (isBroken(character)) return "\ufffd";
    return isConnector(character) ? connector : isUpper(character) ? lowerOf(character) : character;
  }).join("");
}

/** Cuts a text into words. Broken characters are passed over and go with the word in which they stand. */
class WordReader {
  readonly #text: readonly string[];
  #at = 0;

  constructor(text: readonly string[]) {
    this.#text = text;
  }

  get hasMore(): boolean {
    return this.#at < this.#text.length;
  }

  next(): Word {
    if (!this.hasMore) return NONE;
    const from = this.#at;
    const [first, end] = this.#peek(from, "\ufffd");
    this.#at = end;
    if (first === "\ufffd") return this.#word("none", from);
    if (isConnector(first)) return this.#run("connector", from, first, isConnector);
    if (/\p{P}/u.test(first)) return this.#run("punctuation", from, first, (next) => /\p{P}/u.test(next));
    if (isUpper(first)) return this.#capitals(from, first);
    if (isAlphabetic(first)) return this.#run("letters", from, first, isSmall);
    if (/\p{N}/u.test(first)) return this.#run("number", from, first, (next) => /\p{N}/u.test(next));
    return this.#run("other", from, first, isOther);
  }

  /** Capitals, with the small letters after a single one. The last of several belongs to the next word: HTTP Status. */
  #capitals(from: number, first: string): Word {
    if (!this.hasMore) return this.#word("capitals", from);
    const [second, end] = this.#peek(this.#at, first);
    if (!isUpper(second))
      return isAlphabetic(second)
        ? this.#run("capitals", from, first, isSmall)
        : this.#word("capitals", from);
    let start = this.#at;
    this.#at = end;
    let after = second;
    while (this.hasMore) {
      const [next, nextEnd] = this.#peek(this.#at, after);
      after = next;
      if (!isUpper(next)) break;
      start = this.#at;
      this.#at = nextEnd;
    }
    if (this.hasMore && isAlphabetic(after)) this.#at = start;
    return this.#word("capitals", from);
  }

  #run(kind: WordKind, from: number, first: string, belongs: (next: string) => boolean): Word {
    let previous = first;
    while (this.hasMore) {
      const [next, end] = this.#peek(this.#at, previous);
      if (!belongs(next)) break;
      previous = next;
      this.#at = end;
    }
    return this.#word(kind, from);
  }

  #word(kind: WordKind, from: number): Word {
    return { kind, text: this.#text.slice(from, this.#at).join("") };
  }

  /** The next character that is not broken, or `previous` where there is none, and the place after it. */
  #peek(from: number, previous: string): readonly [string, number] {
    for (let at = from; at < this.#text.length; at++) {
      const character = this.#text[at] ?? "";
      if (!isBroken(character) && character !== "\ufffd") return [character, at + 1];
    }
    return [previous, this.#text.length];
  }
}

function isConnector(character: string): boolean {
  return character === "-" || character === "_" || isSpace(character);
}

function isSmall(character: string): boolean {
  return isAlphabetic(character) && !isUpper(character);
}

function isOther(character: string): boolean {
  return !isConnector(character) && !isAlphabetic(character) && !/[\p{N}\p{P}]/u.test(character);
}

/** A letter of a script that has words; the common Chinese, Japanese and Korean ideographs are none. */
function isAlphabetic(character: string): boolean {
  return /\p{L}/u.test(character) && !/[\u4e00-\u9fcc\u3400-\u4d85\u{20000}-\u{2b81d}]/u.test(character);
}
