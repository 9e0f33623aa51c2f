import { join, resolve } from "node:path";
import { GoMap } from "#gotemplate";
import { parseConstraint, parseVersion } from "#semver";
import { parseYaml } from "#yaml";
import type { Chart, Maintainer } from "./chart.ts";
import { isMailbox, isWebsite } from "./contacts.ts";
import { coalesceTables } from "./coalesce.ts";
import { parseGoMap, textOf } from "./go-values.ts";
import { messageOf, type LintMessage, type LintOptions, type Say, type Severity } from "./lint-message.ts";
import { lintTemplates } from "./lint-templates.ts";
import { loadChart, readIfThere } from "./load.ts";
import { emptyMetadata, isVersion, readMetadata, type DeclaredMetadata } from "./metadata.ts";
import { missingDependencies } from "./render.ts";
import { isAbsoluteAddress } from "./schema-formats.ts";

/**
 * What is wrong with the chart in a directory, or might be, in Helm's words and order.
 *
 * @see `helm.sh/helm/v3/pkg/lint`
 */
export async function lintChart(directory: string, options: LintOptions): Promise<LintMessage[]> {
  const found: LintMessage[] = [];
  const say = (severity: Severity, path: string, text: string): void =>
    void found.push({ severity, path, text });
  lintDefinition(readIfThere(join(directory, "Chart.yaml")) ?? Buffer.alloc(0), say);
  await lintValues(directory, options, say);
  let chart: Chart;
  try {
    chart = await loadChart(directory);
  } catch (error) {
    const text = messageOf(error);
    say("ERROR", "templates/", text);
    say("ERROR", "", `unable to load chart\n\t${text}`);
    return found;
  }
  if (isFile(join(directory, "templates"))) say("WARNING", "templates/", "not a directory");
  else await lintTemplates(chart, options, say);
  lintDependencies(chart, options.name ?? resolve(directory), say);
  return found;
}

function isFile(path: string): boolean {
  return process.getBuiltinModule("node:fs").statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function lintDefinition(data: Buffer, say: Say): void {
  const file = "Chart.yaml";
  const metadata: DeclaredMetadata = emptyMetadata();
  try {
    readMetadata(data, metadata);
  } catch (error) {
    say("ERROR", file, `unable to parse YAML\n\t${messageOf(error)}`);
    return;
  }
  for (const text of definitionFaults(metadata, data)) say("ERROR", file, text);
  if (metadata.icon === "") say("INFO", file, "icon is recommended");
  else if (!isAbsoluteAddress(metadata.icon)) say("ERROR", file, `invalid icon URL '${metadata.icon}'`);
  const { apiVersion, type, dependencies } = metadata;
  if (type !== "" && apiVersion !== "v2") {
    say(
      "ERROR",
      file,
      `chart type is not valid in apiVersion '${apiVersion}'. It is valid in apiVersion 'v2'`,
    );
  }
  if (dependencies.length > 0 && apiVersion !== "v2") {
    say(
      "ERROR",
      file,
      `dependencies are not valid in the Chart file with apiVersion '${apiVersion}'. They are valid in apiVersion 'v2'`,
    );
  }
}

/** The chart's own values under those given, against the schema beside them. */
async function lintValues(directory: string, options: LintOptions, say: Say): Promise<void> {
  const file = "values.yaml";
  const data = readIfThere(join(directory, file));
  if (data === undefined) {
    say("INFO", file, "file does not exist");
    return;
  }
  let own: GoMap;
  try {
    own = parseGoMap(textOf(data), "chartutil.Values");
  } catch (error) {
    say("ERROR", file, `unable to parse YAML: ${messageOf(error)}`);
    return;
  }
  const merged = coalesceTables(coalesceTables(new GoMap(), options.values), own, options);
  const schema = readIfThere(join(directory, "values.schema.json"));
  if (schema === undefined || schema.length === 0) return;
  const { schemaFaults } = await import("./schema.ts");
  const faults = schemaFaults(schema, merged);
  if (faults !== "") say("ERROR", file, faults);
}

function* definitionFaults(metadata: DeclaredMetadata, data: Buffer): Generator<string> {
  const { name, apiVersion, version, maintainers, sources } = metadata;
  if (name === "") yield "name is required";
  else if (name.includes("/")) yield `chart name ${JSON.stringify(name)} is invalid`;
  if (apiVersion === "") yield 'apiVersion is required. The value must be either "v1" or "v2"';
  else if (apiVersion !== "v1" && apiVersion !== "v2")
    yield `apiVersion '${apiVersion}' is not valid. The value must be either "v1" or "v2"`;
  yield* typeFaults(data, "version");
  const versionIs = versionFault(version);
  if (versionIs !== undefined) yield versionIs;
  yield* typeFaults(data, "appVersion");
  const [fault] = maintainers.flatMap(maintainerFault);
  if (fault !== undefined) yield fault;
  const source = sources.find((one) => !isAbsoluteAddress(one));
  if (source !== undefined) yield `invalid source URL '${source}'`;
}

function versionFault(text: string): string | undefined {
  if (text === "") return "version is required";
  if (!isVersion(text)) return `version '${text}' is not a valid SemVer`;
  const [objection] = parseConstraint(">0.0.0-0").objections(parseVersion(text));
  return objection === undefined ? undefined : `version ${objection}`;
}

function maintainerFault(maintainer: Maintainer | null): string[] {
  if (maintainer === null) return ["a maintainer entry is empty"];
  const { name, email, url } = maintainer;
  if (name === "") return ["each maintainer requires a name"];
  if (email !== "" && !isMailbox(email)) return [`invalid email '${email}' for maintainer '${name}'`];
  return url === "" || isWebsite(url) ? [] : [`invalid url '${url}' for maintainer '${name}'`];
}

/** A version that YAML takes for a number: 1.10 would become 1.1. */
function* typeFaults(data: Buffer, key: string): Generator<string> {
  const definition = parseYaml(textOf(data));
  const value = definition instanceof Map ? definition.get(key) : undefined;
  if (value === undefined || typeof value === "string") return;
  const type = value === null ? "<nil>" : typeof value === "boolean" ? "bool" : "float64";
  yield `${key} should be of type string but it's of type ${type}`;
}

function lintDependencies(chart: Chart, path: string, say: Say): void {
  const declared = chart.metadata.dependencies.map(({ name }) => name);
  const present = chart.dependencies.map(({ metadata }) => metadata.name);
  const undeclared = present.filter((name) => !declared.includes(name));
  if (undeclared.length > 0) {
    say("ERROR", path, `chart metadata is missing these dependencies: ${undeclared.join(",")}`);
  }
  const missing = missingDependencies(chart);
  if (missing.length > 0) {
    say("WARNING", path, `chart directory is missing these dependencies: ${missing.join(",")}`);
  }
}
