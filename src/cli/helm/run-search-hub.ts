import type { Invocation } from "../command.ts";
import { fault } from "./arguments.ts";
import { fetchAddress } from "./fetch.ts";
import { listText, outputFormat } from "./run-repo.ts";
import { cutter, table } from "./table.ts";

/** One chart of a hub's answer, as much of it as is shown. */
interface Hit {
  readonly id?: string;
  readonly artifactHub?: { readonly packageUrl?: string };
  readonly attributes?: {
    readonly description?: string;
    readonly repo?: { readonly name?: string; readonly url?: string };
  };
  readonly relationships?: {
    readonly latestChartVersion?: {
      readonly data?: { readonly version?: string; readonly app_version?: string };
    };
  };
}

/** `helm search hub [WORD...]`. */
export async function runSearchHub(call: Invocation): Promise<undefined> {
  const { flags, context } = call;
  const format = outputFormat(call);
  const endpoint = flags.text("endpoint") ?? "";
  const rows = (await ask(call, endpoint, call.args.join(" "))).map((hit) => rowOf(hit, endpoint));
  if (rows.length === 0 && flags.bool("fail-on-no-result")) throw fault("no results found");
  if (format !== "table") {
    context.out(listText(rows, format));
    return undefined;
  }
  if (rows.length === 0) {
    context.out("No results found\n");
    return undefined;
  }
  const withRepository = flags.bool("list-repo-url");
  const cells = [
    ["URL", "CHART VERSION", "APP VERSION", "DESCRIPTION", "REPO URL"],
    ...rows.map((row) => [row.url, row.version, row.app_version, row.description, row.repository.url]),
  ];
  const shown = withRepository ? cells : cells.map((row) => row.slice(0, -1));
  context.out(table(shown.map((row) => row.map(cutter(call)))));
  return undefined;
}

async function ask(call: Invocation, endpoint: string, words: string): Promise<readonly Hit[]> {
  const base = URL.parse(endpoint);
  if (base === null || base.hostname === "") {
    throw fault(`unable to create connection to ${JSON.stringify(endpoint)}: no hostname provided`);
  }
  base.pathname = `${base.pathname.replace(/\/+$/, "")}/api/chartsvc/v1/charts/search`;
  base.search = `q=${new URLSearchParams({ q: words }).toString().slice("q=".length)}`;
  let answer;
  try {
    answer = await fetchAddress(call.context, base.href, undefined);
  } catch (error) {
    throw fault(`unable to perform search against ${JSON.stringify(endpoint)}`, error);
  }
  try {
    return (JSON.parse(answer?.data.toString() ?? "") as { data?: readonly Hit[] } | null)?.data ?? [];
  } catch {
    // Helm takes what is no JSON for an answer without charts.
    return [];
  }
}

function rowOf(hit: Hit, endpoint: string) {
  const { attributes, relationships } = hit;
  const latest = relationships?.latestChartVersion?.data;
  return {
    url: hit.artifactHub?.packageUrl || `${endpoint}/charts/${hit.id ?? ""}`,
    version: latest?.version ?? "",
    app_version: latest?.app_version ?? "",
    description: attributes?.description ?? "",
    repository: { url: attributes?.repo?.url ?? "", name: attributes?.repo?.name ?? "" },
  };
}
