import { SlipwayError } from "#errors";
import {
  define,
  defineWithContext,
  GoMap,
  parseJson,
  printJson,
  printValue,
  type TemplateFunction,
  TemplateError,
  type Value,
} from "#gotemplate";
import { parseYaml, printYaml, printYamlPretty, type YamlValue } from "#yaml";
import { jsonForm, prettyForm } from "./go-values.ts";
import { readToml } from "./toml-read.ts";
import { writeToml } from "./toml.ts";

/** Asks the cluster for an object, or for a list when `name` is empty; an empty map when there is nothing. */
export type Lookup = (apiVersion: string, kind: string, namespace: string, name: string) => Value;

export interface HelmFunctionOptions {
  /** `required` and `fail` do not fail. */
  readonly lint: boolean;
  /** Called for what they would have failed with. */
  readonly onWarning?: ((message: string) => void) | undefined;
  readonly lookup: Lookup | undefined;
  /** Resolves a host name; without it `getHostByName` answers an empty text, as in Helm without `--enable-dns`. */
  readonly resolveHost?: ((name: string) => string) | undefined;
}

/** What `fail` and `required` end a template with; only its text is shown to the user. */
export class DeliberateFailure extends Error {
  /** The text between Helm's marks, by which it is found again in the message of the templates around. */
  static readonly PATTERN = /HELM_ERR_START([\s\S]*)HELM_ERR_END/;

  constructor(text: string) {
    super(`HELM_ERR_START${text}HELM_ERR_END`);
    this.name = "DeliberateFailure";
  }
}

/**
 * The functions that Helm adds to Sprig's.
 *
 * @see https://helm.sh/docs/chart_template_guide/function_list/
 */
export function helmFunctions(options: HelmFunctionOptions): TemplateFunction[] {
  return [
    defineWithContext("include", "func(string, interface {}) string", (context, name, data) =>
      context.include(name, data),
    ),
    defineWithContext("tpl", "func(string, interface {}) string", (context, text, data) => {
      try {
        return context.tpl(text, data).replaceAll("<no value>", "");
      } catch (error) {
        throw tplError(text, error);
      }
    }),
    define("required", "func(string, interface {}) interface {}", (message, value) => {
      if (value !== null && value !== "") return value;
      if (!options.lint) throw new DeliberateFailure(message);
      options.onWarning?.(`[INFO] Missing required value: ${message}`);
      return "";
    }),
    define("fail", "func(string) string", (message) => {
      if (!options.lint) throw new DeliberateFailure(message);
      options.onWarning?.(`[INFO] Fail: ${message}`);
      return "";
    }),
    define(
      "lookup",
      "func(string, string, string, string) map[string]interface {}",
      (apiVersion, kind, namespace, name) =>
        options.lookup?.(apiVersion, kind, namespace, name) ?? new GoMap(),
    ),
    define("getHostByName", "func(string) string", (name) => options.resolveHost?.(name) ?? ""),
    define("toYaml", "func(interface {}) string", toYaml),
    define("toYamlPretty", "func(interface {}) string", toYamlPretty),
    define("fromYaml", "func(string) map[string]interface {}", fromYaml),
    define("fromYamlArray", "func(string) []interface {}", fromYamlArray),
    define("toJson", "func(interface {}) string", (value) => orEmpty(() => printJson(value))),
    define("fromJson", "func(string) map[string]interface {}", fromJson),
    define("fromJsonArray", "func(string) []interface {}", fromJsonArray),
    define("toToml", "func(interface {}) string", (value) => {
      try {
        return writeToml(value);
      } catch (error) {
        if (error instanceof RangeError) throw error;
        return (error as Error).message;
      }
    }),
    define("fromToml", "func(string) map[string]interface {}", (text) => {
      try {
        return readToml(text);
      } catch (error) {
        return errorMap(error);
      }
    }),
  ];
}

function tplError(text: string, error: unknown): unknown {
  if (!(error instanceof SlipwayError)) return error;
  const isParse = error instanceof TemplateError && error.facts.phase === "parse";
  const doing = isParse ? "cannot parse template" : "error during tpl function execution for";
  return new SlipwayError(error.code, `${doing} ${goQuote(text)}: ${error.message}`, { cause: error });
}

function goQuote(text: string): string {
  return JSON.stringify(text)
    .replace(/\\u00([01][0-9a-f])/g, "\\x$1")
    .replace(/\\b/g, "\\b")
    .replace(/\x7f/g, "\\x7f");
}

function orEmpty(print: () => string): string {
  try {
    return print();
  } catch (error) {
    if (error instanceof RangeError) throw error;
    // Helm swallows what cannot be written.
    return "";
  }
}

/** As Helm's `toYaml`: empty for what cannot be written. */
export function toYaml(value: Value): string {
  return orEmpty(() => printYaml(value, { convert: jsonForm })).replace(/\n$/, "");
}

function toYamlPretty(value: Value): string {
  return orEmpty(() => printYamlPretty(value, { convert: prettyForm })).replace(/\n$/, "");
}

function readYaml(text: string): YamlValue {
  return parseYaml(text, { newMap: () => new GoMap() as unknown as Map<string, YamlValue> });
}

function errorMap(error: unknown): GoMap {
  return GoMap.of([["Error", error instanceof Error ? error.message : printValue(error as Value)]]);
}

function fromYaml(text: string): Value {
  let value: YamlValue;
  try {
    value = readYaml(text);
  } catch (error) {
    return errorMap(error);
  }
  if (value === null) return new GoMap();
  if (value instanceof GoMap) return value;
  const problem = wrongKind(value as Value, "map[string]interface {}");
  return GoMap.of([["Error", `error unmarshaling JSON: while decoding JSON: ${problem}`]]);
}

function fromYamlArray(text: string): Value {
  let value: YamlValue;
  try {
    value = readYaml(text);
  } catch (error) {
    return [(error as Error).message];
  }
  if (Array.isArray(value)) return value as Value[];
  if (value === null) return [];
  return [`error unmarshaling JSON: while decoding JSON: ${wrongKind(value as Value, "[]interface {}")}`];
}

function fromJson(text: string): Value {
  try {
    const value = parseJson(text);
    if (value === null) return GoMap.nil();
    return value instanceof GoMap
      ? value
      : GoMap.of([["Error", wrongKind(value, "map[string]interface {}")]]);
  } catch (error) {
    return errorMap(error);
  }
}

function fromJsonArray(text: string): Value {
  try {
    const value = parseJson(text);
    if (value === null) return null;
    return Array.isArray(value) ? value : [wrongKind(value, "[]interface {}")];
  } catch (error) {
    return [(error as Error).message];
  }
}

/** Go's complaint about a document of another kind than the one asked for. */
function wrongKind(value: Value, type: string): string {
  const kind =
    value instanceof Map
      ? "object"
      : Array.isArray(value)
        ? "array"
        : typeof value === "boolean"
          ? "bool"
          : typeof value;
  return `json: cannot unmarshal ${kind} into Go value of type ${type}`;
}
