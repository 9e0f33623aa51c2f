import { YamlError } from "./error.ts";
import { readEveryday } from "./everyday.ts";
import { goSyntax } from "./go-syntax.ts";
import { Parser, type Node } from "./parser.ts";
import { formatFloat32, resolveScalar, resolveSpecial, type Resolved } from "./scalar.ts";

/** What a document holds: maps keep the order of the text, numbers are floats unless asked otherwise. */
export type YamlValue = null | boolean | number | bigint | string | YamlValue[] | Map<string, YamlValue>;

export interface ParseOptions {
  /** A key that is written twice in one map is an error, as for Go's `UnmarshalStrict`. */
  readonly strict?: boolean;
  /** Whole numbers as `bigint`, so that they can be told from floats. Without it every number is a float. */
  readonly integers?: "bigint" | "number";
  /** Makes the maps; for callers whose maps are of a class of their own. */
  readonly newMap?: () => Map<string, YamlValue>;
  /** Tells which keys of the map at the top are wanted. What the others have is read for its faults, and may be left out. */
  readonly wants?: (key: string) => boolean;
}

const LONG_TAG = "tag:yaml.org,2002:";

/**
 * Reads the first document of a text as `sigs.k8s.io/yaml.Unmarshal` does into an `interface{}`: YAML 1.1 by goyaml.v2,
 * then the rules of JSON (keys are strings, numbers are float64). What follows the first document is not looked at.
 *
 * @returns null for a text without a document.
 * @throws {YamlError} with Go's words, `error converting YAML to JSON: yaml: line 3: …`.
 * @see https://pkg.go.dev/sigs.k8s.io/yaml#Unmarshal
 */
export function parseYaml(text: string, options: ParseOptions = {}): YamlValue {
  const everyday = readEveryday(text, options);
  return everyday === undefined ? parseWhole(text, options) : everyday;
}

/** As parseYaml(), by the reader that knows all of YAML. */
export function parseWhole(text: string, options: ParseOptions = {}): YamlValue {
  try {
    const root = new Parser(text).next();
    return root === undefined ? null : decode(root, options);
  } catch (error) {
    if (error instanceof YamlError) throw error.prefixed("error converting YAML to JSON: ");
    throw error;
  }
}

/**
 * Reads every document of a text, each as `parseYaml` does.
 *
 * @throws {YamlError}
 */
export function parseYamlDocuments(text: string, options: ParseOptions = {}): YamlValue[] {
  const parser = new Parser(text);
  const values: YamlValue[] = [];
  try {
    for (let root = parser.next(); root !== undefined; root = parser.next())
      values.push(decode(root, options));
  } catch (error) {
    if (error instanceof YamlError) throw error.prefixed("error converting YAML to JSON: ");
    throw error;
  }
  return values;
}

/**
 * The value of a node.
 *
 * @throws {YamlError} with goyaml's words, `yaml: …`, or those of Go's JSON.
 */
export function decode(root: Node, options: ParseOptions = {}): YamlValue {
  const decoder = new Decoder(options);
  const value = decoder.value(root);
  decoder.finish();
  return value;
}

class Decoder {
  readonly #strict: boolean;
  readonly #bigint: boolean;
  readonly #newMap: () => Map<string, YamlValue>;
  readonly #expanding = new Set<Node>();
  readonly #problems: string[] = [];
  #problemAt: Node | undefined;
  #unsupported: YamlError | undefined;
  #decoded = 0;
  #fromAliases = 0;

  constructor(options: ParseOptions) {
    this.#strict = options.strict === true;
    this.#bigint = options.integers === "bigint";
    this.#newMap = options.newMap ?? (() => new Map());
  }

