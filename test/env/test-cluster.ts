import { API, REGISTRY } from "./cluster/addresses.ts";
import { kubeconfigPath } from "./cluster/files.ts";
import { bringUp } from "./environment.ts";

export interface TestCluster {
  /** A kubeconfig whose current context may do everything. */
  readonly kubeconfig: string;
  /** A context of the same kubeconfig whose user is known to the cluster and may do nothing. */
  readonly powerlessContext: string;
  /** Address of the API, reachable from this machine as Services and pods are. */
  readonly api: string;
  /** A registry, plain HTTP, that this machine pushes to and the node pulls from under the same name; it holds the base images. */
  readonly registry: string;
}

/** Brings the Kubernetes node up, or finds it up. */
export async function startCluster(): Promise<TestCluster> {
  await bringUp(["cluster"]);
  return {
    kubeconfig: kubeconfigPath,
    powerlessContext: "slipway-test-nobody",
    api: API,
    registry: REGISTRY,
  };
}
