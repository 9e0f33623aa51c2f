import {
  renderChart,
  type Capabilities,
  type Chart,
  type ReleaseFacts,
  type RenderedRelease,
  type RenderOptions,
} from "#chart";
import { SlipwayError } from "#errors";
import type { GoMap } from "#gotemplate";
import { isKubeError, openCluster, type Cluster, type KubeConfigSource } from "#kube";
import { checkInstall } from "#release";
import { clusterCapabilities } from "./cluster-capabilities.ts";
import { lookupThrough, type ClusterReader } from "./live-lookup.ts";
import { hostsThrough, renderKnowing } from "./outside.ts";

export interface HelmRenderOptions extends RenderOptions {
  readonly kube: KubeConfigSource;
  /** Helm's `--validate`: the templates are told of the cluster that is there, and check() asks it. */
  readonly validate: boolean;
  /** `lookup` sees the cluster, which is first asked when a template does. */
  readonly liveLookup: boolean;
  /** `getHostByName` sees the network. */
  readonly hosts: boolean;
  readonly signal: AbortSignal;
}

export interface HelmRender extends AsyncDisposable {
  readonly rendered: RenderedRelease;
  /**
   * Whether an install of these objects would begin; without `validate` always.
   *
   * @throws {SlipwayError} those of checkInstall().
   */
  check(manifest: string, takeOwnership: boolean): Promise<void>;
}

/**
 * Renders a chart as `helm template` does when it is told to look around.
 *
 * @param capabilities without a cluster.
 * @throws {SlipwayError} KUBE_UNREACHABLE with Helm's words; those of renderChart() and renderKnowing().
 */
export async function renderHelmChart(
  chart: Chart,
  values: GoMap,
  release: ReleaseFacts,
  { kube, validate, liveLookup, hosts, signal, ...options }: HelmRenderOptions,
): Promise<HelmRender> {
  await using opened = new AsyncDisposableStack();
  let pending: Promise<Cluster> | undefined;
  const cluster = (): Promise<Cluster> => (pending ??= openCluster(kube).then((one) => opened.use(one)));
  const capabilities = validate ? { capabilities: await askCapabilities(cluster, signal) } : {};
  const reader: ClusterReader = {
    get: async (...given) => (await cluster()).get(...given),
    list: async (...given) => (await cluster()).list(...given),
    apiVersions: async (...given) => (await cluster()).apiVersions(...given),
  };
  const rendered = await renderKnowing(
    (outside) =>
      renderChart(chart, values, release, {
        ...options,
        ...capabilities,
        ...(liveLookup ? { lookup: lookupThrough(outside, reader, signal) } : {}),
        ...(hosts ? { resolveHost: hostsThrough(outside) } : {}),
      }),
    signal,
  );
  const kept = opened.move();
  return {
    rendered,
    check: async (manifest, takeOwnership) => {
      if (!validate) return;
      const isNew = !release.isUpgrade && !takeOwnership;
      await checkInstall(await cluster(), manifest, release, { isNew, signal });
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function askCapabilities(cluster: () => Promise<Cluster>, signal: AbortSignal): Promise<Capabilities> {
  try {
    return await clusterCapabilities(await cluster(), signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof SlipwayError)) throw error;
    const reason = isKubeError(error, "KUBE_UNAUTHORIZED")
      ? "the server has asked for the client to provide credentials"
      : error.message;
    throw new SlipwayError(error.code, `Kubernetes cluster unreachable: ${reason}`, { cause: error });
  }
}
