import { resolve } from "node:path";
import type { Invocation } from "../command.ts";
import { namespaceOf } from "./cluster.ts";
import { helmHome } from "./home.ts";

/** `helm env [NAME]`. */
export async function runEnv(call: Invocation): Promise<undefined> {
  const all = variables(call, await namespaceOf(call));
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

function variables(call: Invocation, namespace: string): Readonly<Record<string, string>> {
  const { flags } = call;
  const { env } = call.context;
  const home = helmHome(call);
  const variable = (name: string, usual = ""): string => env[name] || usual;
  const text = (name: string): string => flags.text(name) ?? "";
  const groups = flags.list("kube-as-group").join(",") || variable("HELM_KUBEASGROUPS");
  const kubeconfig = text("kubeconfig");
  return {
    HELM_BIN: resolve(process.argv[1] ?? ""),
    HELM_BURST_LIMIT: text("burst-limit"),
    HELM_CACHE_HOME: home.cache,
    HELM_CONFIG_HOME: home.config,
    HELM_DATA_HOME: home.data,
    HELM_DEBUG: String(flags.bool("debug")),
    HELM_KUBEAPISERVER: text("kube-apiserver"),
    HELM_KUBEASGROUPS: groups,
    HELM_KUBEASUSER: text("kube-as-user"),
    HELM_KUBECAFILE: text("kube-ca-file"),
    HELM_KUBECONTEXT: text("kube-context"),
    HELM_KUBEINSECURE_SKIP_TLS_VERIFY: String(flags.bool("kube-insecure-skip-tls-verify")),
    HELM_KUBETLS_SERVER_NAME: text("kube-tls-server-name"),
    HELM_KUBETOKEN: text("kube-token"),
    HELM_MAX_HISTORY: variable("HELM_MAX_HISTORY", "10"),
    HELM_NAMESPACE: namespace,
    HELM_PLUGINS: home.plugins,
    HELM_QPS: Number(text("qps") || 0).toFixed(2),
    HELM_REGISTRY_CONFIG: home.registryConfig,
    HELM_REPOSITORY_CACHE: home.repositoryCache,
    HELM_REPOSITORY_CONFIG: home.repositoryConfig,
    ...(kubeconfig === "" ? {} : { KUBECONFIG: kubeconfig }),
  };
}
