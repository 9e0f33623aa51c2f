import { GoMap, printValue, type Value } from "#gotemplate";
import { parseConstraint, parseVersion } from "#semver";
import { addDependency, type Chart, copyChart, type Dependency } from "./chart.ts";
import { coalesceTables, coalesceValues, type CoalesceOptions } from "./coalesce.ts";
import { copyMap, isTable, parseGoMap, textOf } from "./go-values.ts";

type Warn = Pick<CoalesceOptions, "onWarning">;

/**
 * The chart as it will be rendered: aliases applied, disabled dependencies taken out (conditions before tags),
 * `import-values` imported. The chart given is not changed.
 *
 * @throws {SlipwayError} VALUES_INVALID
 * @see `chartutil.ProcessDependenciesWithMerge` of Helm 3
 */
export function processDependencies(chart: Chart, values: GoMap, options: Warn = {}): Chart {
  const copy = copyChart(chart);
  enable(copy, values, "", options);
  importValues(copy, options);
  return copy;
}

/** Whether a chart has a list of dependencies, be it an empty one. */
export function declaresDependencies({ metadata, raw }: Chart): boolean {
  if (metadata.dependencies.length > 0) return true;
  return raw.some(
    ({ name, data }) =>
      ["Chart.yaml", "requirements.yaml"].includes(name) &&
      Array.isArray(parseGoMap(textOf(data)).get("dependencies")),
  );
}

function enable(chart: Chart, values: GoMap, path: string, options: Warn): void {
  const declared = chart.metadata.dependencies;
  if (declared.length === 0) return;
  const present = Map.groupBy(chart.dependencies, (child) => child.metadata.name);
  const wanted = Map.groupBy(declared, (one) => one.name);
  const undeclared = chart.dependencies.filter(
    ({ metadata }) => !wanted.get(metadata.name)?.some((one) => isCompatible(one.version, metadata.version)),
  );
  chart.dependencies = [];
  for (const child of undeclared) addDependency(chart, child);
  for (const dependency of declared) {
    const child = aliased(present.get(dependency.name) ?? [], dependency);
    if (child !== undefined) addDependency(chart, child);
    if (dependency.alias !== "") dependency.name = dependency.alias;
    dependency.enabled = true;
  }
  const seen = coalesceValues(chart, values, options);
  applyTags(declared, seen, options);
  applyConditions(declared, seen, path, options);
  const disabled = new Set(declared.filter((one) => !one.enabled).map((one) => one.name));
  chart.dependencies = chart.dependencies.filter((child) => !disabled.has(child.metadata.name));
  chart.metadata.dependencies = declared.filter((one) => !disabled.has(one.name));
  for (const child of chart.dependencies) enable(child, seen, `${path}${child.metadata.name}.`, options);
}

/** A copy of the one of the charts that a declaration means, under its alias. */
function aliased(charts: readonly Chart[], dependency: Dependency): Chart | undefined {
  const found = charts.find(({ metadata }) => isCompatible(dependency.version, metadata.version));
  if (found === undefined) return undefined;
  const copy = copyChart(found, found.parent);
  if (dependency.alias !== "") copy.metadata.name = dependency.alias;
  return copy;
}

/** How many answers of isCompatible() are kept; the charts of an umbrella ask the same again and again. */
const KEPT_ANSWERS = 1000;
const answers = new Map<string, boolean>();

/** Whether a version is within a range; what cannot be read is not. */
export function isCompatible(range: string, version: string): boolean {
  const question = `${range}\n${version}`;
  let answer = answers.get(question);
  if (answer === undefined) {
    answer = isWithin(range, version);
    if (answers.size >= KEPT_ANSWERS) answers.clear();
    answers.set(question, answer);
  }
  return answer;
}

function isWithin(range: string, version: string): boolean {
  try {
    return parseConstraint(range).allows(parseVersion(version));
  } catch {
    return false;
  }
}

function applyTags(dependencies: readonly Dependency[], values: GoMap, options: Warn): void {
  const tags = values.get("tags");
  if (!isTable(tags)) return;
  for (const dependency of dependencies) {
    let anyTrue = false;
    let anyFalse = false;
    for (const tag of dependency.tags) {
      const value = tags.get(tag);
      if (value === true) anyTrue = true;
      else if (value === false) anyFalse = true;
      else if (value !== undefined) {
        options.onWarning?.(`Warning: Tag '${tag}' for chart ${dependency.name} returned non-bool value`);
      }
    }
    dependency.enabled = anyTrue || !anyFalse;
  }
}

function applyConditions(
  dependencies: readonly Dependency[],
  values: GoMap,
  path: string,
  options: Warn,
): void {
  for (const dependency of dependencies) {
    for (const condition of dependency.condition.trim().split(",")) {
      if (condition === "") continue;
      const value = valueAt(values, path + condition);
      if (value === undefined || isTable(value)) continue;
      if (typeof value === "boolean") {
        dependency.enabled = value;
        break;
      }
      options.onWarning?.(
        `Warning: Condition path '${condition}' for chart ${dependency.name} returned non-bool value`,
      );
    }
  }
}

function valueAt(values: GoMap, path: string): Value | undefined {
  let at: Value | undefined = values;
  for (const name of path.split(".")) {
    if (!isTable(at)) return undefined;
    at = at.get(name);
  }
  return at;
}

function importValues(chart: Chart, options: Warn): void {
  for (const child of chart.dependencies) importValues(child, options);
  if (chart.metadata.dependencies.length === 0) return;
  const keep = { ...options, keepNulls: true };
  const values = coalesceValues(chart, new GoMap(), keep);
  let imported = new GoMap();
  for (const dependency of chart.metadata.dependencies) {
    for (const item of dependency.importValues) {
      const isMap = isTable(item);
      if (!isMap && typeof item !== "string") continue;
      const child = isMap ? printValue(item.get("child")) : `exports.${item}`;
      const parent = isMap ? printValue(item.get("parent")) : ".";
      const table = valueAt(values, `${dependency.name}.${child}`);
      if (!isTable(table)) {
        const what = isMap ? ` from chart ${dependency.name}` : "";
        const missing = firstMissing(values, `${dependency.name}.${child}`);
        options.onWarning?.(
          `Warning: ImportValues missing table${what}: ${JSON.stringify(missing)} is not a table`,
        );
        continue;
      }
      imported = coalesceTables(imported, placedAt(parent, table), keep);
    }
  }
  chart.values = imported.size === 0 ? values : coalesceTables(copyMap(values), imported, keep);
}

function placedAt(path: string, table: GoMap): GoMap {
  if (path === ".") return table;
  return path.split(".").reduceRight((inner, name) => GoMap.of([[name, inner]]), table);
}

function firstMissing(values: GoMap, path: string): string {
  let at: Value | undefined = values;
  for (const name of path.split(".")) {
    at = isTable(at) ? at.get(name) : undefined;
    if (!isTable(at)) return name;
  }
  return path;
}
