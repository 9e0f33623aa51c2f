import {
  define,
  GoMap,
  GoSlice,
  mapAs,
  printJson,
  type GoObject,
  type TemplateFunction,
  type Value,
} from "#gotemplate";
import { printYaml } from "#yaml";
import type { Capabilities } from "./capabilities.ts";
import type { Dependency, Maintainer, Metadata } from "./chart.ts";
import { jsonForm } from "./go-values.ts";

/** A Go struct as templates see it: exported fields in order, and their names in JSON. */
interface Field {
  readonly name: string;
  readonly json: string;
  readonly value: Value;
  /** Left out of JSON when it is empty. */
  readonly omitEmpty?: boolean;
}

class GoStruct implements GoObject {
  readonly goType: string;
  readonly #fields: ReadonlyMap<string, Field>;
  readonly #methods: Readonly<Record<string, TemplateFunction>>;
  readonly printAddressed?: () => string;

  /** @param shown what the String method of a pointer to it answers. */
  constructor(
    goType: string,
    fields: readonly Field[],
    methods: Readonly<Record<string, TemplateFunction>> = {},
    shown?: () => string,
  ) {
    this.goType = goType;
    this.#fields = new Map(fields.map((field) => [field.name, field]));
    this.#methods = methods;
    if (shown !== undefined) this.printAddressed = shown;
  }

  field(name: string): Value | undefined {
    return this.#fields.get(name)?.value;
  }

