import { helmPath } from "./helm.ts";
import { helm4Path, kubectlPath } from "./npm-tools.ts";
import { oldestNodePath } from "./oldest-node.ts";

/** Paths of the programs that judge and compare; each exists once its part is up. */
export const tools = {
  /** helm v3.22.0, part `helm`. */
  helm: helmPath,
  /** Helm 4, part `npm-tools`. */
  helm4: helm4Path,
  /** Part `npm-tools`. */
  kubectl: kubectlPath,
  /** Node 22.15.0, part `oldest-node`. */
  oldestNode: oldestNodePath,
} as const;
