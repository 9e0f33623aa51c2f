import { join } from "node:path";
import {
  loadChart,
  missingDependencies,
  processDependencies,
  renderChart,
  renderTemplates,
  renderValues,
  templateObjects,
  templateOutput,
  type Chart,
  type ReleaseFacts,
  type RenderOptions,
  type TemplateOutputOptions,
} from "#chart";
import type { HelmRender } from "#delivery";
import { SlipwayError } from "#errors";
import { compareStrings, functionMap, GoMap, sprigFunctions, TemplateSet } from "#gotemplate";
import type { Invocation } from "../command.ts";
import { fault, needArguments, warner } from "./arguments.ts";
import { capabilitiesOf, valuesOf } from "./chart-values.ts";
import { kubeSource, namespaceOf } from "./cluster.ts";
import { locateChart } from "./locate.ts";
import type { PostRenderer } from "./post-renderer.ts";

const MAX_RELEASE_NAME = 53;
const RELEASE_NAME = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";
/** Faults of a chart's templates. */
const FAULTS_OF_RENDERING = ["TEMPLATE_PARSE", "TEMPLATE_EXECUTION", "CHART_MANIFEST", "CHART_KUBE_VERSION"];
const SYSTEM_LABELS = ["name", "owner", "status", "version", "createdAt", "modifiedAt"];
const LIVE_DRY_RUNS = ["server", "none", "false"];

/** `helm template`. */
export async function runTemplate(call: Invocation): Promise<undefined> {
  const { flags, context } = call;
  const postRender = flags.isGiven("post-renderer")
    ? await (await import("./post-renderer.ts")).postRendererOf(call)
    : undefined;
  checkLabels(flags.list("labels"));
  needArguments(call, 1, "[NAME] [CHART] [flags]", true);
  const capabilities = capabilitiesOf(call);
  const [name, source] = nameAndChart(call);
  const path = await locateChart(call, source);
  const values = await valuesOf(call);
  const chart = await loadWhole(call, path);
  const namespace = await namespaceOf(call);
  const dryRun = dryRunOf(call);
  checkReleaseName(name);
  const release = { name, namespace, revision: 1, isUpgrade: flags.bool("is-upgrade") };
  const options: TemplateOutputOptions = {
    includeCrds: flags.bool("include-crds"),
    noHooks: flags.bool("no-hooks"),
    skipTests: flags.bool("skip-tests"),
    showOnly: flags.list("show-only"),
  };
  try {
    await using render = await renderFor(call, chart, values, release, {
      capabilities,
      skipSchema: flags.bool("skip-schema-validation"),
      subNotes: flags.bool("render-subchart-notes"),
      onWarning: warner(context),
      liveLookup: LIVE_DRY_RUNS.includes(dryRun),
    });
    refuseSystemLabels(flags.list("labels"));
    await writeResult(call, render, name, options, postRender);
  } catch (error) {
    if (!(error instanceof SlipwayError) || !FAULTS_OF_RENDERING.includes(error.code)) throw error;
    if (!flags.bool("debug")) throw offeringDebug(error);
    const isReadable = error.code === "CHART_MANIFEST";
    const seen = isReadable ? renderValues(chart, values, release, capabilities) : undefined;
    context.out(seen === undefined ? "\n" : unsorted(chart, values, seen));
    throw error;
  }
  return undefined;
}

/** The chart with what it depends on, which is fetched first where that was asked for. */
async function loadWhole(call: Invocation, path: string): Promise<Chart> {
  const { flags, context } = call;
  const options = { onWarning: warner(context) };
  const chart = await loadChart(path, options);
  if (chart.metadata.deprecated) context.err("WARNING: This chart is deprecated\n");
  if (!flags.bool("dependency-update") || missingDependencies(chart).length === 0) return chart;
  const { updateDependencies } = await import("./run-dependency.ts");
  await updateDependencies(call, path, true);
  return loadChart(path, options);
}

/** Most renderings look at nothing outside of the chart; the rooms of clusters are then not read. */
async function renderFor(
  call: Invocation,
  chart: Chart,
  values: GoMap,
  release: ReleaseFacts,
  { liveLookup, ...options }: RenderOptions & { readonly liveLookup: boolean },
): Promise<HelmRender> {
  const { flags, context } = call;
  const validate = flags.bool("validate");
  const hosts = flags.bool("enable-dns");
  if (!validate && !liveLookup && !hosts) {
    const rendered = await renderChart(chart, values, release, options);
    return { rendered, check: async () => undefined, [Symbol.asyncDispose]: async () => undefined };
  }
  const { renderHelmChart } = await import("#delivery");
  const { signal } = context;
  const kube = kubeSource(call);
  return renderHelmChart(chart, values, release, { ...options, kube, validate, liveLookup, hosts, signal });
}

