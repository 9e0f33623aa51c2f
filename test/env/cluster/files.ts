import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeAtomically } from "#disk";
import { cached, runDirectory } from "../cache.ts";
import { API, API_SERVICE, NETWORK, NODE, NODE_NAME, PODS, REGISTRY } from "./addresses.ts";
import { authority, base64Of, serverCertificate, serviceAccountKey, type KeyPair } from "./certificates.ts";

/** All that the node keeps while it is up; removed when it goes down. */
export const nodeDirectory: string = cached("cluster");
/** Sockets have short paths, and mounts of a dead node are gone after a reboot: both live below /run. */
export const containerdState: string = join(runDirectory, "containerd");
export const containerdSocket: string = join(containerdState, "containerd.sock");
export const kubeconfigPath: string = join(nodeDirectory, "kubeconfig");
export const PAUSE_IMAGE = `${REGISTRY}/library/pause:1`;

/** User names of the API and their bearer tokens; `nobody` is known to the cluster and may do nothing. */
export const TOKENS = { admin: "slipway-test-admin", nobody: "slipway-test-nobody" } as const;

export interface NodeFiles {
  readonly ca: KeyPair;
  readonly server: KeyPair;
  readonly serviceAccounts: string;
}

/** Writes the configuration of every program of the node. */
export async function writeNodeFiles(): Promise<NodeFiles> {
  const pki = join(nodeDirectory, "pki");
  await mkdir(pki, { recursive: true });
  const ca = await authority(pki);
  const server = await serverCertificate(pki, ca, {
    ips: [NODE, API_SERVICE, "127.0.0.1"],
    dns: ["kubernetes.default.svc", "kubernetes.default"],
  });
  await writeAtomically(kubeconfigPath, kubeconfig(await base64Of(ca.certificate)), 0o600);
  const users = `${TOKENS.admin},admin,admin,system:masters\n${TOKENS.nobody},nobody,nobody\n`;
  await writeAtomically(inNode("tokens.csv"), users, 0o600);
  await writeAtomically(inNode("resolv.conf"), `nameserver ${NODE}\n`);
  await writeAtomically(inNode("containerd.toml"), containerdConfig());
  await writeAtomically(inNode("cni", "10-bridge.conflist"), JSON.stringify(podNetwork));
  await writeAtomically(inNode("kubelet.json"), JSON.stringify(kubeletConfig()));
  await writeAtomically(inNode("kube-proxy.json"), JSON.stringify(kubeProxyConfig()));
  await writeAtomically(inNode("Corefile"), corefile());
  await allowPlainHttp(REGISTRY);
  await writeAtomically(inNode("certs.d", "docker.io", "hosts.toml"), plainHttp(REGISTRY));
  return { ca, server, serviceAccounts: await serviceAccountKey(pki) };
}

/** Lets the node's containerd pull from a registry at `address`, host and port, over plain HTTP; takes effect at once. */
export async function allowPlainHttp(address: string): Promise<void> {
  await writeAtomically(inNode("certs.d", address, "hosts.toml"), plainHttp(address));
}

export function inNode(...names: readonly string[]): string {
  return join(nodeDirectory, ...names);
}

function plainHttp(address: string): string {
  return `[host."http://${address}"]\n  capabilities = ["pull", "resolve"]\n`;
}

function kubeconfig(caData: string): string {
  return `apiVersion: v1
kind: Config
clusters:
- name: slipway-test
  cluster:
    server: ${API}
    certificate-authority-data: ${caData}
contexts:
- name: slipway-test
  context:
    cluster: slipway-test
    user: admin
- name: slipway-test-nobody
  context:
    cluster: slipway-test
    user: nobody
current-context: slipway-test
users:
- name: admin
  user:
    token: ${TOKENS.admin}
- name: nobody
  user:
    token: ${TOKENS.nobody}
`;
}

/** Lower OOM scores than containerd's own take CAP_SYS_RESOURCE, which root in a container or a sandbox often lacks. */
function containerdConfig(): string {
  return `version = 2
root = "${inNode("containerd")}"
state = "${containerdState}"
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]

[grpc]
  address = "${containerdSocket}"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  netns_mounts_under_state_dir = true
  restrict_oom_score_adj = true
  stream_server_address = "127.0.0.1"

[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "/usr/lib/cni"
  conf_dir = "${inNode("cni")}"

[plugins."io.containerd.grpc.v1.cri".registry]
  config_path = "${inNode("certs.d")}"
`;
}

const podNetwork = {
  cniVersion: "0.4.0",
  name: NETWORK,
  plugins: [
    {
      type: "bridge",
      bridge: "cni0",
      isGateway: true,
      ipMasq: true,
      hairpinMode: true,
      ipam: {
        type: "host-local",
        dataDir: join(runDirectory, "cni"),
        ranges: [[{ subnet: PODS }]],
        routes: [{ dst: "0.0.0.0/0" }],
      },
    },
    { type: "portmap", capabilities: { portMappings: true } },
  ],
};

function kubeletConfig(): unknown {
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address: NODE,
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: "AlwaysAllow" },
    cgroupDriver: "cgroupfs",
    clusterDNS: [NODE],
    clusterDomain: "cluster.local",
    containerRuntimeEndpoint: `unix://${containerdSocket}`,
    evictionHard: { "memory.available": "50Mi", "nodefs.available": "1%", "imagefs.available": "1%" },
    failSwapOn: false,
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    maxParallelImagePulls: 4,
    podLogsDir: inNode("pod-logs"),
    resolvConf: inNode("resolv.conf"),
    serializeImagePulls: false,
    volumePluginDir: inNode("volume-plugins"),
  };
}

function kubeProxyConfig(): unknown {
  return {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    bindAddress: NODE,
    clientConnection: { kubeconfig: kubeconfigPath },
    conntrack: { maxPerCore: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
    hostnameOverride: NODE_NAME,
    mode: "iptables",
    iptables: { masqueradeAll: true },
    metricsBindAddress: "127.0.0.1:10249",
  };
}

/** Names of the cluster are answered, all others are unknown: there is no way out of the node's network. */
function corefile(): string {
  return `cluster.local in-addr.arpa {
  bind ${NODE}
  errors
  kubernetes cluster.local in-addr.arpa {
    kubeconfig ${kubeconfigPath}
    ttl 2
  }
}
. {
  bind ${NODE}
  template ANY ANY {
    rcode NXDOMAIN
  }
}
`;
}