  method(name: string): TemplateFunction | undefined {
    return Object.hasOwn(this.#methods, name) ? this.#methods[name] : undefined;
  }

  *fields(): Generator<readonly [string, Value]> {
    for (const { name, value } of this.#fields.values()) yield [name, value];
  }

  *jsonFields(): Generator<readonly [string, Value]> {
    for (const { json, value, omitEmpty } of this.#fields.values()) {
      if (omitEmpty !== true || !isEmpty(value)) yield [json, value];
    }
  }

  json(): Value {
    return GoMap.of(this.jsonFields());
  }
}

function isEmpty(value: Value): boolean {
  if (value === null || value === "" || value === false || value === 0 || value === 0n) return true;
  if (value instanceof GoMap) return value.size === 0;
  return Array.isArray(value) && value.length === 0;
}

/** `.Chart`: the metadata, and whether the chart is the one that is installed. */
export function chartObject(metadata: Metadata, isRoot: boolean): GoObject {
  return new ChartStruct(metadata, isRoot);
}

/** A chart's definition as Go's JSON. */
export function metadataJson(metadata: Metadata): string {
  return printJson(new ChartStruct(metadata, true).field("Metadata") ?? null);
}

/**
 * Fields of the embedded metadata are fields of the chart, but `%v` and JSON know where they come from. Each is made
 * when it is first asked for: most charts of an umbrella ask for their name and version only.
 */
class ChartStruct implements GoObject {
  readonly goType = "struct { chart.Metadata; IsRoot bool }";
  readonly #metadata: Metadata;
  readonly #isRoot: boolean;
  readonly #made = new Map<string, Value>();

  constructor(metadata: Metadata, isRoot: boolean) {
    this.#metadata = metadata;
    this.#isRoot = isRoot;
  }

  field(name: string): Value | undefined {
    if (name === "IsRoot") return this.#isRoot;
    let value = this.#made.get(name);
    if (value === undefined) {
      value = name === "Metadata" ? this.#embedded() : METADATA_FIELDS.get(name)?.of(this.#metadata);
      if (value !== undefined) this.#made.set(name, value);
    }
    return value;
  }

  method(): undefined {
    return undefined;
  }

  *fields(): Generator<readonly [string, Value]> {
    yield ["Metadata", this.field("Metadata") ?? null];
    yield ["IsRoot", this.#isRoot];
  }

  *jsonFields(): Generator<readonly [string, Value]> {
    for (const { json, value } of this.#promoted()) if (!isEmpty(value)) yield [json, value];
    yield ["IsRoot", this.#isRoot];
  }

  json(): Value {
    return GoMap.of(this.jsonFields());
  }

  #embedded(): Value {
    return new GoStruct("chart.Metadata", this.#promoted()) as unknown as Value;
  }

  #promoted(): Field[] {
    return Array.from(METADATA_FIELDS, ([name, { json }]) => {
      return { name, json, value: this.field(name) ?? null, omitEmpty: true };
    });
  }
}

interface MetadataField {
  readonly json: string;
  readonly of: (metadata: Metadata) => Value;
}

const METADATA_FIELDS: ReadonlyMap<string, MetadataField> = new Map<string, MetadataField>([
  ["Name", { json: "name", of: (metadata) => metadata.name }],
  ["Home", { json: "home", of: (metadata) => metadata.home }],
  ["Sources", { json: "sources", of: (metadata) => texts(metadata.sources) }],
  ["Version", { json: "version", of: (metadata) => metadata.version }],
  ["Description", { json: "description", of: (metadata) => metadata.description }],
  ["Keywords", { json: "keywords", of: (metadata) => texts(metadata.keywords) }],
  [
    "Maintainers",
    {
      json: "maintainers",
      of: (metadata) => objects("[]*chart.Maintainer", metadata.maintainers.map(maintainerObject)),
    },
  ],
  ["Icon", { json: "icon", of: (metadata) => metadata.icon }],
  ["APIVersion", { json: "apiVersion", of: (metadata) => metadata.apiVersion }],
  ["Condition", { json: "condition", of: (metadata) => metadata.condition }],
  ["Tags", { json: "tags", of: (metadata) => metadata.tags }],
  ["AppVersion", { json: "appVersion", of: (metadata) => metadata.appVersion }],
  ["Deprecated", { json: "deprecated", of: (metadata) => metadata.deprecated }],
  [
    "Annotations",
    { json: "annotations", of: (metadata) => GoMap.of(metadata.annotations, "map[string]string") },
  ],
  ["KubeVersion", { json: "kubeVersion", of: (metadata) => metadata.kubeVersion }],
  [
    "Dependencies",
    {
      json: "dependencies",
      of: (metadata) => objects("[]*chart.Dependency", metadata.dependencies.map(dependencyObject)),
    },
  ],
  ["Type", { json: "type", of: (metadata) => metadata.type }],
]);

function texts(items: readonly string[]): Value {
  return items.length === 0 ? GoSlice.nil("[]string") : GoSlice.typed("[]string", items);
}

function objects(type: string, items: readonly GoObject[]): Value {
  return items.length === 0 ? GoSlice.nil(type) : GoSlice.typed(type, items);
}

function maintainerObject(maintainer: Maintainer): GoObject {
  return new GoStruct("*chart.Maintainer", [
    { name: "Name", json: "name", value: maintainer.name, omitEmpty: true },
    { name: "Email", json: "email", value: maintainer.email, omitEmpty: true },
    { name: "URL", json: "url", value: maintainer.url, omitEmpty: true },
  ]);
}

function dependencyObject(dependency: Dependency): GoObject {
  return new GoStruct("*chart.Dependency", [
    { name: "Name", json: "name", value: dependency.name },
    { name: "Version", json: "version", value: dependency.version, omitEmpty: true },
    { name: "Repository", json: "repository", value: dependency.repository },
    { name: "Condition", json: "condition", value: dependency.condition, omitEmpty: true },
    { name: "Tags", json: "tags", value: texts(dependency.tags), omitEmpty: true },
    { name: "Enabled", json: "enabled", value: dependency.enabled, omitEmpty: true },
    { name: "ImportValues", json: "import-values", value: dependency.importValues, omitEmpty: true },
    { name: "Alias", json: "alias", value: dependency.alias, omitEmpty: true },
  ]);
}

/** `.Capabilities`. */
export function capabilitiesObject(capabilities: Capabilities): GoObject {
  const { version, major, minor } = capabilities.kubeVersion;
  const versionMethod = (name: string): TemplateFunction => define(name, "func() string", () => version);
  const kubeVersion = new GoStruct(
    "chartutil.KubeVersion",
    [
      { name: "Version", json: "Version", value: version },
      { name: "Major", json: "Major", value: major },
      { name: "Minor", json: "Minor", value: minor },
    ],
    { String: versionMethod("String"), GitVersion: versionMethod("GitVersion") },
    () => version,
  );
  const apiVersions = GoSlice.typed("chartutil.VersionSet", capabilities.apiVersions);
  const known = new Set(capabilities.apiVersions);
  apiVersions.methods = { Has: define("Has", "func(string) bool", (name) => known.has(name)) };
  const helmVersion = new GoStruct("version.BuildInfo", [
    { name: "Version", json: "version", value: capabilities.helmVersion, omitEmpty: true },
    { name: "GitCommit", json: "git_commit", value: "", omitEmpty: true },
    { name: "GitTreeState", json: "git_tree_state", value: "", omitEmpty: true },
    { name: "GoVersion", json: "go_version", value: "go1.26", omitEmpty: true },
  ]);
  return new GoStruct("*chartutil.Capabilities", [
    { name: "KubeVersion", json: "KubeVersion", value: kubeVersion },
    { name: "APIVersions", json: "APIVersions", value: apiVersions },
    { name: "HelmVersion", json: "HelmVersion", value: helmVersion },
  ]);
}

/** Values under Helm's type for them, whose methods shadow keys. */
export function namedValues(map: GoMap): GoMap {
  map.type = "chartutil.Values";
  const table = (path: string): GoMap => {
    let at: GoMap = map;
    for (const name of path.split(".")) {
      const next = at.get(name);
      if (!(next instanceof GoMap)) throw new Error(`${JSON.stringify(name)} is not a table`);
      at = next;
    }
    return at;
  };
  map.methods = {
    AsMap: define("AsMap", "func() map[string]interface {}", () => mapAs(map, "map[string]interface {}")),
    Table: define("Table", "func(string) chartutil.Values", (path) =>
      namedValues(mapAs(table(path), "chartutil.Values")),
    ),
    PathValue: define("PathValue", "func(string) interface {}", (path) => {
      if (path === "") throw new Error("YAML path cannot be empty");
      const names = path.split(".");
      const last = names.pop() as string;
      let holder: GoMap;
      try {
        holder = names.length === 0 ? map : table(names.join("."));
      } catch {
        throw new Error(`${JSON.stringify(last)} is not a value`);
      }
      const value = holder.get(last);
      if (value === undefined || value instanceof GoMap)
        throw new Error(`${JSON.stringify(last)} is not a value`);
      return value;
    }),
    YAML: define("YAML", "func() string", () => printYaml(map, { convert: jsonForm })),
  };
  return map;
}
