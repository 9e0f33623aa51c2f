import type { Lookup } from "#chart";
import { SlipwayError } from "#errors";
import { GoMap, int64, type Value } from "#gotemplate";
import { isKubeError, type Cluster } from "#kube";

/** What a `lookup` of the templates asks for. */
interface Question {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  /** Empty for all there are. */
  readonly name: string;
}

type Answer = { readonly value: unknown } | { readonly error: SlipwayError };

/** A rendering may ask for what an earlier answer names, and that again. */
const MAX_ROUNDS = 20;
const AT_ONCE = 8;

/**
 * Renders with templates whose `lookup` sees the cluster, although templates cannot wait: a rendering is run with what
 * is known, what it asked for beyond that is fetched, and it is run again, until nothing is unknown. Only the last
 * rendering counts, and it has seen nothing but true answers; random functions give new results in each.
 *
 * @throws {SlipwayError} TEMPLATE_LOOKUP when every rendering asks for something new; what `render` throws, with the
 *   KubeError of a refused lookup as a cause.
 */
export async function renderWithLookups<T>(
  cluster: Pick<Cluster, "get" | "list" | "apiVersions">,
  render: (lookup: Lookup) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const answers = new Map<string, Answer>();
  let unknown = new Map<string, Question>();
  const lookup: Lookup = (apiVersion, kind, namespace, name) => {
    const question = { apiVersion, kind, namespace, name };
    const answer = answers.get(wordsOf(question));
    if (answer === undefined) {
      unknown.set(wordsOf(question), question);
      return new GoMap();
    }
    if ("error" in answer) throw answer.error;
    return goForm(answer.value);
  };
  for (let round = 0; round < MAX_ROUNDS; round++) {
    signal.throwIfAborted();
    unknown = new Map();
    const [outcome] = await Promise.allSettled([render(lookup)]);
    if (unknown.size === 0) {
      if (outcome.status === "fulfilled") return outcome.value;
      throw outcome.reason;
    }
    const left = [...unknown];
    while (left.length > 0) {
      await Promise.all(
        left.splice(0, AT_ONCE).map(async ([words, question]) => {
          answers.set(words, await ask(cluster, question, signal));
        }),
      );
    }
  }
  throw new SlipwayError(
    "TEMPLATE_LOOKUP",
    `The templates ask the cluster for something new each time they are rendered, ${MAX_ROUNDS} times so far; the last is ${[...unknown.keys()][0]}`,
    { hint: "Do not give lookup an argument that comes from a random function or from the clock" },
  );
}

async function ask(
  cluster: Pick<Cluster, "get" | "list" | "apiVersions">,
  question: Question,
  signal: AbortSignal,
): Promise<Answer> {
  const { apiVersion, kind, namespace, name } = question;
  const inNamespace = namespace === "" ? {} : { namespace };
  try {
    if (name !== "") {
      const object = await cluster.get({ apiVersion, kind, name, ...inNamespace }, { signal });
      return { value: object ?? {} };
    }
    const { items, resourceVersion } = await cluster.list({ apiVersion, kind }, { ...inNamespace, signal });
    return { value: { apiVersion, kind: `${kind}List`, metadata: { resourceVersion }, items } };
  } catch (error) {
    signal.throwIfAborted();
    if (isKubeError(error, "KUBE_NOT_FOUND")) return { value: {} };
    if (isKubeError(error, "KUBE_NO_KIND") && (await cluster.apiVersions({ signal })).includes(apiVersion)) {
      return { value: {} };
    }
    if (error instanceof SlipwayError) return { error };
    throw error;
  }
}

function wordsOf({ apiVersion, kind, namespace, name }: Question): string {
  return `lookup ${[apiVersion, kind, namespace, name].map((word) => JSON.stringify(word)).join(" ")}`;
}

/** JSON as Go's `unstructured` has it: whole numbers are int64. Made anew each time, since templates may change it. */
function goForm(value: unknown): Value {
  if (Array.isArray(value)) return value.map(goForm);
  if (typeof value === "number") return Number.isSafeInteger(value) ? int64(value) : value;
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value !== "object" || value === null) return null;
  return GoMap.of(Object.entries(value).map(([key, item]) => [key, goForm(item)] as const));
}
