import { compileRegexp } from "#regexp";
import { SCHEMA_FORMATS } from "./schema-formats.ts";
import { isObject, KEYWORDS, typeWord, type Json, type JsonObject } from "./schema-keywords.ts";

/** One schema, its words sorted by the kind of value they speak of, and with the schemas that it refers to. */
export class Schema {
  /** 4, 6, 7, 2019 or 2020. */
  readonly draft: number;
  /** The answer of a schema that is `true` or `false`. */
  always: boolean | undefined;
  types: readonly string[] | undefined;
  constant: { readonly value: Json } | undefined;
  choices: readonly Json[] | undefined;
  format: { readonly name: string; readonly test: (text: string) => boolean } | undefined;
  reference: Schema | undefined;
  recursiveReference: Schema | undefined;
  dynamicReference: { readonly schema: Schema; readonly anchor: string } | undefined;
  isRecursiveAnchor = false;
  dynamicAnchor: string | undefined;
  /** The whole that it is part of. */
  resource: Schema = this;
  /** Of a whole: its schemas that a dynamic reference may mean. */
  dynamicAnchors: ReadonlyMap<string, Schema> | undefined;
  object: ObjectRules | undefined;
  array: ArrayRules | undefined;
  text: TextRules | undefined;
  number: NumberRules | undefined;
  logic: LogicRules | undefined;
  unevaluatedProperties: Schema | undefined;
  unevaluatedItems: Schema | undefined;

  constructor(draft: number) {
    this.draft = draft;
  }
}

export class ObjectRules {
  min: number | undefined;
  max: number | undefined;
  required: readonly string[] | undefined;
  properties: ReadonlyMap<string, Schema> | undefined;
  patterns: readonly (readonly [pattern: Pattern, schema: Schema])[] | undefined;
  additional: Schema | boolean | undefined;
  names: Schema | undefined;
  dependencies: readonly (readonly [name: string, needs: Schema | readonly string[]])[] | undefined;
  dependentSchemas: ReadonlyMap<string, Schema> | undefined;
  dependentRequired: readonly (readonly [name: string, needs: readonly string[]])[] | undefined;
}

export class ArrayRules {
  min: number | undefined;
  max: number | undefined;
  areUnique = false;
  /** Of the first items, one each. */
  first: readonly Schema[] | undefined;
  rest: Schema | boolean | undefined;
  contains: Schema | undefined;
  minContains: number | undefined;
  maxContains: number | undefined;
}

export class TextRules {
  min: number | undefined;
  max: number | undefined;
  pattern: Pattern | undefined;
}

export class NumberRules {
  minimum: number | undefined;
  maximum: number | undefined;
  exclusiveMinimum: number | undefined;
  exclusiveMaximum: number | undefined;
  multipleOf: number | undefined;
}

export class LogicRules {
  not: Schema | undefined;
  allOf: readonly Schema[] | undefined;
  anyOf: readonly Schema[] | undefined;
  oneOf: readonly Schema[] | undefined;
  if: Schema | undefined;
  then: Schema | undefined;
  else: Schema | undefined;
}

export interface Pattern {
  readonly pattern: string;
  test(text: string): boolean;
}

/** A part of the document that has an address of its own, or the whole. */
interface Resource {
  readonly address: string;
  readonly root: Json;
  readonly draft: number;
  readonly anchors: Map<string, JsonObject>;
  readonly dynamicAnchors: Set<string>;
}

/** The address that Helm gives to the schema of a chart. */
const ADDRESS = "file:///values.schema.json";

/**
 * Makes a document ready for values. As with Helm a document without `$schema` is of draft 2020-12, patterns are RE2's,
 * and formats are claims before 2019-09 and remarks since.
 *
 * @throws {Error} when the document is no schema of its draft, or refers to what is not in it: nothing is fetched.
 */
export function compileSchema(document: Json): Schema {
  return new Compiler(document).compile();
}

class Compiler {
  readonly #whole: Resource;
  readonly #resources = new Map<string, Resource>();
  /** Of each schema that stands where its draft expects one. */
  readonly #resourceOf = new Map<JsonObject, Resource>();
  readonly #schemas = new Map<JsonObject, Schema>();
  readonly #unfilled: (readonly [raw: JsonObject, resource: Resource, schema: Schema])[] = [];
  readonly #misuses: string[] = [];

  constructor(document: Json) {
    this.#whole = newResource(ADDRESS, document, isObject(document) ? draftOf(document, 2020) : 2020);
    this.#resources.set(ADDRESS, this.#whole);
  }

