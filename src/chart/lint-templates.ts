import { SlipwayError } from "#errors";
import { byteLength, sprintf } from "#gotemplate";
import { parseYaml } from "#yaml";
import type { Capabilities } from "./capabilities.ts";
import { hasSchema, type Chart } from "./chart.ts";
import { coalesceValues } from "./coalesce.ts";
import { processDependencies } from "./dependencies.ts";
import { deprecationOf } from "./deprecations.ts";
import { renderTemplates, renderValues, type RenderValues } from "./engine.ts";
import { textOf } from "./go-values.ts";
import { list, mapOf, readStruct, struct, text } from "./go-struct.ts";
import { messageOf, type LintOptions, type Say } from "./lint-message.ts";
import { nameFault } from "./object-name.ts";
import { objectsOf, ObjectStreamError, type LintedObject } from "./object-stream.ts";

/** What is wrong with the templates of a chart, and with the objects that they give. */
export async function lintTemplates(chart: Chart, options: LintOptions, say: Say): Promise<void> {
  const rendered = await render(chart, options, say);
  if (rendered === undefined) return;
  for (const { name, data } of chart.templates) {
    const [extension = ""] = /\.[^./]*$/.exec(name) ?? [];
    lintSource(name, extension, textOf(data), say);
    if (extension !== ".yaml") continue;
    const content = rendered.get(`${chart.metadata.name}/${name}`) ?? "";
    if (content.trim() !== "" && !lintManifest(name, content, options.capabilities, say)) return;
  }
}

/** Undefined when nothing can be rendered; Helm's lint is silent about values that do not go together. */
async function render(
  chart: Chart,
  options: LintOptions,
  say: Say,
): Promise<Map<string, string> | undefined> {
  const release = { name: "test-release", namespace: options.namespace, revision: 1, isUpgrade: false };
  let processed: Chart;
  let given: RenderValues;
  try {
    processed = processDependencies(chart, options.values, options);
    // Twice, as Helm does it: what a null takes away the second time brings back.
    const values = coalesceValues(processed, options.values, options);
    given = renderValues(processed, values, release, options.capabilities, options);
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    return undefined;
  }
  try {
    if (!options.skipSchema && hasSchema(processed)) {
      const { validateValues } = await import("./schema.ts");
      validateValues(processed, given.values);
    }
    const { onWarning } = options;
    return renderTemplates(processed, given, {
      lint: true,
      ...(onWarning === undefined ? {} : { onWarning }),
    });
  } catch (error) {
    say("ERROR", "templates/", messageOf(error));
    return undefined;
  }
}

function lintSource(name: string, extension: string, source: string, say: Say): void {
  if (![".yaml", ".yml", ".tpl", ".txt"].includes(extension)) {
    say(
      "ERROR",
      name,
      `file extension '${extension}' not valid. Valid extensions are .yaml, .yml, .tpl, or .txt`,
    );
  }
  if (/"?helm\.sh\/hook"?:[\t\n\f\r ]+crd-install/.test(source)) {
    say(
      "WARNING",
      name,
      "manifest is a crd-install hook. This hook is no longer supported in v3 and all CRDs should also exist the crds/ directory at the top level of the chart",
    );
  }
  if (source.includes(".Release.Time")) {
    say(
      "ERROR",
      name,
      ".Release.Time has been removed in v3, please replace with the `now` function in your templates",
    );
  }
}

/** Answers false at a text that is no YAML; Helm looks no further then. */
function lintManifest(path: string, content: string, capabilities: Capabilities, say: Say): boolean {
  const indent = indentFault(content);
  if (indent !== undefined) say("WARNING", path, indent);
  try {
    for (const object of objectsOf(content)) {
      if (object !== null) lintObject(path, object, content, capabilities, say);
    }
    return true;
  } catch (error) {
    if (!(error instanceof ObjectStreamError)) throw error;
    say("ERROR", path, `unable to parse YAML: ${error.message}`);
    return false;
  }
}

/** A longer line is more than Go's scanner takes. */
const MAX_LINE = 64 * 1024;

function indentFault(content: string): string | undefined {
  const lines = content.split("\n");
  const line = lines.find((one) => one.trim() !== "" || byteLength(one) >= MAX_LINE) ?? "";
  if (byteLength(line) >= MAX_LINE) return "bufio.Scanner: token too long";
  if (!/^[ \t]/.test(line)) return undefined;
  const shown = sprintf("%q", [line.replace(/\r$/, "")]);
  return `document starts with an illegal indent: ${shown}, which may cause parsing problems`;
}

function lintObject(
  path: string,
  { apiVersion, kind, metadata: { name } }: LintedObject,
  content: string,
  { kubeVersion }: Capabilities,
  say: Say,
): void {
  const fault = nameFault(kind, name);
  if (fault !== undefined) {
    const text = "object name does not conform to Kubernetes naming requirements: %q: %s";
    say("WARNING", path, sprintf(text, [name, fault]));
  }
  const deprecation = deprecationOf(apiVersion, kind, kubeVersion);
  if (deprecation !== undefined) say("WARNING", path, deprecation);
  const selects = ["Deployment", "ReplicaSet", "DaemonSet", "StatefulSet"].includes(kind);
  if (selects && !/matchLabels|matchExpressions/.test(content)) {
    say(
      "ERROR",
      path,
      sprintf("a %s must contain matchLabels or matchExpressions, and %q does not", [kind, name]),
    );
  }
  if (kind === "List") lintList(path, content, say);
}

/** Helm looks at the first document of the text, whichever the list is. */
function lintList(path: string, content: string, say: Say): void {
  try {
    const { items } = readStruct(parseYaml(content, { integers: "bigint" }), LIST);
    if (items.some(({ metadata }) => metadata.annotations.has("helm.sh/resource-policy")))
      say("ERROR", path, "Annotation 'helm.sh/resource-policy' within List objects are ignored");
  } catch (error) {
    say("ERROR", path, `unable to parse YAML: ${messageOf(error)}`);
  }
}

const METADATA_TYPE = "struct { Annotations map[string]string }";
const ITEM_TYPE = `struct { Metadata ${METADATA_TYPE} }`;
const METADATA = struct<{ annotations: Map<string, string> }>(
  METADATA_TYPE,
  { annotations: mapOf(text) },
  { annotations: "Annotations" },
);
const ITEM = struct<{ metadata: { annotations: Map<string, string> } }>(
  ITEM_TYPE,
  { metadata: METADATA },
  { metadata: "Metadata" },
);
const LIST = struct<{ items: { metadata: { annotations: Map<string, string> } }[] }>(
  `struct { Items []${ITEM_TYPE} }`,
  { items: list(ITEM) },
  { items: "Items" },
);
