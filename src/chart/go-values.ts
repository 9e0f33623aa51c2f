import { GoBytes, GoMap, GoNumber, fromBytes, type GoObject, type Value } from "#gotemplate";
import { SlipwayError } from "#errors";
import { parseYaml, type YamlValue } from "#yaml";
import { mismatch } from "./go-struct.ts";

/** A plain value (of a YAML or JSON reader) with Go's maps. Numbers stay as they are: `number` is a float64. */
export function toGoValue(value: YamlValue): Value {
  if (Array.isArray(value)) return value.map(toGoValue);
  if (value instanceof Map) {
    if (value instanceof GoMap) return value;
    const map = new GoMap();
    for (const [key, item] of value) map.set(key, toGoValue(item));
    return map;
  }
  return value;
}

/**
 * Reads YAML into a `map[string]interface {}`, as Go does for values.
 *
 * @param type how the map is named in the complaint of what is none.
 */
export function parseGoMap(text: string, type = "map[string]interface {}"): GoMap {
  const value = parseYaml(text, { newMap: () => new GoMap() as unknown as Map<string, YamlValue> });
  if (value === null) return new GoMap();
  if (value instanceof GoMap) return value;
  throw mismatch(value, type);
}

/** A deep copy of maps and lists. */
export function copyValue(value: Value): Value {
  if (value instanceof GoMap) return copyMap(value);
  if (Array.isArray(value) && value.constructor === Array) return value.map(copyValue);
  return value;
}

export function copyMap(map: GoMap): GoMap {
  const copy = new GoMap();
  map.forEach((value, key) => copy.set(key, copyValue(value)));
  return copy;
}

/** Whether a value is what Helm calls a table. */
export function isTable(value: Value | undefined): value is GoMap {
  return value instanceof GoMap;
}

/** What a value is as JSON, for the printers: named numbers as numbers, bytes as base64, structs as maps. */
export function jsonForm(value: object): unknown {
  if (value instanceof GoNumber) return value.value;
  if (value instanceof GoBytes && value.isNil) return null;
  if (value instanceof GoBytes) return Buffer.from(value.bytes).toString("base64");
  const object = value as GoObject & { json?(): unknown };
  if (object.goKind === "func" || object.goKind === "complex128" || object.goKind === "complex64") {
    throw new SlipwayError("CHART_JSON", `json: unsupported type: ${object.goType}`);
  }
  if (typeof object.json === "function") return object.json();
  if (typeof object.fields === "function")
    return new Map([...object.fields()].filter(([name]) => /^\p{Lu}/u.test(name)));
  return object.print?.() ?? null;
}

/** As jsonForm(), for goyaml.v3, which writes bytes as a list of numbers. */
export function prettyForm(value: object): unknown {
  return value instanceof GoBytes ? Array.from(value.bytes, BigInt) : jsonForm(value);
}

/** The text of a file: bytes that are not UTF-8 are kept. */
export function textOf(data: Buffer): string {
  return fromBytes(data);
}
