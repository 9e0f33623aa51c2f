import { SlipwayError } from "#errors";
import {
  compareStrings,
  functionMap,
  GoMap,
  missingKeyHint,
  mapAs,
  sprigFunctions,
  TemplateError,
  type TemplateFunction,
  TemplateSet,
  type Limits,
  type Value,
} from "#gotemplate";
import { chartPath, type Chart } from "./chart.ts";
import type { Capabilities } from "./capabilities.ts";
import { coalesceValues } from "./coalesce.ts";
import { filesObject } from "./files.ts";
import { isTable, textOf } from "./go-values.ts";
import { DeliberateFailure, helmFunctions, type Lookup } from "./helm-functions.ts";
import { capabilitiesObject, chartObject, namedValues } from "./objects.ts";

/** The release that templates see as `.Release`. */
export interface ReleaseFacts {
  readonly name: string;
  readonly namespace: string;
  readonly revision: number;
  readonly isUpgrade: boolean;
  /** `Helm` unless told. */
  readonly service?: string;
}

export interface EngineOptions {
  /** A key that is missing is an error. */
  readonly strict?: boolean;
  /** `required` and `fail` do not fail. */
  readonly lint?: boolean;
  readonly lookup?: Lookup;
  readonly resolveHost?: (name: string) => string;
  /** Functions beside Sprig's and Helm's; they win over those. */
  readonly extraFunctions?: readonly TemplateFunction[];
  /** Templates that are there before the chart's own, by name. */
  readonly extraTemplates?: ReadonlyMap<string, string>;
  readonly limits?: Partial<Limits>;
  readonly onWarning?: (message: string) => void;
}

/** What templates see as `.`, before anything is rendered. */
export interface RenderValues {
  readonly values: GoMap;
  readonly release: ReleaseFacts;
  readonly capabilities: Capabilities;
}

/**
 * The values of a chart whose dependencies are processed.
 *
 * @throws {SlipwayError} VALUES_INVALID
 */
export function renderValues(
  chart: Chart,
  values: GoMap,
  release: ReleaseFacts,
  capabilities: Capabilities,
  options: Pick<EngineOptions, "onWarning"> = {},
): RenderValues {
  return { values: coalesceValues(chart, values, options), release, capabilities };
}

/**
 * Renders every template of a chart and of the charts below it.
 *
 * @returns text by path, `chart/templates/file.yaml`; partials (`_name`) are not in it.
 * @throws {SlipwayError} TEMPLATE_PARSE or TEMPLATE_EXECUTION; the message is Helm's, to the byte, and the causes tell
 *   the templates in between.
 * @see `helm.sh/helm/v3/pkg/engine`
 */
export function renderTemplates(
  chart: Chart,
  given: RenderValues,
  options: EngineOptions = {},
): Map<string, string> {
  const templates = new Map<string, Renderable>();
  collect(chart, given, undefined, templates);
  const set = new TemplateSet("gotpl", functionsFor(options));
  for (const [name, text] of options.extraTemplates ?? []) parse(set, name, text);
  const names = deepestFirst([...templates.keys()]);
  for (const name of names) parse(set, name, (templates.get(name) as Renderable).text);
  const rendered = new Map<string, string>();
  for (const name of names) {
    if (name.slice(name.lastIndexOf("/") + 1).startsWith("_")) continue;
    rendered.set(name, render(set, name, templates.get(name) as Renderable, options));
  }
  return rendered;
}

interface Renderable {
  readonly text: string;
  readonly scope: GoMap;
  readonly basePath: string;
}

function functionsFor(options: EngineOptions): ReturnType<typeof functionMap> {
  const { lookup, resolveHost } = options;
  const helm = helmFunctions({
    lint: options.lint === true,
    lookup: options.lint === true ? undefined : lookup,
    resolveHost,
    onWarning: options.onWarning,
  });
  return new Map([...sprigFunctions(), ...functionMap(...helm, ...(options.extraFunctions ?? []))]);
}

