import { join, resolve } from "node:path";
import { SlipwayError } from "#errors";
import type { GoMap } from "#gotemplate";
import { parseYaml, type YamlValue } from "#yaml";
import type { Capabilities } from "./capabilities.ts";
import type { Chart, Maintainer, Metadata } from "./chart.ts";
import { coalesceTables, coalesceValues } from "./coalesce.ts";
import { isMailbox, isWebsite } from "./contacts.ts";
import { processDependencies } from "./dependencies.ts";
import { deprecationOf } from "./deprecations.ts";
import { renderTemplates, renderValues } from "./engine.ts";
import { copyMap, parseGoMap, textOf } from "./go-values.ts";
import { loadChart, readIfThere } from "./load.ts";
import { emptyMetadata, isVersion, readMetadata } from "./metadata.ts";
import { missingDependencies } from "./render.ts";
import { isAbsoluteAddress } from "./schema-formats.ts";

export type Severity = "INFO" | "WARNING" | "ERROR";

export interface LintMessage {
  readonly severity: Severity;
  readonly path: string;
  readonly text: string;
}

export interface LintOptions {
  readonly values: GoMap;
  readonly namespace: string;
  readonly capabilities: Capabilities;
  readonly skipSchema: boolean;
  /** How the chart is named in messages; the directory unless told. */
  readonly name?: string;
  /** Called for what Helm warns of on the standard error. */
  readonly onWarning?: (message: string) => void;
}

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
  await lintTemplates(chart, options, say);
  lintDependencies(chart, options.name ?? resolve(directory), say);
  return found;
}

type Say = (severity: Severity, path: string, text: string) => void;

