import { setTimeout as sleep } from "node:timers/promises";
import { SlipwayError } from "#errors";
import { start, type Started } from "#process";
import { STEADY } from "./environment.ts";
import { gitFailure, objectMissing } from "./failure.ts";

export interface GitObject {
  readonly hash: string;
  readonly type: "commit" | "tree" | "blob" | "tag";
  readonly content: Buffer;
}

export interface ReaderOptions {
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/**
 * A conversation with one `git cat-file --batch`. Questions may be asked at any time and in any number; answers come in
 * their order. A name that no object has is answered by undefined.
 *
 *   → NAME \n                     any revision expression without a line break
 *   ← HASH SP TYPE SP SIZE \n CONTENT \n   |   NAME SP missing \n
 */
export class ObjectReader implements AsyncDisposable {
  readonly #options: ReaderOptions;
  readonly #waiting: Question[] = [];
  #child: Started["child"] | undefined;
  #ended: Promise<number> | undefined;
  #failure: Error | undefined;
  #complaints = "";
  /** Bytes of the answer at hand: a header, or a header and a part of the content. */
  #pieces: Buffer[] = [];
  #length = 0;
  #header: Header | undefined;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  read(name: string): Promise<GitObject | undefined> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (/[\n\0]/.test(name) || name === "") return Promise.resolve(undefined);
    this.#child ??= this.#launch();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ name, resolve, reject });
      this.#child?.stdin?.write(`${name}\n`);
    });
  }

  /**
   * Like read(), for what must be there.
   *
   * @throws {SlipwayError} GIT_CORRUPT, GIT_OBJECT_MISSING
   */
  async readExisting(hash: string): Promise<GitObject> {
    const object = await this.read(hash);
    if (object !== undefined) return object;
    // For some damage git answers "missing" too and says why on stderr, which may come after the answer.
    await sleep(20);
    if (this.#complaints !== "") throw gitFailure(this.#complaints, this.#options.directory);
    throw objectMissing(hash);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child?.stdin?.end();
    if (this.#waiting.length > 0) this.#child?.kill();
    await this.#ended?.catch(() => undefined);
  }

  #launch(): Started["child"] {
    const { directory, env, signal } = this.#options;
    const { child, ended } = start(
      "git",
      [...STEADY, "cat-file", "--batch"],
      { cwd: directory, env, ...(signal === undefined ? {} : { signal }) },
      ["pipe", "pipe", "pipe"],
    );
    child.stdin?.on("error", () => undefined);
    child.stderr?.on("data", (text: Buffer) => (this.#complaints += text.toString()));
    child.stdout?.on("data", (chunk: Buffer) => this.#take(chunk));
    this.#ended = ended;
    ended.then(
      () =>
        this.#fail(
          signal?.aborted ? (signal.reason as Error) : gitFailure(this.#complaints, directory, env["HOME"]),
        ),
      (cause: Error) => this.#fail(gitMissing(cause)),
    );
    return child;
  }

  #fail(error: Error): void {
    this.#failure = error;
    for (const question of this.#waiting.splice(0)) question.reject(error);
  }

  #take(chunk: Buffer): void {
    this.#pieces.push(chunk);
    this.#length += chunk.length;
    while (this.#length > 0 && this.#answer());
  }

  /** Takes one whole answer off the received bytes; false when more must come first. */
  #answer(): boolean {
    if (this.#header === undefined) {
      const received = this.#joined();
      const end = received.indexOf(10);
      if (end === -1) return false;
      const line = received.toString("utf8", 0, end);
      this.#pieces = [received.subarray(end + 1)];
      this.#length = received.length - end - 1;
      this.#header = parseHeader(line);
      if (this.#header === undefined) {
        this.#waiting.shift()?.resolve(undefined);
        return true;
      }
    }
    const { hash, type, size } = this.#header;
    if (this.#length < size + 1) return false;
    const received = this.#joined();
    this.#pieces = [received.subarray(size + 1)];
    this.#length = received.length - size - 1;
    this.#header = undefined;
    this.#waiting.shift()?.resolve({ hash, type, content: received.subarray(0, size) });
    return true;
  }

  #joined(): Buffer {
    const whole =
      this.#pieces.length === 1 ? (this.#pieces[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#pieces);
    this.#pieces = [whole];
    return whole;
  }
}

interface Header {
  readonly hash: string;
  readonly type: GitObject["type"];
  readonly size: number;
}

function parseHeader(line: string): Header | undefined {
  const parsed = /^([0-9a-f]{40,64}) (commit|tree|blob|tag) (\d+)$/.exec(line);
  return parsed === null
    ? undefined
    : { hash: parsed[1] ?? "", type: parsed[2] as GitObject["type"], size: Number(parsed[3]) };
}

interface Question {
  readonly name: string;
  readonly resolve: (answer: GitObject | undefined) => void;
  readonly reject: (error: Error) => void;
}

function gitMissing(cause: Error): SlipwayError {
  return new SlipwayError("GIT_MISSING", "Cannot start git", {
    hint: "Install git 1.9 or later and put it on the PATH",
    cause,
  });
}
