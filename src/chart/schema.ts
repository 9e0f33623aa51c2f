import { SlipwayError } from "#errors";
import { GoMap, nextJson, typeName } from "#gotemplate";
import type { Chart } from "./chart.ts";
import { textOf } from "./go-values.ts";
import { compileSchema } from "./schema-compile.ts";
import type { Json } from "./schema-keywords.ts";
import { validate, type Problem } from "./schema-validate.ts";

/**
 * Checks the values of a chart and of the charts below it against their values.schema.json. Nothing is fetched: a
 * `$ref` that leaves the schema is an error.
 *
 * @param timeMs how long one schema may take: choices between choices take twice as long with each.
 * @throws {SlipwayError} VALUES_SCHEMA; the form of the message is Helm's.
 */
export function validateValues(chart: Chart, values: GoMap, timeMs = 60_000): void {
  const problems = problemsOf(chart, values, timeMs);
  if (problems === "") return;
  throw new SlipwayError(
    "VALUES_SCHEMA",
    `values don't meet the specifications of the schema(s) in the following chart(s):\n${problems}`,
  );
}

function problemsOf(chart: Chart, values: GoMap, timeMs: number): string {
  const { name } = chart.metadata;
  let text = "";
  if (chart.schema !== undefined) {
    const own = schemaFaults(chart.schema, values, timeMs);
    if (own !== "") text += `${name}:\n${own}`;
  }
  for (const child of chart.dependencies) {
    const below = values.get(child.metadata.name) ?? null;
    if (below instanceof GoMap) text += problemsOf(child, below, timeMs);
    else if (below !== null) {
      text += `${child.metadata.name}:\ninvalid type for values: expected object (map), got ${typeName(below)}\n`;
    }
  }
  return text;
}

/** What values do against a schema, a line for each place; nothing when all is well. */
export function schemaFaults(schema: Buffer, values: GoMap, timeMs = 60_000): string {
  try {
    const problem = inTime(timeMs, () => validate(compileSchema(readSchema(textOf(schema))), values));
    if (problem === undefined) return "";
    const problems = problem.kind === "group" ? problem.causes : [problem];
    return `${problems.flatMap((one) => linesOf(one, "")).join("\n")}\n`;
  } catch (error) {
    return (error as Error).message;
  }
}

/** @throws {Error} with the words of Go's reader of JSON. */
function readSchema(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    const next = nextJson(text, 0);
    const message = next === undefined ? "EOF" : "invalid character after top-level value";
    throw new Error(message, { cause });
  }
}

const WORK = Symbol.for("slipway.work");

/** Runs work that nothing else could stop: a script that V8 ends when its time is up. */
function inTime<T>(timeMs: number, work: () => T): T {
  const { Script } = process.getBuiltinModule("node:vm");
  const place = globalThis as { [WORK]?: () => T };
  place[WORK] = work;
  try {
    const script = new Script(`globalThis[Symbol.for(${JSON.stringify(WORK.description)})]()`);
    return script.runInThisContext({ timeout: timeMs }) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
    throw new Error(`unable to validate schema: it takes longer than ${timeMs / 1000} seconds`, {
      cause: error,
    });
  } finally {
    delete place[WORK];
  }
}

function linesOf(problem: Problem, indent: string): string[] {
  const { at, kind, text, causes } = problem;
  if (kind === "reference" && causes.length === 1) return causes.flatMap((cause) => linesOf(cause, indent));
  const pointer = at.map((key) => `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
  return [`${indent}- at '${pointer}': ${text}`, ...causes.flatMap((cause) => linesOf(cause, `${indent}  `))];
}