  compile(): Schema {
    const { root, draft } = this.#whole;
    this.#explore(root, this.#whole, "");
    if (this.#misuses.length > 0) {
      throw new Error(
        `"${ADDRESS}#" is not valid against metaschema: jsonschema validation failed with '${METASCHEMAS[draft]}#'\n${this.#misuses.join("\n")}`,
      );
    }
    const schema = this.#schemaOf(root, this.#whole);
    for (let next = this.#unfilled.pop(); next !== undefined; next = this.#unfilled.pop())
      this.#fill(...next);
    return schema;
  }

  /** Looks at every schema of the document, for addresses, anchors and words with a value of a wrong kind. */
  #explore(raw: Json, outer: Resource, pointer: string): void {
    if (!isObject(raw)) {
      const mayBeBoolean = outer.draft >= 6 || /\/additional(?:Items|Properties)$/.test(pointer);
      if (typeof raw === "boolean" && mayBeBoolean) return;
      const wanted = mayBeBoolean ? "boolean or object" : "object";
      this.#misuses.push(`- at '${pointer}': got ${typeWord(raw)}, want ${wanted}`);
      return;
    }
    const resource = this.#enter(raw, outer);
    this.#resourceOf.set(raw, resource);
    this.#noteAnchors(raw, resource);
    for (const word in raw) {
      const keyword = KEYWORDS.get(word);
      if (keyword === undefined || keyword.since > resource.draft) continue;
      const value = raw[word] as Json;
      const at = `${pointer}/${escaped(word)}`;
      const misuse = keyword.check(value, resource.draft);
      if (misuse !== "") this.#misuses.push(`- at '${at}': ${misuse}`);
      else if (keyword.holds === "schema" && !Array.isArray(value)) this.#explore(value, resource, at);
      else if (keyword.holds !== "data") {
        for (const [key, below] of Object.entries(value as JsonObject)) {
          if (word === "dependencies" && Array.isArray(below)) continue;
          this.#explore(below, resource, `${at}/${escaped(key)}`);
        }
      }
    }
  }

  /** The resource that a schema is part of: its own when it has an address. */
  #enter(raw: JsonObject, outer: Resource): Resource {
    const isRoot = raw === this.#whole.root;
    let draft = draftOf(raw, outer.draft);
    let address = addressOf(raw, draft);
    if (address === "" && !isRoot) {
      ({ draft } = outer);
      address = addressOf(raw, draft);
    }
    if (address === "") return outer;
    const full = resolved(address, outer.address);
    const known = this.#resources.get(full);
    if (known !== undefined && known.root !== raw) throw new Error(`duplicate id "${full}" in "${ADDRESS}"`);
    const resource = isRoot ? { ...this.#whole, address: full } : newResource(full, raw, draft);
    this.#resources.set(full, resource);
    if (isRoot) this.#resources.set(ADDRESS, resource);
    return resource;
  }

