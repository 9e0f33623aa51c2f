import { join } from "node:path";
import type { RepoMode } from "#build";
import {
  DEFAULT_CAPABILITIES,
  loadChart,
  lockMap,
  mergeValues,
  renderChart,
  templateOutput,
  type Capabilities,
  type Chart,
  type Lookup,
  type Metadata,
  type RenderedRelease,
} from "#chart";
import { exists } from "#disk";
import { SlipwayError } from "#errors";
import { GoMap, GoNumber, GoSlice, type Value } from "#gotemplate";
import { openCluster, type Cluster, type KubeConfigSource } from "#kube";
import { resolveNamespace, resolveReleaseName, type Project } from "#project";
import {
  deployRelease,
  releaseStatus,
  uninstallRelease,
  type ChartRecord,
  type DeployResult,
} from "#release";
import { annotateManifest } from "./annotate.ts";
import { builtBefore } from "./build.ts";
import { clusterCapabilities } from "./cluster-capabilities.ts";
import type { ExtraMetadata } from "./extra-metadata.ts";
import { renderWithLookups } from "./live-lookup.ts";
import { serviceValues } from "./service-values.ts";
import { serviceImages, type ChosenTag } from "./tagging.ts";
import { werfHelpers, werfHelperTemplates } from "./werf-helpers.ts";
import type { Settings, Workplace } from "./workplace.ts";

/** What names a release and where it goes. */
export interface ReleaseRequest {
  readonly env: string;
  readonly release: string | undefined;
  readonly namespace: string | undefined;
}

export interface RenderRequest extends ReleaseRequest {
  readonly chartDirectory: string;
  readonly values: readonly string[];
  readonly set: readonly string[];
  readonly setString: readonly string[];
  readonly extra: ExtraMetadata;
  readonly repo: string;
  readonly mode: RepoMode;
  readonly tag: ChosenTag;
}

export interface DeployOptions extends RenderRequest {
  readonly kube: KubeConfigSource;
  readonly timeoutMs: number | undefined;
  readonly historyMax: number;
  readonly statusPeriodMs: number;
  readonly hookStatusPeriodMs: number;
}

interface Named {
  readonly name: string;
  readonly namespace: string;
}

interface NamedImage {
  readonly name: string;
  readonly contentSignature: string;
}

/**
 * Releases a project's chart with the images that were built at this commit, and waits until everything is ready.
 *
 * @throws {SlipwayError} BUILD_STAGES_REQUIRED, those of rendering, of the cluster, of tracking.
 */
export async function deploy(
  project: Project,
  place: Workplace | undefined,
  settings: Settings,
  options: DeployOptions,
): Promise<DeployResult & Named> {
  const named = await nameRelease(project, options, settings.env);
  const images =
    place === undefined ? [] : (await builtBefore(place, settings, [])).filter((image) => !image.isArtifact);
  await using cluster = await openCluster(options.kube);
  const [capabilities, past] = await Promise.all([
    clusterCapabilities(cluster, settings.signal),
    releaseStatus(cluster, named, { signal: settings.signal }),
  ]);
  const rendered = await renderProject(project, settings, options, {
    ...named,
    images,
    capabilities,
    revision: (past?.revision ?? 0) + 1,
    isUpgrade: past !== undefined,
    cluster,
  });
  const result = await deployRelease({
    cluster,
    ...named,
    rendered: {
      manifest: annotateManifest(rendered.manifest, options.extra),
      hooks: rendered.hooks.map(({ content, ...hook }) => ({
        ...hook,
        manifest: annotateManifest(content, options.extra),
      })),
      notes: rendered.notes,
      chart: chartRecord(rendered.chart),
      config: rendered.config,
      crds: rendered.crds.map(({ content }) => content),
    },
    historyMax: options.historyMax,
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    statusPeriodMs: options.statusPeriodMs,
    hookStatusPeriodMs: options.hookStatusPeriodMs,
    events: settings.events,
    signal: settings.signal,
  });
  return { ...result, ...named };
}

/** The manifests of a project's chart, as `werf helm render` prints them. Nothing is built and no cluster is asked. */
export async function render(
  project: Project,
  images: readonly NamedImage[],
  settings: Settings,
  options: RenderRequest,
): Promise<string> {
  const named = await nameRelease(project, options, settings.env);
  const rendered = await renderProject(project, settings, options, {
    ...named,
    images,
    capabilities: DEFAULT_CAPABILITIES,
    revision: 1,
    isUpgrade: false,
  });
  return annotateManifest(templateOutput(rendered), options.extra);
}

