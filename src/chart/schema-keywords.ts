import { compileRegexp } from "#regexp";

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** A word of JSON Schema: since which draft it means something, and what its value must be. */
export interface Keyword {
  readonly since: number;
  /** Whether the value is a schema, or a list or map in which schemas are found. */
  readonly holds: "schema" | "schemas" | "data";
  /** What is wrong with a value, or `""`. */
  check(value: Json, draft: number): string;
}

/** All words whose value is looked at; any other may stand in a schema and says nothing. */
export const KEYWORDS: ReadonlyMap<string, Keyword> = new Map([
  ...words(4, "schema", () => "", "not", "additionalProperties", "additionalItems"),
  ...words(6, "schema", () => "", "contains", "propertyNames"),
  ...words(7, "schema", () => "", "if", "then", "else"),
  ...words(2019, "schema", () => "", "unevaluatedItems", "unevaluatedProperties", "contentSchema"),
  ...words(4, "schemas", isMap, "properties", "definitions", "dependencies"),
  ...words(4, "schemas", isPatternMap, "patternProperties"),
  ...words(2019, "schemas", isMap, "$defs", "dependentSchemas"),
  ...words(4, "schemas", isFilledList, "allOf", "anyOf", "oneOf"),
  ...words(2020, "schemas", isFilledList, "prefixItems"),
  ...words(4, "schema", isItems, "items"),
  ...words(4, "data", isText, "$schema", "id", "$ref", "title", "description", "format"),
  ...words(6, "data", isText, "$id"),
  ...words(7, "data", isText, "$comment", "contentEncoding", "contentMediaType"),
  ...words(2019, "data", isText, "$anchor", "$recursiveRef"),
  ...words(2020, "data", isText, "$dynamicRef", "$dynamicAnchor"),
  ...words(4, "data", isPattern, "pattern"),
  ...words(4, "data", isFlag, "uniqueItems"),
  ...words(7, "data", isFlag, "readOnly", "writeOnly"),
  ...words(2019, "data", isFlag, "deprecated"),
  ...words(2019, "data", (value, draft) => (draft < 2020 ? isFlag : isText)(value), "$recursiveAnchor"),
  ...words(4, "data", isNumber, "minimum", "maximum"),
  ...words(4, "data", isExclusiveLimit, "exclusiveMinimum", "exclusiveMaximum"),
  ...words(4, "data", isDivisor, "multipleOf"),
  ...words(
    4,
    "data",
    isCount,
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
  ),
  ...words(2019, "data", isCount, "minContains", "maxContains"),
  ...words(4, "data", isType, "type"),
  ...words(4, "data", isEnum, "enum"),
  ...words(6, "data", isList, "examples"),
  ...words(4, "data", isTextList, "required"),
  ...words(2019, "data", isTextLists, "dependentRequired"),
]);

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The name of a value's type; whole numbers are numbers. */
export function typeWord(value: Json): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value;
}

function* words(
  since: number,
  holds: Keyword["holds"],
  check: Keyword["check"],
  ...names: string[]
): Generator<[string, Keyword]> {
  for (const name of names) yield [name, { since, holds, check }];
}

const want = (value: Json, type: string): string => `got ${typeWord(value)}, want ${type}`;

function isMap(value: Json): string {
  return isObject(value) ? "" : want(value, "object");
}

function isPatternMap(value: Json, draft: number): string {
  if (!isObject(value)) return want(value, "object");
  return draft < 6 ? "" : (Object.keys(value).map(isPattern).find(Boolean) ?? "");
}

function isList(value: Json): string {
  return Array.isArray(value) ? "" : want(value, "array");
}

function isFilledList(value: Json): string {
  if (!Array.isArray(value)) return want(value, "array");
  return value.length > 0 ? "" : "minItems: got 0, want 1";
}

/** A list of schemas, one for each place, is called prefixItems since 2020-12. */
function isItems(value: Json, draft: number): string {
  if (!Array.isArray(value)) return "";
  return draft < 2020 ? isFilledList(value) : want(value, "boolean or object");
}

function isText(value: Json): string {
  return typeof value === "string" ? "" : want(value, "string");
}

function isPattern(value: Json): string {
  if (typeof value !== "string") return want(value, "string");
  try {
    compileRegexp(value);
    return "";
  } catch (error) {
    return `'${value}' is not valid regex: ${(error as Error).message}`;
  }
}

function isFlag(value: Json): string {
  return typeof value === "boolean" ? "" : want(value, "boolean");
}

function isNumber(value: Json): string {
  return typeof value === "number" ? "" : want(value, "number");
}

function isExclusiveLimit(value: Json, draft: number): string {
  return draft < 6 ? isFlag(value) : isNumber(value);
}

function isDivisor(value: Json): string {
  if (typeof value !== "number") return want(value, "number");
  return value > 0 ? "" : `exclusiveMinimum: got ${String(value)}, want 0`;
}

function isCount(value: Json): string {
  if (typeof value !== "number" || !Number.isInteger(value)) return want(value, "integer");
  return value >= 0 ? "" : `minimum: got ${String(value)}, want 0`;
}

const TYPES = new Set<Json>(["array", "boolean", "integer", "null", "number", "object", "string"]);

function isType(value: Json): string {
  const all = Array.isArray(value) ? value : [value];
  const isKnown = all.length > 0 && all.every((type: Json) => TYPES.has(type));
  return isKnown && new Set(all).size === all.length ? "" : "'anyOf' failed";
}

function isEnum(value: Json, draft: number): string {
  if (draft >= 2019) return isList(value);
  const problem = isFilledList(value);
  if (problem !== "") return problem;
  const all = (value as readonly Json[]).map((item) => JSON.stringify(item));
  return new Set(all).size === all.length ? "" : "items are equal";
}

function isTextList(value: Json, draft: number): string {
  if (!Array.isArray(value)) return want(value, "array");
  if (draft < 6 && value.length === 0) return "minItems: got 0, want 1";
  if (!value.every((item: Json) => typeof item === "string")) return "not all are strings";
  return new Set(value).size === value.length ? "" : "items are equal";
}

function isTextLists(value: Json, draft: number): string {
  if (!isObject(value)) return want(value, "object");
  return (
    Object.values(value)
      .map((list) => isTextList(list, draft))
      .find(Boolean) ?? ""
  );
}
