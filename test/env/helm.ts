import { exists } from "#disk";
import { goBinary, goProgram, lacksGo, type GoProgram } from "./go.ts";
import type { Part } from "./part.ts";

/**
 * The helm that judges us. Its Makefile sets these variables in an official build: the version, and as the default Kubernetes
 * version of `helm template` that of the k8s.io/client-go (v0.37.0) which helm 3.22.0 requires.
 */
const HELM: GoProgram = {
  part: "helm",
  binary: "helm",
  version: "v3.22.0",
  source: "helm.sh/helm/v3/cmd/helm@v3.22.0",
  variables: {
    "helm.sh/helm/v3/internal/version.version": "v3.22.0",
    "helm.sh/helm/v3/internal/version.metadata": "",
    "helm.sh/helm/v3/internal/version.gitTreeState": "clean",
    "helm.sh/helm/v3/pkg/lint/rules.k8sVersionMajor": "1",
    "helm.sh/helm/v3/pkg/lint/rules.k8sVersionMinor": "37",
    "helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor": "1",
    "helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor": "37",
  },
};

export const helmPath: string = goBinary(HELM);

/** Helm 3, built from the Go module proxy as its makers build it. */
export const helm: Part = {
  name: "helm",
  needs: [],
  lacks: async () => ((await exists(helmPath)) ? undefined : lacksGo("helm 3")),
  up: async () => void (await goProgram(HELM)),
  down: async () => undefined,
  status: async () => ((await exists(helmPath)) ? helmPath : "not built"),
};
