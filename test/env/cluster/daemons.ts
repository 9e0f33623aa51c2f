import { corednsPath } from "../coredns.ts";
import type { Daemon } from "../daemon.ts";
import { kubernetesProgram } from "../kubernetes.ts";
import { registryDaemon } from "../registry.ts";
import { NETWORK, NODE, NODE_NAME, REGISTRY, SERVICES } from "./addresses.ts";
import { inNode, kubeconfigPath, type NodeFiles } from "./files.ts";

/** Names of the node's daemons in the order in which they start; they end in the opposite one. */
export const NODE_DAEMONS = [
  "cluster-registry",
  "etcd",
  "kube-apiserver",
  "containerd",
  "coredns",
  "kube-controller-manager",
  "kube-scheduler",
  "kube-proxy",
  "kubelet",
] as const;

type NodeDaemon = (typeof NODE_DAEMONS)[number];

/** The command of every daemon of the node. */
export async function nodeDaemons(files: NodeFiles): Promise<Readonly<Record<NodeDaemon, Daemon>>> {
  const kubeconfig = `--kubeconfig=${kubeconfigPath}`;
  const inNetwork = (name: NodeDaemon, command: readonly string[]): Daemon => ({
    name,
    command,
    network: NETWORK,
  });
  return {
    "cluster-registry": await registryDaemon("cluster-registry", REGISTRY),
    etcd: inNetwork("etcd", [
      "etcd",
      `--data-dir=${inNode("etcd")}`,
      "--unsafe-no-fsync",
      "--listen-peer-urls=http://127.0.0.1:2380",
    ]),
    "kube-apiserver": inNetwork("kube-apiserver", [
      await kubernetesProgram("kube-apiserver"),
      `--advertise-address=${NODE}`,
      "--allow-privileged=true",
      "--authorization-mode=Node,RBAC",
      `--client-ca-file=${files.ca.certificate}`,
      "--etcd-servers=http://127.0.0.1:2379",
      "--kubelet-preferred-address-types=InternalIP",
      `--service-account-issuer=https://kubernetes.default.svc.cluster.local`,
      `--service-account-key-file=${files.serviceAccounts}`,
      `--service-account-signing-key-file=${files.serviceAccounts}`,
      `--service-cluster-ip-range=${SERVICES}`,
      `--tls-cert-file=${files.server.certificate}`,
      `--tls-private-key-file=${files.server.key}`,
      `--token-auth-file=${inNode("tokens.csv")}`,
    ]),
    containerd: inNetwork("containerd", ["containerd", `--config=${inNode("containerd.toml")}`]),
    coredns: inNetwork("coredns", [corednsPath, "-conf", inNode("Corefile")]),
    "kube-controller-manager": inNetwork("kube-controller-manager", [
      await kubernetesProgram("kube-controller-manager"),
      kubeconfig,
      "--bind-address=127.0.0.1",
      "--leader-elect=false",
      `--root-ca-file=${files.ca.certificate}`,
      `--service-account-private-key-file=${files.serviceAccounts}`,
      "--use-service-account-credentials",
    ]),
    "kube-scheduler": inNetwork("kube-scheduler", [
      await kubernetesProgram("kube-scheduler"),
      kubeconfig,
      "--bind-address=127.0.0.1",
      "--leader-elect=false",
    ]),
    "kube-proxy": inNetwork("kube-proxy", [
      await kubernetesProgram("kube-proxy"),
      `--config=${inNode("kube-proxy.json")}`,
    ]),
    kubelet: inNetwork("kubelet", [
      await kubernetesProgram("kubelet"),
      kubeconfig,
      `--config=${inNode("kubelet.json")}`,
      `--root-dir=${inNode("kubelet")}`,
      `--cert-dir=${inNode("pki", "kubelet")}`,
      `--hostname-override=${NODE_NAME}`,
      `--node-ip=${NODE}`,
    ]),
  };
}
