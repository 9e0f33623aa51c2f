import { DEFAULT_CAPABILITIES, type Capabilities } from "#chart";
import type { Cluster } from "#kube";

/** What templates are told of a cluster that is there. */
export async function clusterCapabilities(cluster: Cluster, signal: AbortSignal): Promise<Capabilities> {
  const [{ gitVersion, major, minor }, apiVersions] = await Promise.all([
    cluster.version({ signal }),
    cluster.apiVersions({ signal }),
  ]);
  return { ...DEFAULT_CAPABILITIES, kubeVersion: { version: gitVersion, major, minor }, apiVersions };
}