  /** Raises what was noted on the way: Go goes on to the end and reports these together. */
  finish(): void {
    if (this.#problems.length > 0) {
      const lines = this.#problems.map((problem) => `  ${problem}`).join("\n");
      throw new YamlError(
        "YAML_DUPLICATE_KEY",
        `yaml: unmarshal errors:\n${lines}`,
        placeOf(this.#problemAt),
      );
    }
    if (this.#unsupported !== undefined) throw this.#unsupported;
  }

  value(node: Node): YamlValue {
    this.#count(node);
    switch (node.kind) {
      case "scalar":
        return this.#scalar(node);
      case "list": {
        const list: YamlValue[] = [];
        for (const child of node.children) list.push(this.value(child));
        return list;
      }
      case "map": {
        const map = this.#newMap();
        this.#fill(map, node, this.#strict ? new Set() : undefined);
        return map;
      }
      case "alias":
        return this.#expand(node, (target) => this.value(target));
    }
  }

  #count(node: Node): void {
    this.#decoded++;
    if (this.#expanding.size > 0) this.#fromAliases++;
    if (
      this.#fromAliases > 100 &&
      this.#decoded > 1000 &&
      this.#fromAliases / this.#decoded > allowedAliasRatio(this.#decoded)
    ) {
      throw new YamlError("YAML_LIMIT", "yaml: document contains excessive aliasing", placeOf(node));
    }
  }

  #expand<T>(node: Node, use: (target: Node) => T): T {
    if (this.#expanding.has(node)) throw fault(`anchor '${node.value}' value contains itself`, node);
    this.#expanding.add(node);
    const result = use(node.target as Node);
    this.#expanding.delete(node);
    return result;
  }

  #fill(map: Map<string, YamlValue>, node: Node, seen: Set<string> | undefined): void {
    const { children } = node;
    for (let i = 0; i < children.length; i += 2) {
      const key = children[i] as Node;
      const value = children[i + 1] as Node;
      if (isMerge(key)) {
        this.#merge(map, value, seen);
        continue;
      }
      const name = this.#key(key, value);
      if (seen === undefined) {
        map.set(name, this.value(value));
        continue;
      }
      const identity = this.#keySyntax(key);
      const decoded = this.value(value);
      if (seen.has(identity)) {
        this.#problems.push(`line ${value.line + 1}: key ${identity} already set in map`);
        this.#problemAt ??= key;
      } else {
        seen.add(identity);
        map.set(name, decoded);
      }
    }
  }

  #merge(map: Map<string, YamlValue>, node: Node, seen: Set<string> | undefined): void {
    const wanted = fault("map merge requires map or sequence of maps as the value", node);
    const one = (part: Node): void => {
      this.#count(part);
      if (part.kind === "map") this.#fill(map, part, seen);
      else if (part.kind === "alias" && part.target?.kind === "map") {
        this.#expand(part, (target) => {
          this.#count(target);
          this.#fill(map, target, seen);
        });
      } else throw wanted;
    };
    if (node.kind === "list") {
      // The first map of the list has the last word.
      for (let i = node.children.length - 1; i >= 0; i--) one(node.children[i] as Node);
    } else one(node);
  }

  /** A key as JSON has it. */
  #key(node: Node, value: Node): string {
    if (
      node.kind === "scalar" &&
      node.tag === "" &&
      (!node.implicit || resolveSpecial(node.value) === undefined)
    ) {
      this.#count(node);
      return node.value;
    }
    const target = node.kind === "alias" ? (node.target as Node) : node;
    if (target.kind !== "scalar") {
      const decoded = new Decoder({ integers: "bigint" }).value(node);
      throw fault(`invalid map key: ${goSyntax(decoded)}`, node);
    }
    this.#count(node);
    const resolved = resolveTagged(target);
    switch (resolved.type) {
      case "bool":
        return String(resolved.value);
      case "int":
        if (resolved.value > 2n ** 63n - 1n)
          return this.#refuseKey("uint64", `0x${resolved.value.toString(16)}`, node, value);
        return String(resolved.value);
      case "float":
        return formatFloat32(resolved.value);
      case "null":
        return this.#refuseKey("%!s(<nil>)", "<nil>", node, value);
      default:
        return resolved.value;
    }
  }

  #refuseKey(type: string, key: string, node: Node, value: Node): string {
    const shown = goSyntax(new Decoder({ integers: "bigint" }).value(value), true);
    this.#unsupported ??= new YamlError(
      "YAML_VALUE",
      `unsupported map key of type: ${type}, key: ${key}, value: ${shown}`,
      placeOf(node),
    );
    return "";
  }

  /** A key as Go would write it, which tells the text "1" from the number 1. */
  #keySyntax(node: Node): string {
    const target = node.kind === "alias" ? (node.target as Node) : node;
    const resolved = resolveTagged(target);
    return goSyntax(resolved.type === "timestamp" ? target.value : resolved.value);
  }

  #scalar(node: Node): YamlValue {
    if (node.tag === "") {
      if (!node.implicit) return node.value;
      const special = resolveSpecial(node.value);
      return special === undefined ? node.value : this.#plain(special, node);
    }
    return this.#plain(resolveTagged(node), node);
  }

  #plain(resolved: Resolved, node: Node): YamlValue {
    if (resolved.type === "int") return this.#bigint ? resolved.value : Number(resolved.value);
    if (resolved.type === "float" && !Number.isFinite(resolved.value)) {
      const shown = Number.isNaN(resolved.value) ? "NaN" : resolved.value > 0 ? "+Inf" : "-Inf";
      this.#unsupported ??= new YamlError("YAML_VALUE", `json: unsupported value: ${shown}`, placeOf(node));
    }
    return resolved.value;
  }
}

