import type { Lookup } from "#chart";
import { GoMap, int64, type Value } from "#gotemplate";
import { SlipwayError } from "#errors";
import { isKubeError, KubeError, type Cluster } from "#kube";
import { renderKnowing, type Outside } from "./outside.ts";

/** What a `lookup` of the templates asks for. */
interface Question {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  /** Empty for all there are. */
  readonly name: string;
}

/** As much of a cluster as templates see. */
export type ClusterReader = Pick<Cluster, "get" | "list" | "apiVersions">;

/**
 * Renders with templates whose `lookup` sees the cluster.
 *
 * @throws {SlipwayError} those of renderKnowing(), with the KubeError of a refused lookup as a cause.
 */
export async function renderWithLookups<T>(
  cluster: ClusterReader,
  render: (lookup: Lookup) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  return renderKnowing((outside) => render(lookupThrough(outside, cluster, signal)), signal);
}

/** The `lookup` of a cluster. */
export function lookupThrough(outside: Outside, cluster: ClusterReader, signal: AbortSignal): Lookup {
  return (apiVersion, kind, namespace, name) => {
    const question = { apiVersion, kind, namespace, name };
    const answer = outside.know(wordsOf(question), () => ask(cluster, question, signal));
    return answer === undefined ? new GoMap() : goForm(answer);
  };
}

async function ask(cluster: ClusterReader, question: Question, signal: AbortSignal): Promise<object> {
  const { apiVersion, kind, namespace, name } = question;
  const inNamespace = namespace === "" ? {} : { namespace };
  try {
    if (name !== "") return (await cluster.get({ apiVersion, kind, name, ...inNamespace }, { signal })) ?? {};
    const { items, resourceVersion } = await cluster.list({ apiVersion, kind }, { ...inNamespace, signal });
    return { apiVersion, kind: `${kind}List`, metadata: { resourceVersion }, items };
  } catch (error) {
    signal.throwIfAborted();
    if (isKubeError(error, "KUBE_NOT_FOUND")) return {};
    if (isKubeError(error, "KUBE_NO_KIND") && (await cluster.apiVersions({ signal })).includes(apiVersion)) {
      return {};
    }
    if (!(error instanceof KubeError) || error.serverMessage === "") throw error;
    // Templates fail with the server's words alone, as Helm's do; ours stand behind them.
    throw new SlipwayError(error.code, error.serverMessage, { cause: error });
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
