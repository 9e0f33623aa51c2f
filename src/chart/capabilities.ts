import { SlipwayError } from "#errors";

export interface KubeVersion {
  /** With a leading `v`. */
  readonly version: string;
  readonly major: string;
  readonly minor: string;
}

/** What templates see as `.Capabilities`. */
export interface Capabilities {
  readonly kubeVersion: KubeVersion;
  readonly apiVersions: readonly string[];
  /** Of Helm, whose behaviour this is. */
  readonly helmVersion: string;
}

/** The API versions that Helm 3.22 takes for granted without a cluster, in its order. */
const BUILT_IN_API_VERSIONS: readonly string[] = [
  "v1",
  ...group("admissionregistration.k8s.io", "v1", "v1alpha1", "v1beta1"),
  ...group("internal.apiserver.k8s.io", "v1alpha1"),
  ...group("apps", "v1", "v1beta1", "v1beta2"),
  ...group("authentication.k8s.io", "v1", "v1alpha1", "v1beta1"),
  ...group("authorization.k8s.io", "v1", "v1beta1"),
  ...group("autoscaling", "v1", "v2"),
  ...group("batch", "v1", "v1beta1"),
  ...group("certificates.k8s.io", "v1", "v1beta1", "v1alpha1"),
  ...group("coordination.k8s.io", "v1alpha2", "v1beta1", "v1"),
  ...group("discovery.k8s.io", "v1", "v1beta1"),
  ...group("events.k8s.io", "v1", "v1beta1"),
  ...group("extensions", "v1beta1"),
  ...group("flowcontrol.apiserver.k8s.io", "v1", "v1beta1", "v1beta2", "v1beta3"),
  ...group("lifecycle.k8s.io", "v1alpha1"),
  ...group("networking.k8s.io", "v1", "v1beta1"),
  ...group("node.k8s.io", "v1", "v1alpha1", "v1beta1"),
  ...group("policy", "v1", "v1beta1"),
  ...group("rbac.authorization.k8s.io", "v1", "v1beta1", "v1alpha1"),
  ...group("resource.k8s.io", "v1", "v1beta2", "v1beta1", "v1alpha3"),
  ...group("scheduling.k8s.io", "v1alpha3", "v1beta1", "v1"),
  ...group("storage.k8s.io", "v1beta1", "v1", "v1alpha1"),
  ...group("storagemigration.k8s.io", "v1", "v1beta1"),
  ...group("apiextensions.k8s.io", "v1beta1", "v1"),
];

function group(name: string, ...versions: readonly string[]): string[] {
  return versions.map((version) => `${name}/${version}`);
}

/** What an official build of Helm 3.22 takes for granted without a cluster. */
export const DEFAULT_CAPABILITIES: Capabilities = {
  kubeVersion: { version: "v1.37.0", major: "1", minor: "37" },
  apiVersions: BUILT_IN_API_VERSIONS,
  helmVersion: "v3.22.0",
};

/** The default capabilities with another Kubernetes version and more API versions. */
export function capabilitiesOf(
  options: { kubeVersion?: string; apiVersions?: readonly string[] } = {},
): Capabilities {
  return {
    ...DEFAULT_CAPABILITIES,
    ...(options.kubeVersion === undefined ? {} : { kubeVersion: parseKubeVersion(options.kubeVersion) }),
    apiVersions: [...BUILT_IN_API_VERSIONS, ...(options.apiVersions ?? [])],
  };
}

/**
 * Reads `1.31`, `v1.31.2` or `v1.31.2-eks-1`.
 *
 * @throws {SlipwayError} CHART_KUBE_VERSION with the words of `helm template --kube-version`.
 */
export function parseKubeVersion(text: string): KubeVersion {
  const refusal = (reason: string): SlipwayError =>
    new SlipwayError("CHART_KUBE_VERSION", `invalid kube version '${text}': ${reason}`);
  const [, numbers] = /^\s*v?(\d+(?:\.\d+)*)/.exec(text) ?? [];
  const quoted = JSON.stringify(text);
  if (numbers === undefined) throw refusal(`could not parse ${quoted} as version`);
  const [major = "", minor, ...rest] = numbers.split(".");
  if (minor === undefined) throw refusal(`illegal version string ${quoted}`);
  if (/^0./.test(major)) throw refusal(`illegal zero-prefixed version component "${major}" in ${quoted}`);
  return {
    version: `v${[major, minor, ...rest].map(Number).join(".")}`,
    major: String(Number(major)),
    minor: String(Number(minor)),
  };
}
