import { loadChart, traceValue, type TraceStep } from "#chart";
import { printJson, type Value } from "#gotemplate";
import { table } from "#terminal";
import type { Invocation } from "../command.ts";
import { warner } from "./arguments.ts";
import { valuesFlags } from "./chart-values.ts";
import { locateChart } from "./locate.ts";

/** `helm values trace PATH [CHART]`. */
export async function runValuesTrace(call: Invocation): Promise<undefined> {
  const [path = "", chart = "."] = call.args;
  const loaded = await loadChart(await locateChart(call, chart), {
    onWarning: warner(call.context),
  });
  const { steps, value } = await traceValue(loaded, path, valuesFlags(call));
  const summary = value === undefined ? `${path} is not set` : `${path} is ${shown(value)}`;
  call.context.out(`${[summary, ...table([HEAD, ...steps.map(row)])].join("\n")}\n`);
  return undefined;
}

const HEAD = ["EFFECT", "VALUE", "BY", "AT"];

function row({ effect, value, source, place }: TraceStep): string[] {
  return [effect, shown(value), source, place === undefined ? "" : `${place.file}:${place.line}`];
}

function shown(value: Value | undefined): string {
  return value === undefined ? "" : printJson(value, { escapeHtml: false });
}