/** Takes a release out of the cluster. */
export async function dismiss(
  project: Project,
  settings: Settings,
  options: ReleaseRequest & {
    readonly kube: KubeConfigSource;
    readonly withNamespace: boolean;
    readonly withHooks: boolean;
    readonly timeoutMs: number | undefined;
  },
): Promise<Named & { readonly existed: boolean }> {
  const named = await nameRelease(project, options, settings.env);
  await using cluster = await openCluster(options.kube);
  const { existed } = await uninstallRelease({
    cluster,
    ...named,
    deleteNamespace: options.withNamespace,
    deleteHooks: options.withHooks,
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    events: settings.events,
    signal: settings.signal,
  });
  return { ...named, existed };
}

async function nameRelease(
  project: Project,
  request: ReleaseRequest,
  environment: Readonly<Record<string, string>>,
): Promise<Named> {
  const given = (value: string | undefined) => ({
    env: request.env,
    environment,
    ...(value === undefined ? {} : { given: value }),
  });
  return {
    name: await resolveReleaseName(project, given(request.release)),
    namespace: await resolveNamespace(project, given(request.namespace)),
  };
}

interface RenderFacts extends Named {
  readonly images: readonly NamedImage[];
  readonly capabilities: Capabilities;
  readonly revision: number;
  readonly isUpgrade: boolean;
  /** Without it `lookup` finds nothing. */
  readonly cluster?: Cluster;
}

async function renderProject(
  project: Project,
  settings: Settings,
  options: RenderRequest,
  facts: RenderFacts,
): Promise<RenderedRelease> {
  const warned = new Set<string>();
  const onWarning = (text: string): void => {
    if (!warned.has(text)) settings.events({ type: "notice", path: [], level: "warning", text });
    warned.add(text);
  };
  await refuseSecrets(options.chartDirectory);
  const chart = await loadChart(options.chartDirectory, {
    onWarning,
    metadata: { name: project.name, version: "0.1.0", apiVersion: "v2" },
  });
  const values = await mergeValues({
    files: options.values,
    afterFiles: serviceValues({
      project: project.name,
      version: settings.version,
      namespace: facts.namespace,
      env: options.env,
      repo: options.repo,
      strategy: options.tag.strategy,
      ...(options.tag.tag === undefined ? {} : { commonTag: options.tag.tag }),
      images: serviceImages(facts.images, options, options.tag),
    }),
    set: options.set,
    setString: options.setString,
  });
  const renderOnce = (lookup?: Lookup): Promise<RenderedRelease> =>
    renderChart(
      chart,
      withFloats(values),
      {
        name: facts.name,
        namespace: facts.namespace,
        revision: facts.revision,
        isUpgrade: facts.isUpgrade,
        service: "Tiller",
      },
      {
        capabilities: facts.capabilities,
        ...(lookup === undefined ? {} : { lookup }),
        extraFunctions: werfHelpers(),
        extraTemplates: new Map([["_werf_helpers.tpl", werfHelperTemplates]]),
        onWarning,
      },
    );
  return facts.cluster === undefined
    ? renderOnce()
    : renderWithLookups(facts.cluster, renderOnce, settings.signal);
}

/** A release without values that its chart keeps encrypted would be another release. */
async function refuseSecrets(chartDirectory: string): Promise<void> {
  for (const name of ["secret-values.yaml", "secret"]) {
    if (!(await exists(join(chartDirectory, name)))) continue;
    throw new SlipwayError("NOT_BUILT_YET", `Secrets of a chart are known but not built yet: ${name}`, {
      hint: `Move ${join(chartDirectory, name)} away, and give its values with --values or --set; nothing was done`,
    });
  }
}

/** In werf 1.1 every number reaches the templates as a float64. */
function withFloats(values: GoMap): GoMap {
  const convert = (value: Value): Value => {
    if (typeof value === "bigint") return Number(value);
    if (value instanceof GoNumber) return Number(value.value);
    if (value instanceof GoMap)
      return GoMap.of(
        [...value].map(([key, one]) => [key, convert(one)] as const),
        value.type,
      );
    if (value instanceof GoSlice) return value;
    return Array.isArray(value) ? value.map(convert) : value;
  };
  return convert(values) as GoMap;
}

function chartRecord(chart: Chart): ChartRecord {
  return {
    metadata: metadataJson(chart.metadata),
    lock: chart.lock && lockMap(chart.lock),
    templates: chart.templates,
    values: chart.values,
    schema: chart.schema,
    files: chart.files,
  };
}

/** Chart.yaml as Helm's record has it: what is empty is left out. */
function metadataJson(metadata: Metadata): Record<string, unknown> {
  const { annotations, dependencies, ...fields } = metadata;
  const all: Record<string, unknown> = {
    ...fields,
    annotations: Object.fromEntries(annotations),
    dependencies: dependencies.map(({ importValues, ...dependency }) =>
      withoutEmpty({ ...dependency, "import-values": importValues }),
    ),
  };
  return withoutEmpty(all);
}

function withoutEmpty(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const isEmpty = (value: unknown): boolean =>
    value === "" ||
    value === false ||
    value === undefined ||
    (typeof value === "object" && value !== null && Object.keys(value).length === 0);
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => !isEmpty(value)));
}
