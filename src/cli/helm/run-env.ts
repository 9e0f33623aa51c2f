import { resolve } from "node:path";
import type { Invocation } from "../command.ts";
import { helmHome } from "./home.ts";

/** `helm env [NAME]`. */
export async function runEnv(call: Invocation): Promise<undefined> {
  const all = variables(call);
  const [wanted] = call.args;
  const text =
    wanted === undefined
      ? Object.entries(all)
          .map(([name, value]) => `${name}="${value}"\n`)
          .join("")
      : `${all[wanted] ?? ""}\n`;
  call.context.out(text);
  return undefined;
}

function variables(call: Invocation): Readonly<Record<string, string>> {
  const { env } = call.context;
  const home = helmHome(call);
  const text = (name: string, usual = ""): string => env[name] || usual;
  const flag = (name: string): string => String(/^(?:1|t|true)$/i.test(env[name] ?? ""));
  return {
    HELM_BIN: resolve(process.argv[1] ?? ""),
    HELM_BURST_LIMIT: text("HELM_BURST_LIMIT", "100"),
    HELM_CACHE_HOME: home.cache,
    HELM_CONFIG_HOME: home.config,
    HELM_DATA_HOME: home.data,
    HELM_DEBUG: flag("HELM_DEBUG"),
    HELM_KUBEAPISERVER: text("HELM_KUBEAPISERVER"),
    HELM_KUBEASGROUPS: text("HELM_KUBEASGROUPS"),
    HELM_KUBEASUSER: text("HELM_KUBEASUSER"),
    HELM_KUBECAFILE: text("HELM_KUBECAFILE"),
    HELM_KUBECONTEXT: text("HELM_KUBECONTEXT"),
    HELM_KUBEINSECURE_SKIP_TLS_VERIFY: flag("HELM_KUBEINSECURE_SKIP_TLS_VERIFY"),
    HELM_KUBETLS_SERVER_NAME: text("HELM_KUBETLS_SERVER_NAME"),
    HELM_KUBETOKEN: text("HELM_KUBETOKEN"),
    HELM_MAX_HISTORY: text("HELM_MAX_HISTORY", "10"),
    HELM_NAMESPACE: call.flags.text("namespace") ?? "default",
    HELM_PLUGINS: home.plugins,
    HELM_QPS: Number(env["HELM_QPS"] || 0).toFixed(2),
    HELM_REGISTRY_CONFIG: home.registryConfig,
    HELM_REPOSITORY_CACHE: home.repositoryCache,
    HELM_REPOSITORY_CONFIG: home.repositoryConfig,
  };
}
