import { Ajv, type ErrorObject } from "ajv";
import { Ajv2019 } from "ajv/dist/2019.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import { SlipwayError } from "#errors";
import { compileRegexp, GoMap, GoNumber, type Value } from "#gotemplate";
import type { Chart } from "./chart.ts";
import { textOf } from "./go-values.ts";
import { SCHEMA_FORMATS } from "./schema-formats.ts";

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
    const own = check(textOf(chart.schema), plain(values), timeMs);
    if (own !== "") text += `${name}:\n${own}`;
  }
  for (const child of chart.dependencies) {
    const below = values.get(child.metadata.name);
    if (below instanceof GoMap) text += problemsOf(child, below, timeMs);
  }
  return text;
}

function check(schemaText: string, values: unknown, timeMs: number): string {
  let schema: unknown;
  try {
    schema = JSON.parse(schemaText);
  } catch (error) {
    return (error as Error).message;
  }
  const draft =
    typeof schema === "object" && schema !== null
      ? String((schema as { $schema?: unknown }).$schema ?? "")
      : "";
  try {
    return inTime(timeMs, () => {
      const validate = validatorFor(draft).compile(modernized(schema, draft) as object);
      if (validate(values) === true) return "";
      return `${sentences(validate.errors ?? [], values).join("\n")}\n`;
    });
  } catch (error) {
    return `unable to validate schema: ${(error as Error).message}`;
  }
}

/** Runs work that nothing else could stop: a script that V8 ends when its time is up. */
function inTime<T>(timeMs: number, work: () => T): T {
  const { createContext, Script } = process.getBuiltinModule("node:vm");
  try {
    return new Script("work()").runInContext(createContext({ work }), { timeout: timeMs }) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
    throw new Error(`it takes longer than ${timeMs / 1000} seconds`, { cause: error });
  }
}

const isOldDraft = (draft: string): boolean => /draft-0[467]/.test(draft);

/** Formats are claims before draft 2019-09 and remarks since; patterns are Go's. */
function validatorFor(draft: string): Ajv {
  const options = {
    strict: false,
    allErrors: true,
    validateFormats: isOldDraft(draft),
    formats: SCHEMA_FORMATS,
    validateSchema: false,
    logger: false,
    verbose: true,
    code: { regExp: goPattern },
  } as const;
  if (draft.includes("2019-09")) return new Ajv2019(options);
  if (isOldDraft(draft)) return new Ajv(options);
  return new Ajv2020(options);
}

const goPattern = Object.assign(
  (pattern: string) => {
    const compiled = compileRegexp(pattern);
    return { test: (text: string) => compiled.test(text), toString: () => pattern };
  },
  { code: "goPattern" },
);

/** The schema as its draft means it; its own name and draft are dropped, since nothing refers to them. */
function modernized(schema: unknown, draft: string): unknown {
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) return schema;
  const { $schema, $id, id, ...rest } = schema as Record<string, unknown>;
  void $schema;
  void $id;
  const own = !draft.includes("draft-04") && typeof id === "string" ? { id, ...rest } : rest;
  return withoutForeignWords(own, draft);
}

/** Words that other places of the schema refer into. */
const DEFINITIONS = new Set(["$defs", "definitions"]);

/** Words whose value is data, not a schema. */
const DATA = new Set(["const", "default", "enum", "example", "examples"]);

/**
 * Takes out what has no meaning in the draft: OpenAPI's `nullable` in all, and before 2019-09 what stands beside a `$ref`.
 * Draft 4 gets the words of draft 7.
 */
function withoutForeignWords(schema: unknown, draft: string): unknown {
  if (Array.isArray(schema)) return schema.map((item) => withoutForeignWords(item, draft));
  if (typeof schema !== "object" || schema === null) return schema;
  const isReference = isOldDraft(draft) && "$ref" in schema && typeof schema.$ref === "string";
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) {
    if (isReference && key !== "$ref" && !DEFINITIONS.has(key)) continue;
    if (key === "nullable" && typeof value === "boolean") continue;
    if (key === "id" && typeof value === "string" && draft.includes("draft-04")) continue;
    out[key] = DATA.has(key) ? value : withoutForeignWords(value, draft);
  }
  return draft.includes("draft-04") ? withNumericLimits(out) : out;
}

function withNumericLimits(out: Record<string, unknown>): Record<string, unknown> {
  for (const [flag, limit] of [
    ["exclusiveMinimum", "minimum"],
    ["exclusiveMaximum", "maximum"],
  ] as const) {
    if (typeof out[flag] !== "boolean") continue;
    if (out[flag] === true && typeof out[limit] === "number") {
      out[flag] = out[limit];
      delete out[limit];
    } else delete out[flag];
  }
  return out;
}

