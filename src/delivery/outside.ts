import { lookup as resolveName } from "node:dns/promises";
import { SlipwayError } from "#errors";

/** What templates may ask of the world. */
export interface Outside {
  /**
   * What `ask` answers, or undefined until it has: the rendering is then run again.
   *
   * @throws what `ask` threw.
   */
  know<V>(question: string, ask: () => Promise<V>): V | undefined;
}

type Answer = { readonly value: unknown } | { readonly error: SlipwayError };

/** A rendering may ask for what an earlier answer names, and that again. */
const MAX_ROUNDS = 20;
const AT_ONCE = 8;

/**
 * Renders with templates that ask the world, although templates cannot wait: a rendering is run with what is known, what
 * it asked for beyond that is found out, and it is run again, until nothing is unknown. Only the last rendering counts,
 * and it has seen nothing but true answers; random functions give new results in each.
 *
 * @throws {SlipwayError} TEMPLATE_LOOKUP when every rendering asks for something new; what `render` throws, with what
 *   a question met as a cause.
 */
export async function renderKnowing<T>(
  render: (outside: Outside) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const answers = new Map<string, Answer>();
  let unknown = new Map<string, () => Promise<unknown>>();
  const outside: Outside = {
    know<V>(question: string, ask: () => Promise<V>): V | undefined {
      const answer = answers.get(question);
      if (answer === undefined) {
        unknown.set(question, ask);
        return undefined;
      }
      if ("error" in answer) throw answer.error;
      return answer.value as V;
    },
  };
  for (let round = 0; round < MAX_ROUNDS; round++) {
    signal.throwIfAborted();
    unknown = new Map();
    const [outcome] = await Promise.allSettled([render(outside)]);
    if (unknown.size === 0) {
      if (outcome.status === "fulfilled") return outcome.value;
      throw outcome.reason;
    }
    const left = [...unknown];
    while (left.length > 0) {
      await Promise.all(
        left.splice(0, AT_ONCE).map(async ([question, ask]) => {
          answers.set(question, await answerTo(ask, signal));
        }),
      );
    }
  }
  throw new SlipwayError(
    "TEMPLATE_LOOKUP",
    `The templates ask for something new each time they are rendered, ${MAX_ROUNDS} times so far; the last is ${[...unknown.keys()][0]}`,
    { hint: "Do not give lookup an argument that comes from a random function or from the clock" },
  );
}

/** An address of a host, for `getHostByName`; Sprig fails with these words where there is none. */
export function hostsThrough(outside: Outside): (name: string) => string {
  return (name) => {
    const found = outside.know(`getHostByName ${JSON.stringify(name)}`, () =>
      resolveName(name, { all: true }).catch(() => []),
    );
    if (found === undefined) return "";
    const [first] = found;
    if (first === undefined) throw new Error("invalid argument to Intn");
    return first.address;
  };
}

async function answerTo(ask: () => Promise<unknown>, signal: AbortSignal): Promise<Answer> {
  try {
    return { value: await ask() };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof SlipwayError) return { error };
    throw error;
  }
}