  #noteAnchors(raw: JsonObject, resource: Resource): void {
    const names: (string | undefined)[] = [];
    if (resource.draft >= 2019) names.push(textAt(raw, "$anchor"));
    else if (!("$ref" in raw)) {
      const [, fragment = ""] = split(textAt(raw, idWord(resource.draft)) ?? "");
      if (!fragment.startsWith("/")) names.push(fragment);
    }
    const dynamic = resource.draft >= 2020 ? textAt(raw, "$dynamicAnchor") : undefined;
    if (dynamic !== undefined) resource.dynamicAnchors.add(dynamic);
    for (const name of [...names, dynamic]) {
      if (name === undefined || name === "") continue;
      if ((resource.anchors.get(name) ?? raw) !== raw) {
        throw new Error(`duplicate anchor "${name}" in "${ADDRESS}"`);
      }
      resource.anchors.set(name, raw);
    }
  }

  #schemaOf(raw: Json, outer: Resource): Schema {
    if (!isObject(raw)) {
      const schema = new Schema(outer.draft);
      if (typeof raw === "boolean") schema.always = raw;
      return schema;
    }
    const known = this.#schemas.get(raw);
    if (known !== undefined) return known;
    const resource = this.#resourceOf.get(raw) ?? outer;
    const schema = new Schema(resource.draft);
    this.#schemas.set(raw, schema);
    this.#unfilled.push([raw, resource, schema]);
    return schema;
  }

  #fill(raw: JsonObject, resource: Resource, schema: Schema): void {
    const { draft } = schema;
    schema.resource = this.#schemaOf(resource.root, resource);
    if (raw === resource.root && resource.dynamicAnchors.size > 0) {
      schema.dynamicAnchors = new Map(
        [...resource.dynamicAnchors].map((name) => [
          name,
          this.#schemaOf(resource.anchors.get(name) as JsonObject, resource),
        ]),
      );
    }
    if (typeof raw["$ref"] === "string") {
      schema.reference = this.#target(raw["$ref"], resource);
      if (draft < 2019) return;
    }
    for (const word in raw) {
      const keyword = KEYWORDS.get(word);
      if (keyword !== undefined && keyword.since <= draft) this.#read(word, raw, resource, schema);
    }
    if ("const" in raw && draft >= 6) schema.constant = { value: raw["const"] as Json };
  }

  #read(word: string, raw: JsonObject, resource: Resource, schema: Schema): void {
    const { draft } = schema;
    const value = raw[word] as Json;
    const one = (): Schema => this.#schemaOf(value, resource);
    const list = (): Schema[] => (value as readonly Json[]).map((item) => this.#schemaOf(item, resource));
    const map = (): Map<string, Schema> =>
      new Map(
        Object.entries(value as JsonObject).map(([key, item]) => [key, this.#schemaOf(item, resource)]),
      );
    const object = (): ObjectRules => (schema.object ??= new ObjectRules());
    const array = (): ArrayRules => (schema.array ??= new ArrayRules());
    const text = (): TextRules => (schema.text ??= new TextRules());
    const number = (): NumberRules => (schema.number ??= new NumberRules());
    const logic = (): LogicRules => (schema.logic ??= new LogicRules());
    switch (word) {
      case "$recursiveRef":
        if (draft >= 2019) schema.recursiveReference = this.#target(value as string, resource);
        return;
      case "$recursiveAnchor":
        schema.isRecursiveAnchor = value === true;
        return;
      case "$dynamicRef": {
        const [, fragment] = split(value as string);
        const anchor = fragment.startsWith("/") ? "" : decodeURIComponent(fragment);
        schema.dynamicReference = { schema: this.#target(value as string, resource), anchor };
        return;
      }
      case "$dynamicAnchor":
        schema.dynamicAnchor = value as string;
        return;
      case "type":
        schema.types = typeof value === "string" ? [value] : (value as readonly string[]);
        return;
      case "enum":
        schema.choices = value as readonly Json[];
        return;
      case "format": {
        const test = SCHEMA_FORMATS[value as string];
        if (draft < 2019 && test !== undefined) schema.format = { name: value as string, test };
        return;
      }
      case "unevaluatedProperties":
        schema.unevaluatedProperties = one();
        return;
      case "unevaluatedItems":
        schema.unevaluatedItems = one();
        return;
      case "minProperties":
        object().min = value as number;
        return;
      case "maxProperties":
        object().max = value as number;
        return;
      case "required":
        object().required = value as readonly string[];
        return;
      case "properties":
        object().properties = map();
        return;
      case "patternProperties":
        object().patterns = [...map()].map(([pattern, below]) => [compileRegexp(pattern), below] as const);
        return;
      case "additionalProperties":
        object().additional = typeof value === "boolean" ? value : one();
        return;
      case "propertyNames":
        object().names = one();
        return;
      case "dependencies":
        object().dependencies = Object.entries(value as JsonObject).map(
          ([name, needs]) =>
            [name, Array.isArray(needs) ? (needs as string[]) : this.#schemaOf(needs, resource)] as const,
        );
        return;
      case "dependentSchemas":
        object().dependentSchemas = map();
        return;
      case "dependentRequired":
        object().dependentRequired = Object.entries(value as Record<string, string[]>);
        return;
      case "minItems":
        array().min = value as number;
        return;
      case "maxItems":
        array().max = value as number;
        return;
      case "uniqueItems":
        array().areUnique = value as boolean;
        return;
      case "items": {
        const rules = array();
        if (!Array.isArray(value)) {
          rules.rest = one();
          return;
        }
        rules.first = list();
        const rest = raw["additionalItems"];
        if (rest !== undefined)
          rules.rest = typeof rest === "boolean" ? rest : this.#schemaOf(rest, resource);
        return;
      }
      case "prefixItems":
        array().first = list();
        return;
      case "contains":
        array().contains = one();
        return;
      case "minContains":
        array().minContains = value as number;
        return;
      case "maxContains":
        array().maxContains = value as number;
        return;
      case "minLength":
        text().min = value as number;
        return;
      case "maxLength":
        text().max = value as number;
        return;
      case "pattern":
        text().pattern = compileRegexp(value as string);
        return;
      case "multipleOf":
        number().multipleOf = value as number;
        return;
      case "minimum":
        if (raw["exclusiveMinimum"] !== true) number().minimum = value as number;
        return;
      case "maximum":
        if (raw["exclusiveMaximum"] !== true) number().maximum = value as number;
        return;
      case "exclusiveMinimum":
      case "exclusiveMaximum": {
        const limit = value === true ? raw[word === "exclusiveMinimum" ? "minimum" : "maximum"] : value;
        if (typeof limit === "number") number()[word] = limit;
        return;
      }
      case "not":
      case "if":
      case "then":
      case "else":
        if ((word === "then" || word === "else") && !("if" in raw)) return;
        logic()[word] = one();
        return;
      case "allOf":
      case "anyOf":
      case "oneOf":
        logic()[word] = list();
        return;
      default:
    }
  }

  /** The schema that a reference means. */
  #target(reference: string, from: Resource): Schema {
    const [path, fragment] = split(reference);
    const address = path === "" ? from.address : resolved(path, from.address);
    const resource = this.#resources.get(address);
    if (resource === undefined) return this.#elsewhere(address);
    const place = decodeURIComponent(fragment);
    if (place !== "" && !place.startsWith("/")) {
      const anchored = resource.anchors.get(place);
      if (anchored === undefined) {
        throw new Error(`anchor in "${address}#${place}" not found in schema "${ADDRESS}"`);
      }
      return this.#schemaOf(anchored, resource);
    }
    let at = resource.root;
    let owner = resource;
    for (const part of place.split("/").slice(1)) {
      const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
      if (
        typeof at !== "object" ||
        at === null ||
        !Object.hasOwn(at, key) ||
        (Array.isArray(at) && !/^\d+$/.test(key))
      ) {
        throw new Error(`json-pointer in "${address}#${place}" not found`);
      }
      at = (at as JsonObject)[key] as Json;
      if (isObject(at)) owner = this.#resourceOf.get(at) ?? owner;
    }
    if (!isObject(at) || this.#resourceOf.has(at)) return this.#schemaOf(at, owner);
    // It stands where no word of the draft looks for schemas, so that it was not looked at.
    this.#explore(at, owner, place);
    if (this.#misuses.length > 0) {
      throw new Error(`"${address}#${place}" is not valid against metaschema: ${this.#misuses.join("\n")}`);
    }
    return this.#schemaOf(at, owner);
  }

  /** What is outside the document: Helm takes anything for a `urn:`; a draft's own schema takes schemas. */
  #elsewhere(address: string): Schema {
    const schema = new Schema(2020);
    if (address.startsWith("urn:")) schema.always = true;
    else if (draftNamed(address) !== undefined) schema.types = ["boolean", "object"];
    else throw new Error(`failing loading "${address}": slipway does not fetch schemas`);
    return schema;
  }
}

const METASCHEMAS: Readonly<Record<number, string>> = {
  4: "http://json-schema.org/draft-04/schema",
  6: "http://json-schema.org/draft-06/schema",
  7: "http://json-schema.org/draft-07/schema",
  2019: "https://json-schema.org/draft/2019-09/schema",
  2020: "https://json-schema.org/draft/2020-12/schema",
};

/** The draft that a schema names, else `fallback`. */
function draftOf(raw: JsonObject, fallback: number): number {
  const name = raw["$schema"];
  if (typeof name !== "string") return fallback;
  const draft = draftNamed(name.replace(/#$/, ""));
  if (draft === undefined) throw new Error(`failing loading "${name}": slipway does not fetch schemas`);
  return draft;
}

function draftNamed(address: string): number | undefined {
  const [, path] = /^(?:https?:\/\/)?json-schema\.org\/(schema|draft.*\/schema)$/.exec(address) ?? [];
  if (path === "schema") return 2020;
  const found = Object.entries(METASCHEMAS).find(([, known]) => known.endsWith(`.org/${path}`));
  return found && Number(found[0]);
}

const idWord = (draft: number): string => (draft < 6 ? "id" : "$id");

/** The address of a schema without its fragment, or `""`. Before 2019-09 nothing counts beside a `$ref`. */
function addressOf(raw: JsonObject, draft: number): string {
  if (draft < 2019 && "$ref" in raw) return "";
  return split(textAt(raw, idWord(draft)) ?? "")[0];
}

function resolved(address: string, base: string): string {
  if (!URL.canParse(address, base)) throw new Error(`error in parsing "${address}"`);
  return new URL(address, base).href;
}

function newResource(address: string, root: Json, draft: number): Resource {
  return { address, root, draft, anchors: new Map(), dynamicAnchors: new Set() };
}

function textAt(raw: JsonObject, word: string): string | undefined {
  const value = raw[word];
  return typeof value === "string" ? value : undefined;
}

function split(address: string): [path: string, fragment: string] {
  const at = address.indexOf("#");
  return at < 0 ? [address, ""] : [address.slice(0, at), address.slice(at + 1)];
}

const escaped = (key: string): string =>
  /[~/]/.test(key) ? key.replaceAll("~", "~0").replaceAll("/", "~1") : key;