async function writeResult(
  call: Invocation,
  { rendered, check }: HelmRender,
  name: string,
  options: TemplateOutputOptions,
  postRender: PostRenderer | undefined,
): Promise<void> {
  const { flags, context } = call;
  const directory = flags.text("output-dir") ?? "";
  const below = flags.bool("release-name") ? join(directory, name) : directory;
  const target = { crds: directory, objects: below, say: context.out };
  const files = directory === "" ? undefined : await import("./output-directory.ts");
  await files?.writeOut(rendered, options, target);
  const made = files === undefined ? templateObjects(rendered, options) : "";
  const objects =
    postRender === undefined
      ? made
      : await postRender(made).catch((error: unknown) => {
          if (!(error instanceof SlipwayError) || !flags.bool("debug")) throw offeringDebug(error);
          context.out(templateOutput(rendered, { ...options, objects: "" }));
          throw error;
        });
  await check(objects, flags.bool("take-ownership"));
  await files?.writeHooksOut(rendered, options, target);
  context.out(
    templateOutput(rendered, {
      ...options,
      objects,
      noHooks: files !== undefined || options.noHooks === true,
    }),
  );
}

/** Helm offers to print what there is. */
function offeringDebug(error: unknown): unknown {
  if (!(error instanceof SlipwayError)) return error;
  const message = `${error.message}\n\nUse --debug flag to render out invalid YAML`;
  return new SlipwayError(error.code, message, { cause: error });
}

/** Each must be `KEY=VALUE`, several in one word too. */
function checkLabels(labels: readonly string[]): void {
  const bad = labels.flatMap((one) => one.split(",")).find((one) => !one.includes("="));
  if (bad === undefined) return;
  throw fault(`invalid argument "${bad}" for "-l, --labels" flag: ${bad} must be formatted as key=value`);
}

function refuseSystemLabels(labels: readonly string[]): void {
  const names = labels.flatMap((one) => one.split(",")).map((one) => one.split("=")[0] ?? "");
  if (!names.some((name) => SYSTEM_LABELS.includes(name))) return;
  throw fault(
    `user supplied labels contains system reserved label name. System labels: [${SYSTEM_LABELS.join(" ")}]`,
  );
}

/** Helm's kinds of pretence; some of them let templates look at the cluster. */
function dryRunOf(call: Invocation): string {
  const given = call.flags.text("dry-run") || "true";
  if (["false", "true", "none", "client", "server"].includes(given)) return given;
  throw fault("Invalid dry-run flag. Flag must one of the following: false, true, none, client, server");
}

/** Name of the release and chart; `--generate-name` leaves the fixed name of `helm template` in place, as in Helm. */
function nameAndChart(call: Invocation): [name: string, chart: string] {
  const { args, flags } = call;
  const [first = "", second = "", ...more] = args;
  if (more.length > 0)
    throw fault(`expected at most two arguments, unexpected arguments: ${more.join(", ")}`);
  const template = flags.text("name-template") ?? "";
  if (args.length === 1) return [template === "" ? "release-name" : nameFrom(template), first];
  if (flags.bool("generate-name")) throw fault("cannot set --generate-name and also specify a name");
  if (template !== "") throw fault("cannot set --name-template and also specify a name");
  return [first, second];
}

function nameFrom(template: string): string {
  const set = new TemplateSet("name-template", functionMap(...sprigFunctions().values()));
  set.parse("name-template", template);
  return set.execute("name-template", new GoMap());
}

function checkReleaseName(name: string): void {
  if (name === "") throw fault('release name "": no name provided');
  if (name.length <= MAX_RELEASE_NAME && new RegExp(RELEASE_NAME).test(name)) return;
  throw fault(
    `release name ${JSON.stringify(name)}: invalid release name, must match regex ${RELEASE_NAME} and the length must not be longer than ${MAX_RELEASE_NAME}`,
  );
}

/** Every file as it was rendered, for the eye that looks for the fault. */
function unsorted(chart: Chart, values: GoMap, seen: ReturnType<typeof renderValues>): string {
  const processed = processDependencies(chart, values);
  const files = [...renderTemplates(processed, { ...seen, values: seen.values })];
  const text = files
    .filter(([path, text]) => text.trim() !== "" && !path.endsWith("NOTES.txt"))
    .sort(([a], [b]) => compareStrings(a, b))
    .map(([path, text]) => `---\n# Source: ${path}\n${text}\n`)
    .join("");
  return `${text.trim()}\n`;
}