function lintDefinition(data: Buffer, say: Say): void {
  const file = "Chart.yaml";
  const metadata = emptyMetadata();
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

function* definitionFaults(metadata: Metadata, data: Buffer): Generator<string> {
  const { name, apiVersion, version, maintainers, sources } = metadata;
  if (name === "") yield "name is required";
  else if (name.includes("/")) yield `chart name ${JSON.stringify(name)} is invalid`;
  if (apiVersion === "") yield 'apiVersion is required. The value must be either "v1" or "v2"';
  else if (apiVersion !== "v1" && apiVersion !== "v2")
    yield `apiVersion '${apiVersion}' is not valid. The value must be either "v1" or "v2"`;
  yield* typeFaults(data, "version");
  if (version === "") yield "version is required";
  else if (!isVersion(version)) yield `version '${version}' is not a valid SemVer`;
  yield* typeFaults(data, "appVersion");
  const [fault] = maintainers.flatMap(maintainerFault);
  if (fault !== undefined) yield fault;
  const source = sources.find((one) => !isAbsoluteAddress(one));
  if (source !== undefined) yield `invalid source URL '${source}'`;
}

function maintainerFault({ name, email, url }: Maintainer): string[] {
  if (name === "") return ["each maintainer requires a name"];
  if (email !== "" && !isMailbox(email)) return [`invalid email '${email}' for maintainer '${name}'`];
  return url === "" || isWebsite(url) ? [] : [`invalid url '${url}' for maintainer '${name}'`];
}

/** A version that YAML takes for a number: 1.10 would become 1.1. */
function* typeFaults(data: Buffer, key: string): Generator<string> {
  const definition = parseYaml(textOf(data));
  const value = definition instanceof Map ? definition.get(key) : undefined;
  if (typeof value === "number") yield `${key} should be of type string but it's of type float64`;
  if (typeof value === "boolean") yield `${key} should be of type string but it's of type bool`;
}

/** As Helm does, the values of the chart itself alone, whether or not schemas count otherwise. */
async function lintValues(directory: string, options: LintOptions, say: Say): Promise<void> {
  const file = "values.yaml";
  const data = readIfThere(join(directory, file));
  if (data === undefined) return say("INFO", file, "file does not exist");
  let values: GoMap;
  try {
    values = parseGoMap(textOf(data), "chartutil.Values");
  } catch (error) {
    return say("ERROR", file, `unable to parse YAML: ${messageOf(error)}`);
  }
  const merged = coalesceTables(copyMap(options.values), values, options);
  const schema = readIfThere(join(directory, "values.schema.json"));
  if (schema === undefined || schema.length === 0) return;
  const { schemaProblems } = await import("./schema.ts");
  const problems = schemaProblems(textOf(schema), merged);
  if (problems !== "") say("ERROR", file, problems);
}

async function lintTemplates(chart: Chart, options: LintOptions, say: Say): Promise<void> {
  const release = {
    name: "test-release",
    namespace: options.namespace,
    revision: 1,
    isUpgrade: false,
  };
  let rendered: Map<string, string>;
  try {
    const processed = processDependencies(chart, options.values, options);
    // Helm's lint coalesces twice, so that a default which a null has deleted is there again.
    const values = coalesceValues(processed, options.values, options);
    const given = renderValues(processed, values, release, options.capabilities, options);
    if (!options.skipSchema && processed.schema !== undefined) {
      const { validateValues } = await import("./schema.ts");
      validateValues(processed, given.values);
    }
    rendered = renderTemplates(processed, given, {
      lint: true,
      ...(options.onWarning === undefined ? {} : { onWarning: options.onWarning }),
    });
  } catch (error) {
    say("ERROR", "templates/", messageOf(error));
    return;
  }
  for (const { name } of chart.templates) {
    const [extension = ""] = /\.[^./]*$/.exec(name) ?? [];
    if (![".yaml", ".yml", ".tpl", ".txt"].includes(extension)) {
      say(
        "ERROR",
        name,
        `file extension '${extension}' not valid. Valid extensions are .yaml, .yml, .tpl, or .txt`,
      );
    }
    if (extension !== ".yaml" && extension !== ".yml") continue;
    const text = rendered.get(`${chart.metadata.name}/${name}`) ?? "";
    if (text.trim() === "") continue;
    if (!lintManifest(name, text, options.capabilities, say)) return;
  }
}

/** Answers false at a text that is no YAML; Helm looks no further then. */
function lintManifest(path: string, text: string, capabilities: Capabilities, say: Say): boolean {
  const firstLine = text.split("\n").find((line) => line.trim() !== "") ?? "";
  if (/^[ \t]/.test(firstLine)) {
    say(
      "WARNING",
      path,
      `document starts with an illegal indent: ${JSON.stringify(firstLine)}, which may cause parsing problems`,
    );
  }
  const parts = text.split(/^---(.*)$/m);
  for (let at = 0; at < parts.length; at += 2) {
    const [document = "", behind = ""] = parts.slice(at, at + 2);
    if (/^\s*[^\s#]/.test(behind)) {
      say("ERROR", path, `unable to parse YAML: invalid Yaml document separator: ${behind.trim()}`);
      return false;
    }
    let value: YamlValue;
    try {
      value = parseYaml(document);
    } catch (error) {
      say("ERROR", path, `unable to parse YAML: ${messageOf(error)}`);
      return false;
    }
    if (value instanceof Map) lintObject(path, value, document, capabilities, say);
  }
  return true;
}

function lintObject(
  path: string,
  object: Map<string, YamlValue>,
  text: string,
  capabilities: Capabilities,
  say: Say,
): void {
  const kind = textAt(object, "kind");
  const metadata = object.get("metadata");
  const name = metadata instanceof Map ? textAt(metadata, "name") : "";
  const fault = nameFault(kind, name);
  if (fault !== undefined) {
    say(
      "WARNING",
      path,
      `object name does not conform to Kubernetes naming requirements: ${JSON.stringify(name)}: metadata.name: Invalid value: ${JSON.stringify(name)}: ${fault}`,
    );
  }
  const deprecation = deprecationOf(textAt(object, "apiVersion"), kind, capabilities.kubeVersion);
  if (deprecation !== undefined) say("WARNING", path, deprecation);
  const selects = ["Deployment", "ReplicaSet", "DaemonSet", "StatefulSet"].includes(kind);
  if (selects && !/matchLabels|matchExpressions/.test(text)) {
    say(
      "ERROR",
      path,
      `a ${kind} must contain matchLabels or matchExpressions, and ${JSON.stringify(name)} does not`,
    );
  }
}

/** What a name must look like, with Kubernetes' words for one that does not. */
interface NameForm {
  readonly pattern: string;
  readonly longest: number;
  readonly rule: string;
  readonly example: string;
}

const SUBDOMAIN: NameForm = {
  pattern: "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*",
  longest: 253,
  rule: "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  example: "'example.com',",
};
const LABEL: NameForm = {
  pattern: "[a-z0-9]([-a-z0-9]*[a-z0-9])?",
  longest: 63,
  rule: "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  example: "'my-name',  or '123-abc',",
};
const OLD_LABEL: NameForm = {
  pattern: "[a-z]([-a-z0-9]*[a-z0-9])?",
  longest: 63,
  rule: "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  example: "'my-name',  or 'abc-123',",
};
const FORMS: Readonly<Record<string, NameForm>> = { namespace: LABEL, service: OLD_LABEL };

function nameFault(kind: string, name: string): string | undefined {
  const lower = kind.toLowerCase();
  if (lower === "certificatesigningrequest") return undefined;
  if (/^(?:cluster)?role(?:binding)?$/.test(lower)) {
    if (name === "." || name === "..") return `may not be '${name}'`;
    const bad = ["/", "%"].filter((one) => name.includes(one));
    return bad.length === 0 ? undefined : bad.map((one) => `may not contain '${one}'`).join(", ");
  }
  const { pattern, longest, rule, example } = FORMS[lower] ?? SUBDOMAIN;
  if (name.length > longest) return `must be no more than ${longest} characters`;
  if (new RegExp(`^${pattern}$`).test(name)) return undefined;
  if (lower === "namespace" && name.includes(".")) return "must not contain dots";
  return `${rule} (e.g. ${example} regex used for validation is '${pattern}')`;
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

function textAt(map: Map<string, YamlValue>, key: string): string {
  const value = map.get(key);
  return typeof value === "string" ? value : "";
}

function messageOf(error: unknown): string {
  if (error instanceof SlipwayError) return error.message;
  throw error;
}
