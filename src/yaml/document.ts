import { decode, type YamlValue } from "./decode.ts";
import { YamlError } from "./error.ts";
import { Parser, type Node } from "./parser.ts";

interface Place {
  /** Where the node begins, counted from 1. */
  readonly line: number;
  readonly column: number;
}

export interface YamlScalar extends Place {
  readonly kind: "scalar";
  /** Integers are `bigint`, floats are `number`. */
  readonly value: null | boolean | number | bigint | string;
  /** The text as written, without quotes and escapes. */
  readonly text: string;
  /** Written between quotes or as a block, or tagged: text even if it looks like a number. */
  readonly quoted: boolean;
}

export interface YamlPair {
  /** The key's text. */
  readonly name: string;
  readonly key: YamlScalar;
  readonly value: YamlNode;
}

export interface YamlMap extends Place {
  readonly kind: "map";
  /** In the order of the text; merge keys (`<<`) are already replaced by what they bring. */
  readonly pairs: readonly YamlPair[];
  get(name: string): YamlNode | undefined;
}

export interface YamlList extends Place {
  readonly kind: "list";
  readonly items: readonly YamlNode[];
}

/** A value and where it stands. Aliases are replaced by what they stand for. */
export type YamlNode = YamlScalar | YamlMap | YamlList;

/** How many nodes the aliases of one document may bring forth. */
const MAX_NODES = 200_000;

/**
 * Reads a text of one document with the place of everything in it; for configuration files, where each mistake is to
 * be shown with its line.
 *
 * @returns undefined for a text without a document.
 * @throws {YamlError} YAML_SYNTAX; YAML_DUPLICATE_KEY when a map has a key twice, with the place of the second one;
 *   YAML_VALUE for a key that is a map or a list, and for more than one document.
 */
export function parseDocument(text: string): YamlNode | undefined {
  const parser = new Parser(text);
  const root = parser.next();
  if (root === undefined) return undefined;
  const second = parser.next();
  if (second !== undefined) {
    throw new YamlError("YAML_VALUE", "yaml: one document expected, found another", placeOf(second));
  }
  return new Composer().node(root);
}

/**
 * As `parseDocument`, for a text of several documents. An empty document is undefined.
 *
 * @throws {YamlError}
 */
export function parseDocuments(text: string): (YamlNode | undefined)[] {
  const parser = new Parser(text);
  const documents: (YamlNode | undefined)[] = [];
  for (let root = parser.next(); root !== undefined; root = parser.next()) {
    const empty = root.kind === "scalar" && root.implicit && root.value === "";
    documents.push(empty ? undefined : new Composer().node(root));
  }
  return documents;
}

/** The node without its places: maps with string keys, arrays, scalars. */
export function plainValue(node: YamlNode): YamlValue {
  switch (node.kind) {
    case "scalar":
      return node.value;
    case "list":
      return node.items.map(plainValue);
    case "map":
      return new Map(node.pairs.map((pair) => [pair.name, plainValue(pair.value)]));
  }
}

class Composer {
  readonly #expanding = new Set<Node>();
  #made = 0;

  node(node: Node): YamlNode {
    if (++this.#made > MAX_NODES && this.#expanding.size > 0) {
      throw new YamlError("YAML_LIMIT", "yaml: document contains excessive aliasing", placeOf(node));
    }
    const place = placeOf(node);
    switch (node.kind) {
      case "alias":
        return { ...this.#expand(node), ...place };
      case "list":
        return { kind: "list", ...place, items: node.children.map((child) => this.node(child)) };
      case "map":
        return this.#map(node);
      case "scalar":
        return {
          kind: "scalar",
          ...place,
          value: decode(node, { integers: "bigint" }) as YamlScalar["value"],
          text: node.value,
          quoted: !node.implicit || node.style !== "plain",
        };
    }
  }

  #expand(node: Node): YamlNode {
    if (this.#expanding.has(node)) {
      throw new YamlError("YAML_SYNTAX", `yaml: anchor '${node.value}' value contains itself`, placeOf(node));
    }
    this.#expanding.add(node);
    const made = this.node(node.target as Node);
    this.#expanding.delete(node);
    return made;
  }

  #map(node: Node): YamlMap {
    const pairs = new Map<string, YamlPair>();
    const own = new Set<string>();
    for (let i = 0; i < node.children.length; i += 2) {
      const key = node.children[i] as Node;
      const value = node.children[i + 1] as Node;
      if (key.kind === "scalar" && key.implicit && key.value === "<<") {
        for (const pair of this.#merged(value)) if (!own.has(pair.name)) pairs.set(pair.name, pair);
        continue;
      }
      const made = this.node(key);
      if (made.kind !== "scalar") {
        throw new YamlError("YAML_VALUE", "yaml: a key must be text, not a map or a list", placeOf(key));
      }
      const name =
        made.value === null || made.quoted
          ? made.text
          : typeof made.value === "string"
            ? made.value
            : made.text;
      if (own.has(name)) {
        throw new YamlError(
          "YAML_DUPLICATE_KEY",
          `yaml: unmarshal errors:\n  line ${key.line + 1}: key ${JSON.stringify(name)} already set in map`,
          placeOf(key),
        );
      }
      own.add(name);
      pairs.set(name, { name, key: made, value: this.node(value) });
    }
    const { line, column } = placeOf(node);
    return { kind: "map", line, column, pairs: [...pairs.values()], get: (name) => pairs.get(name)?.value };
  }

  #merged(value: Node): readonly YamlPair[] {
    const parts = value.kind === "list" ? [...value.children].reverse() : [value];
    const pairs = new Map<string, YamlPair>();
    for (const part of parts) {
      const made = this.node(part);
      if (made.kind !== "map") {
        throw new YamlError(
          "YAML_VALUE",
          "yaml: map merge requires map or sequence of maps as the value",
          placeOf(part),
        );
      }
      for (const pair of made.pairs) pairs.set(pair.name, pair);
    }
    return [...pairs.values()];
  }
}

function placeOf(node: Node): { line: number; column: number } {
  return { line: node.line + 1, column: node.column + 1 };
}