/** The meaning of a scalar in view of its tag. */
function resolveTagged(node: Node): Resolved {
  const { tag, value } = node;
  if (tag === "") return node.implicit ? resolveScalar(value) : { type: "str", value };
  if (tag === `${LONG_TAG}binary`) return { type: "str", value: decodeBase64(node) };
  const wanted = tag.startsWith(LONG_TAG) ? tag.slice(LONG_TAG.length) : "";
  if (wanted === "str" || !["bool", "int", "float", "null", "timestamp"].includes(wanted))
    return { type: "str", value };
  const found = resolveForTag(value, wanted);
  if (found.type === wanted) return found;
  if (wanted === "float" && found.type === "int" && found.value < 2n ** 63n) {
    return { type: "float", value: Number(found.value) };
  }
  throw fault(`cannot decode !!${found.type} \`${value}\` as a !!${wanted}`, node);
}

function resolveForTag(value: string, wanted: string): Resolved {
  const found = resolveScalar(value);
  return found.type === "timestamp" && wanted !== "timestamp" ? { type: "str", value } : found;
}

function decodeBase64(node: Node): string {
  const text = node.value.replace(/[\r\n]/g, "");
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
    throw fault("!!binary value contains invalid base64 data", node);
  }
  return Buffer.from(text, "base64").toString("utf8");
}

function isMerge(node: Node): boolean {
  return node.kind === "scalar" && node.value === "<<" && (node.implicit || node.tag === `${LONG_TAG}merge`);
}

const RATIO_LOW = 400_000;
const RATIO_HIGH = 4_000_000;

/** The share of values that may come from aliases: 99 % of a small document, 10 % of a large one. */
function allowedAliasRatio(decoded: number): number {
  if (decoded <= RATIO_LOW) return 0.99;
  if (decoded >= RATIO_HIGH) return 0.1;
  return 0.99 - 0.89 * ((decoded - RATIO_LOW) / (RATIO_HIGH - RATIO_LOW));
}

function placeOf(node: Node | undefined): { line: number; column: number } | undefined {
  return node === undefined ? undefined : { line: node.line + 1, column: node.column + 1 };
}

function fault(problem: string, node: Node): YamlError {
  return new YamlError("YAML_VALUE", `yaml: ${problem}`, placeOf(node));
}
