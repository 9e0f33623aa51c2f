import type { FlagTable } from "../command.ts";

/** The flags that every command of Helm has. */
export const SHARED: FlagTable = {
  namespace: {
    type: "text",
    short: "n",
    value: "NAME",
    help: "Namespace; that of the kubeconfig's context unless told",
    env: ["HELM_NAMESPACE"],
  },
  "registry-config": {
    type: "text",
    value: "PATH",
    help: "File with logins to registries",
    env: ["HELM_REGISTRY_CONFIG"],
  },
  "repository-config": {
    type: "text",
    value: "PATH",
    help: "File with names and addresses of repositories",
    env: ["HELM_REPOSITORY_CONFIG"],
  },
  "repository-cache": {
    type: "text",
    value: "PATH",
    help: "Directory of indexes",
    env: ["HELM_REPOSITORY_CACHE"],
  },
  "helm-home": {
    type: "text",
    value: "PATH",
    help: "Home of Helm 2, as werf 1.1 has it: repositories and their indexes are there",
    env: ["WERF_HELM_HOME"],
  },
  kubeconfig: { type: "text", value: "PATH", help: "Kubernetes configuration; $KUBECONFIG unless told" },
  "kube-context": {
    type: "text",
    value: "NAME",
    help: "Context of the configuration",
    env: ["HELM_KUBECONTEXT"],
  },
  "kube-apiserver": {
    type: "text",
    value: "URL",
    help: "Address of the Kubernetes API",
    env: ["HELM_KUBEAPISERVER"],
  },
  "kube-token": { type: "text", value: "TOKEN", help: "Bearer token to show to it", env: ["HELM_KUBETOKEN"] },
  "kube-as-user": {
    type: "text",
    value: "NAME",
    help: "User to act as",
    env: ["HELM_KUBEASUSER"],
  },
  "kube-as-group": { type: "list", value: "NAME", help: "Group to act as; may be repeated" },
  "kube-ca-file": {
    type: "text",
    value: "PATH",
    help: "Authorities that sign the API's certificate",
    env: ["HELM_KUBECAFILE"],
  },
  "kube-insecure-skip-tls-verify": {
    type: "bool",
    help: "Take any certificate of the API",
    env: ["HELM_KUBEINSECURE_SKIP_TLS_VERIFY"],
  },
  "kube-tls-server-name": {
    type: "text",
    value: "NAME",
    help: "Name that the API's certificate must have",
    env: ["HELM_KUBETLS_SERVER_NAME"],
  },
  "burst-limit": {
    type: "int",
    value: "N",
    default: "100",
    help: "Taken as by Helm; the server's answers set the pace",
    env: ["HELM_BURST_LIMIT"],
    isHidden: true,
  },
  qps: { type: "text", value: "N", help: "Likewise", env: ["HELM_QPS"], isHidden: true },
  debug: { type: "bool", help: "Show stacks of errors", env: ["HELM_DEBUG"] },
};
