import { SlipwayError } from "#errors";
import type { GoMap } from "#gotemplate";
import { chartCrds, hasSchema, type Chart } from "./chart.ts";
import { type Capabilities, DEFAULT_CAPABILITIES } from "./capabilities.ts";
import { isCompatible, processDependencies } from "./dependencies.ts";
import { type EngineOptions, type ReleaseFacts, renderTemplates, renderValues } from "./engine.ts";
import { filePattern } from "./glob.ts";
import { textOf } from "./go-values.ts";
import { type Hook, type Manifest, sortManifests, splitManifests, trimSpace } from "./manifests.ts";

export interface RenderOptions extends EngineOptions {
  /** What Helm takes for granted without a cluster unless told. */
  readonly capabilities?: Capabilities;
  /** The notes of subcharts too. */
  readonly subNotes?: boolean;
  /** Leaves values.schema.json unread. */
  readonly skipSchema?: boolean;
}

/** A chart with its values filled in. */
export interface RenderedRelease {
  /** The chart as it was rendered: without disabled dependencies, under their aliases. */
  readonly chart: Chart;
  /** The user's values, as given. */
  readonly config: GoMap;
  /** The coalesced values that templates saw. */
  readonly values: GoMap;
  /** Objects in the order of installation. */
  readonly manifests: readonly Manifest[];
  readonly hooks: readonly Hook[];
  readonly notes: string;
  /** The CRDs of `crds/`, which are not templates. */
  readonly crds: readonly { readonly filename: string; readonly content: string }[];
  /** What a release record keeps: every object behind `---` and `# Source:`. */
  readonly manifest: string;
}

/**
 * Renders a chart as `helm install` and `helm template` do: dependencies, values, templates, objects in order.
 *
 * @throws {SlipwayError} VALUES_INVALID, VALUES_SCHEMA, CHART_DEPENDENCY_MISSING, CHART_KUBE_VERSION, TEMPLATE_PARSE, TEMPLATE_EXECUTION, CHART_MANIFEST; the
 *   message is Helm's.
 */
export async function renderChart(
  chart: Chart,
  values: GoMap,
  release: ReleaseFacts,
  options: RenderOptions = {},
): Promise<RenderedRelease> {
  if (chart.metadata.type === "library") {
    throw new SlipwayError("CHART_INVALID", "library charts are not installable");
  }
  checkDependencies(chart);
  const capabilities = options.capabilities ?? DEFAULT_CAPABILITIES;
  const processed = processDependencies(chart, values, options);
  const given = renderValues(processed, values, release, capabilities, options);
  if (options.skipSchema !== true && hasSchema(processed)) {
    const { validateValues } = await import("./schema.ts");
    validateValues(processed, given.values);
  }
  checkKubeVersion(processed, capabilities);
  const files = renderTemplates(processed, given, options);
  const notes = takeNotes(files, processed.metadata.name, options.subNotes === true);
  const { manifests, hooks } = sortManifests(files);
  return {
    chart: processed,
    config: values,
    values: given.values,
    manifests,
    hooks,
    notes,
    crds: chartCrds(processed).map(({ filename, file }) => ({ filename, content: textOf(file.data) })),
    manifest: manifests.map(withSource).join(""),
  };
}

export interface TemplateOutputOptions {
  readonly includeCrds?: boolean;
  readonly noHooks?: boolean;
  readonly skipTests?: boolean;
  /** Patterns of the templates to show, relative to the chart. */
  readonly showOnly?: readonly string[];
  /** What a post-renderer made of templateObjects(). */
  readonly objects?: string;
}

/** The objects of a chart without its hooks, as `helm template` gives them to a post-renderer. */
export function templateObjects(rendered: RenderedRelease, options: TemplateOutputOptions = {}): string {
  const crds = options.includeCrds === true ? rendered.crds : [];
  return [...crds.map(({ filename, content }) => sourced(filename, content)), rendered.manifest].join("");
}

/**
 * The text that `helm template` prints.
 *
 * @throws {SlipwayError} CHART_TEMPLATE_MISSING for a pattern of `showOnly` that fits nothing.
 */
export function templateOutput(rendered: RenderedRelease, options: TemplateOutputOptions = {}): string {
  let output = `${trimSpace(options.objects ?? templateObjects(rendered, options))}\n`;
  if (options.noHooks !== true) {
    for (const hook of rendered.hooks) {
      if (options.skipTests !== true || !hook.events.includes("test")) output += withSource(hook);
    }
  }
  const { showOnly = [] } = options;
  return showOnly.length === 0 ? output : selected(output, showOnly);
}

function selected(output: string, patterns: readonly string[]): string {
  const manifests = splitManifests(output);
  let shown = "";
  for (const pattern of patterns) {
    const matcher = filePattern(pattern);
    const found = manifests.filter((manifest) => {
      const name = /# Source: [^/\n]+\/(.+)/.exec(manifest)?.[1];
      return name !== undefined && matcher?.test(name) === true;
    });
    if (found.length === 0) {
      throw new SlipwayError("CHART_TEMPLATE_MISSING", `could not find template ${pattern} in chart`);
    }
    for (const manifest of found) shown += `---\n${manifest}\n`;
  }
  return shown;
}

function withSource(manifest: Manifest): string {
  return sourced(manifest.path, manifest.content);
}

function sourced(path: string, content: string): string {
  return `---\n# Source: ${path}\n${content}\n`;
}

/** Names of charts that Chart.yaml declares and `charts/` lacks. */
export function missingDependencies(chart: Chart): string[] {
  const present = new Set(chart.dependencies.map((child) => child.metadata.name));
  return chart.metadata.dependencies.map((one) => one.name).filter((name) => !present.has(name));
}

function checkDependencies(chart: Chart): void {
  const missing = missingDependencies(chart);
  if (missing.length === 0) return;
  throw new SlipwayError(
    "CHART_DEPENDENCY_MISSING",
    `An error occurred while checking for chart dependencies. You may need to run \`helm dependency build\` to fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: ${missing.join(", ")}`,
  );
}

function checkKubeVersion(chart: Chart, capabilities: Capabilities): void {
  const wanted = chart.metadata.kubeVersion;
  const { version } = capabilities.kubeVersion;
  if (wanted === "" || isCompatible(wanted, version)) return;
  throw new SlipwayError(
    "CHART_KUBE_VERSION",
    `chart requires kubeVersion: ${wanted} which is incompatible with Kubernetes ${version}`,
  );
}

/** Takes NOTES.txt out of the files and answers the text to show. */
function takeNotes(files: Map<string, string>, chart: string, subNotes: boolean): string {
  const texts: string[] = [];
  for (const [path, text] of files) {
    if (!path.endsWith("NOTES.txt")) continue;
    if (subNotes || path === `${chart}/templates/NOTES.txt`) texts.push(text);
    files.delete(path);
  }
  return texts.join("\n");
}