/** Finds the templates of a chart and prepares what they see; answers that. */
function collect(
  chart: Chart,
  given: RenderValues,
  parent: GoMap | undefined,
  into: Map<string, Renderable>,
): GoMap {
  const { release } = given;
  const subcharts = new GoMap();
  const scope = GoMap.of(
    [
      ["Chart", chartObject(chart.metadata, parent === undefined)],
      ["Files", filesObject(chart.files)],
      ["Release", parent?.get("Release") ?? releaseMap(release)],
      ["Capabilities", parent?.get("Capabilities") ?? capabilitiesObject(given.capabilities)],
      ["Values", scopeValues(chart, given, parent)],
      ["Subcharts", subcharts],
    ],
    "chartutil.Values",
  );
  namedValues(scope);
  for (const child of chart.dependencies)
    subcharts.set(child.metadata.name, mapAs(collect(child, given, scope, into), "map[string]interface {}"));
  const path = chartPath(chart);
  const isLibrary = chart.metadata.type.toLowerCase() === "library";
  for (const file of chart.templates) {
    if (isLibrary && !file.name.slice(file.name.lastIndexOf("/") + 1).startsWith("_")) continue;
    into.set(`${path}/${file.name}`, { text: textOf(file.data), scope, basePath: `${path}/templates` });
  }
  return scope;
}

/** A subchart's values are Helm's own type only as that chart sees them: in its parent's values they stay a plain map. */
function scopeValues(chart: Chart, given: RenderValues, parent: GoMap | undefined): GoMap {
  if (parent === undefined) return namedValues(given.values);
  const values = parent.get("Values");
  const own = isTable(values) ? values.get(chart.metadata.name) : undefined;
  return namedValues(isTable(own) ? mapAs(own, "chartutil.Values") : new GoMap());
}

function releaseMap(release: ReleaseFacts): GoMap {
  return GoMap.of([
    ["Name", release.name],
    ["Namespace", release.namespace],
    ["IsUpgrade", release.isUpgrade],
    ["IsInstall", !release.isUpgrade],
    ["Revision", BigInt(release.revision)],
    ["Service", release.service ?? "Helm"],
  ]);
}

/** The order in which templates are parsed and run: a later definition wins, so the chart's own come last. */
function deepestFirst(names: readonly string[]): string[] {
  return names
    .map((name) => ({ name, depth: name.split("/").length }))
    .sort((a, b) => b.depth - a.depth || compareStrings(b.name, a.name))
    .map(({ name }) => name);
}

function parse(set: TemplateSet, name: string, text: string): void {
  try {
    set.parse(name, text);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const parts = error.message.split(": ");
    const message =
      parts.length === 1
        ? `parse error in (${name}): ${error.message}`
        : `parse error at (${parts[1]}): ${parts.at(-1)}`;
    throw rewritten(error, "TEMPLATE_PARSE", message);
  }
}

function render(set: TemplateSet, name: string, template: Renderable, options: EngineOptions): string {
  template.scope.set(
    "Template",
    GoMap.of(
      [
        ["Name", name],
        ["BasePath", template.basePath],
      ] as [string, Value][],
      "chartutil.Values",
    ),
  );
  try {
    const text = set.execute(name, template.scope, {
      missingKey: options.strict === true ? "error" : "zero",
      ...(options.limits === undefined ? {} : { limits: options.limits }),
    });
    return text.replaceAll("<no value>", "");
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw cleaned(error, template.scope);
  }
}

/** `fail` and `required` show their own text, at the place of the outermost template. */
function cleaned(error: TemplateError, scope: GoMap): SlipwayError {
  const [, location = "", ...rest] = error.message.split(": ");
  const text = DeliberateFailure.PATTERN.exec(rest.join(": "))?.[1];
  return text === undefined ? error : deliberate(error, `execution error at (${location}): ${text}`, scope);
}

/** The places of all templates on the way stay; the marks that Helm puts around the text do not. */
function deliberate(error: TemplateError, message: string, scope: GoMap): SlipwayError {
  const { place, cause } = error;
  const inner = cause instanceof TemplateError ? deliberate(cause, message, scope) : undefined;
  const hint = inner === undefined ? missingValue(error.facts.expression ?? "", scope) : undefined;
  return new SlipwayError("TEMPLATE_EXECUTION", message, {
    ...(place === undefined ? {} : { place }),
    ...(inner === undefined ? {} : { cause: inner }),
    ...(hint === undefined ? {} : { hint }),
  });
}

/** What is wrong with the path of values that `required` was given. */
function missingValue(expression: string, scope: GoMap): string | undefined {
  const path = /^required .* \$?\.Values\.([\w.]+)$/s.exec(expression)?.[1];
  let holder = scope.get("Values");
  for (const key of path?.split(".") ?? []) {
    if (!isTable(holder)) return undefined;
    if (!holder.has(key)) return missingKeyHint(key, [...holder.keys()]);
    holder = holder.get(key);
  }
  return undefined;
}

function rewritten(error: TemplateError, code: string, message: string): SlipwayError {
  return new SlipwayError(code, message, {
    cause: error.cause,
    ...(error.place === undefined ? {} : { place: error.place }),
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
}
