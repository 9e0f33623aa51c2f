import { chartCrds, loadChart, metadataYaml, type Chart } from "#chart";
import { JsonPathFailure, JsonPathSyntaxError, parseJsonPath, printJsonPath } from "#jsonpath";
import type { Invocation } from "../command.ts";
import { fault, needArguments, warner } from "./arguments.ts";
import { locateChart } from "./locate.ts";

type Part = "chart" | "values" | "readme" | "crds";

/** `helm show PART`. */
export async function runShow(call: Invocation): Promise<undefined> {
  needArguments(call, 1, "[CHART] [flags]");
  const path = await locateChart(call, call.args[0] ?? "");
  const chart = await loadChart(path, { onWarning: warner(call.context) });
  const what = call.path.at(-1) ?? "all";
  const template = call.flags.has("jsonpath") ? call.flags.text("jsonpath") : undefined;
  if (template) call.context.out(foundValues(chart, template, warner(call.context)));
  else call.context.out(what === "all" ? showAll(chart) : showOne(chart, what as Part));
  return undefined;
}

function showAll(chart: Chart): string {
  const parts = [`${metadataYaml(chart.metadata)}\n`];
  const values = valuesText(chart);
  if (values !== undefined) parts.push(`---\n${values}\n`);
  const readme = readmeText(chart);
  if (readme !== undefined) parts.push(`---\n${readme}\n`);
  const crds = crdsText(chart);
  if (crds !== "") parts.push(crds.startsWith("---") ? crds : `---\n${crds}`);
  return parts.join("");
}

function showOne(chart: Chart, part: Part): string {
  switch (part) {
    case "chart":
      return `${metadataYaml(chart.metadata)}\n`;
    case "values":
      return withBreak(valuesText(chart));
    case "readme":
      return withBreak(readmeText(chart));
    case "crds":
      return crdsText(chart);
  }
}

/** Nothing, as Helm has it, when the template finds no answer; but this says why. */
function foundValues(chart: Chart, text: string, onWarning: (text: string) => void): string {
  if (valuesText(chart) === undefined) return "";
  try {
    return printJsonPath(parseJsonPath(text), chart.values);
  } catch (error) {
    if (error instanceof JsonPathSyntaxError) throw fault(`error parsing jsonpath ${text}: ${error.message}`);
    if (!(error instanceof JsonPathFailure)) throw error;
    onWarning(`nothing is printed: ${error.message}`);
    return "";
  }
}

function withBreak(text: string | undefined): string {
  return text === undefined ? "" : `${text}\n`;
}

function valuesText(chart: Chart): string | undefined {
  return chart.raw.find(({ name }) => name === "values.yaml")?.data.toString();
}

function readmeText(chart: Chart): string | undefined {
  const names = ["readme.md", "readme.txt", "readme"];
  return chart.files.find(({ name }) => names.includes(name.toLowerCase()))?.data.toString();
}

function crdsText(chart: Chart): string {
  return chartCrds(chart)
    .map(({ file }) => `${file.data.toString()}\n`)
    .join("");
}