function sentences(errors: readonly ErrorObject[], values: unknown): string[] {
  const lines: string[] = [];
  const grouped = new Map<string, string[]>();
  for (const error of errors) {
    const at = `- at '${error.instancePath}': `;
    const { params } = error as { params: Record<string, unknown> };
    switch (error.keyword) {
      case "required":
        collect(grouped, lines, `${at}missing `, String(params["missingProperty"]));
        break;
      case "additionalProperties":
      case "unevaluatedProperties":
        collect(
          grouped,
          lines,
          `${at}additional `,
          String(params["additionalProperty"] ?? params["unevaluatedProperty"]),
        );
        break;
      default:
        lines.push(at + sentence(error, params, values));
    }
  }
  return lines.map((line) => {
    const names = grouped.get(line);
    if (names === undefined) return line;
    const list = names.map((name) => `'${name}'`).join(", ");
    if (line.endsWith("missing ")) return `${line}${names.length === 1 ? "property" : "properties"} ${list}`;
    return `${line}properties ${list} not allowed`;
  });
}

function collect(grouped: Map<string, string[]>, lines: string[], line: string, name: string): void {
  const names = grouped.get(line);
  if (names !== undefined) names.push(name);
  else {
    grouped.set(line, [name]);
    lines.push(line);
  }
}

function sentence(error: ErrorObject, params: Record<string, unknown>, values: unknown): string {
  const got = error.data ?? valueAt(values, error.instancePath);
  switch (error.keyword) {
    case "type":
      return `got ${typeWord(got)}, want ${[params["type"]].flat().join(" or ").replaceAll(",", " or ")}`;
    case "enum":
      return enumSentence(params["allowedValues"] as unknown[]);
    case "const":
      return `value must be ${display(params["allowedValue"])}`;
    case "minimum":
    case "maximum":
      return `${error.keyword}: got ${display(got)}, want ${display(params["limit"])}`;
    case "exclusiveMinimum":
    case "exclusiveMaximum":
      return `${error.keyword}: got ${display(got)}, want ${display(params["limit"])}`;
    case "minLength":
    case "maxLength":
      return `${error.keyword}: got ${[...String(got)].length}, want ${display(params["limit"])}`;
    case "minItems":
    case "maxItems":
      return `${error.keyword}: got ${(got as unknown[]).length}, want ${display(params["limit"])}`;
    case "minProperties":
    case "maxProperties":
      return `${error.keyword}: got ${Object.keys(got as object).length}, want ${display(params["limit"])}`;
    case "pattern":
      return `'${String(got)}' does not match pattern '${String(params["pattern"])}'`;
    case "format":
      return `'${String(got)}' is not valid ${String(params["format"])}`;
    case "multipleOf":
      return `multipleOf: got ${display(got)}, want ${display(params["multipleOf"])}`;
    case "uniqueItems":
      return `items at ${String(params["j"])} and ${String(params["i"])} are equal`;
    case "anyOf":
    case "not":
      return `'${error.keyword}' failed`;
    case "oneOf": {
      const passing = params["passingSchemas"];
      return Array.isArray(passing)
        ? `'oneOf' failed, subschemas ${passing.join(", ")} matched`
        : "'oneOf' failed, none matched";
    }
    case "false schema":
      return "false schema";
    default:
      return error.message ?? `'${error.keyword}' failed`;
  }
}

function enumSentence(allowed: readonly unknown[]): string {
  if (allowed.some((one) => typeof one === "object" && one !== null)) return "'enum' failed";
  if (allowed.length === 1) return `value must be ${display(allowed[0])}`;
  return `value must be one of ${allowed.map(display).join(", ")}`;
}

function display(value: unknown): string {
  return typeof value === "string" ? `'${value}'` : String(value);
}

function typeWord(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value === "object" ? "object" : typeof value;
}

function valueAt(values: unknown, pointer: string): unknown {
  let at = values;
  for (const part of pointer.split("/").slice(1)) {
    at = (at as Record<string, unknown> | undefined)?.[part.replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  return at;
}

/** Values in the form of the validator: objects without a prototype, so that no key has a meaning. */
function plain(value: Value): unknown {
  if (value instanceof GoMap) {
    const object = Object.create(null) as Record<string, unknown>;
    for (const [key, item] of value) object[key] = plain(item);
    return object;
  }
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof GoNumber) return Number(value.value);
  return typeof value === "bigint" ? Number(value) : value;
}
