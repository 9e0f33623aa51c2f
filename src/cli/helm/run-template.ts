import { dirname, join } from "node:path";
import {
  loadChart,
  processDependencies,
  renderChart,
  renderTemplates,
  renderValues,
  templateOutput,
  type Chart,
  type RenderedRelease,
  type TemplateOutputOptions,
} from "#chart";
import { SlipwayError } from "#errors";
import { compareStrings, functionMap, GoMap, sprigFunctions, TemplateSet } from "#gotemplate";
import type { Invocation } from "../command.ts";
import { fault, needArguments, warner } from "./arguments.ts";
import { capabilitiesOf, valuesOf } from "./chart-values.ts";
import { namespaceOf } from "./cluster.ts";
import { locateChart } from "./locate.ts";

const HELM_VERSION = "v3.22.0";
const MAX_RELEASE_NAME = 53;
const RELEASE_NAME = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";
/** Faults of a chart's templates, at which Helm offers to print what there is. */
const FAULTS_OF_RENDERING = ["TEMPLATE_PARSE", "TEMPLATE_EXECUTION", "CHART_MANIFEST"];

/** `helm template`. */
export async function runTemplate(call: Invocation): Promise<undefined> {
  const { flags, context } = call;
  deferOptimization();
  needArguments(call, 1, "[NAME] [CHART] [flags]", true);
  const onWarning = warner(context);
  const [name, source] = nameAndChart(call);
  const path = await locateChart(call, source);
  const values = await valuesOf(call);
  const chart = await loadChart(path, { onWarning });
  if (chart.metadata.deprecated) context.err("WARNING: This chart is deprecated\n");
  checkReleaseName(name);
  const release = {
    name,
    namespace: await namespaceOf(call),
    revision: 1,
    isUpgrade: flags.bool("is-upgrade"),
  };
  const capabilities = capabilitiesOf(call);
  let rendered;
  try {
    rendered = await renderChart(chart, values, release, {
      capabilities,
      skipSchema: flags.bool("skip-schema-validation"),
      onWarning,
    });
  } catch (error) {
    if (!(error instanceof SlipwayError) || !FAULTS_OF_RENDERING.includes(error.code)) throw error;
    if (!flags.bool("debug")) {
      const message = `${error.message}\n\nUse --debug flag to render out invalid YAML`;
      throw new SlipwayError(error.code, message, { cause: error });
    }
    const isReadable = error.code === "CHART_MANIFEST";
    const seen = isReadable ? renderValues(chart, values, release, capabilities) : undefined;
    context.out(seen === undefined ? "\n" : unsorted(chart, values, seen));
    throw error;
  }
  const options: TemplateOutputOptions = {
    includeCrds: flags.bool("include-crds") && !flags.bool("skip-crds"),
    noHooks: flags.bool("no-hooks"),
    skipTests: flags.bool("skip-tests"),
    showOnly: flags.list("show-only").flatMap((one) => one.split(",")),
  };
  const directory = flags.text("output-dir") ?? "";
  if (directory === "") {
    context.out(templateOutput(rendered, options));
    return undefined;
  }
  const below = flags.bool("release-name") ? join(directory, name) : directory;
  await writeOut(rendered, options, { crds: directory, objects: below, say: context.out });
  const [missing] = options.showOnly ?? [];
  if (missing !== undefined) throw fault(`could not find template ${missing} in chart`);
  context.out("\n");
  return undefined;
}

/**
 * Most charts are rendered before optimized code has paid for its making, so V8 waits ten times longer with it than it
 * does by itself. Only for the Node whose V8 is known to have these settings.
 */
function deferOptimization(): void {
  if (!process.versions.node.startsWith("24.")) return;
  const { setFlagsFromString } = process.getBuiltinModule("node:v8");
  setFlagsFromString("--invocation-count-for-maglev=4000");
  setFlagsFromString("--invocation-count-for-maglev-osr=1000");
  setFlagsFromString("--invocation-count-for-turbofan=30000");
  setFlagsFromString("--invocation-count-for-osr=5000");
}

/** `helm version`: Helm's, so that callers that look for `v3.` go on working, then slipway's own. */
export async function runVersion(call: Invocation): Promise<undefined> {
  const text = call.flags.bool("short")
    ? `${HELM_VERSION}+slipway.${call.context.version}`
    : `version.BuildInfo{Version:"${HELM_VERSION}", GitCommit:"", GitTreeState:"clean", GoVersion:""} slipway ${call.context.version}`;
  call.context.out(`${text}\n`);
  return undefined;
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

interface Target {
  readonly crds: string;
  readonly objects: string;
  readonly say: (text: string) => void;
}

/** Each template's objects into a file of its own; a file of hooks replaces one of objects, as in Helm. */
async function writeOut(
  rendered: RenderedRelease,
  options: TemplateOutputOptions,
  target: Target,
): Promise<void> {
  const write = writer(target.say);
  if (options.includeCrds === true) {
    for (const crd of rendered.crds) await write(target.crds, crd.filename, crd.content);
  }
  for (const one of rendered.manifests) await write(target.objects, one.path, one.content);
  if (options.noHooks === true) return;
  const writeHook = writer(target.say);
  for (const hook of rendered.hooks) {
    if (options.skipTests === true && hook.events.includes("test")) continue;
    await writeHook(target.objects, hook.path, hook.content);
  }
}

function writer(say: (text: string) => void) {
  const { appendFile, mkdir, writeFile } = process.getBuiltinModule("node:fs/promises");
  const begun = new Set<string>();
  return async (directory: string, name: string, content: string): Promise<void> => {
    const path = `${directory}/${name}`;
    const text = `---\n# Source: ${name}\n${content}\n`;
    await mkdir(dirname(path), { recursive: true });
    await (begun.has(path) ? appendFile(path, text) : writeFile(path, text));
    begun.add(path);
    say(`wrote ${path}\n`);
  };
}
