import { SlipwayError } from "#errors";
import { fromBytes, rfc3339 } from "#gotemplate";
import { parseVersion } from "#semver";
import { parseYaml, type YamlValue } from "#yaml";
import type { Dependency, Metadata } from "./chart.ts";
import { toGoValue } from "./go-values.ts";

/** Metadata that says nothing. */
export function emptyMetadata(): Metadata {
  return {
    name: "",
    home: "",
    sources: [],
    version: "",
    description: "",
    keywords: [],
    maintainers: [],
    icon: "",
    apiVersion: "",
    condition: "",
    tags: "",
    appVersion: "",
    deprecated: false,
    annotations: new Map(),
    kubeVersion: "",
    dependencies: [],
    type: "",
  };
}

/**
 * Reads Chart.yaml or requirements.yaml into `metadata`; keys that are absent leave what is there. Keys are matched
 * without regard to case and numbers become text, as Go's JSON does.
 *
 * @throws {YamlError} or {SlipwayError} CHART_INVALID with Go's words.
 */
export function readMetadata(data: Buffer, metadata: Metadata): void {
  const value = parseYaml(fromBytes(data), { integers: "bigint" });
  if (value === null) return;
  if (!(value instanceof Map)) throw mismatch(value, "chart.Metadata");
  const reader = new StructReader(value, "Metadata");
  for (const key of TEXT_KEYS) {
    const text = reader.text(key);
    if (text !== undefined) metadata[key] = text;
  }
  metadata.sources = reader.texts("sources") ?? metadata.sources;
  metadata.keywords = reader.texts("keywords") ?? metadata.keywords;
  metadata.deprecated = reader.flag("deprecated") ?? metadata.deprecated;
  metadata.annotations = reader.textMap("annotations") ?? metadata.annotations;
  const maintainers = reader.list("maintainers");
  if (maintainers !== undefined) {
    metadata.maintainers = maintainers.map((item) => {
      const one = new StructReader(asMap(item, "chart.Maintainer"), "Maintainer");
      return { name: one.text("name") ?? "", email: one.text("email") ?? "", url: one.text("url") ?? "" };
    });
  }
  const dependencies = reader.list("dependencies");
  if (dependencies !== undefined) metadata.dependencies = dependencies.map(readDependency);
}

const TEXT_KEYS = [
  "name",
  "home",
  "version",
  "description",
  "icon",
  "apiVersion",
  "condition",
  "tags",
  "appVersion",
  "kubeVersion",
  "type",
] as const;

/** One dependency of Chart.yaml or of a lock. */
export function readDependency(item: YamlValue): Dependency {
  if (item === null) throw invalid("validation: dependencies must not contain empty or null nodes");
  const one = new StructReader(asMap(item, "chart.Dependency"), "Dependency");
  return {
    name: one.text("name") ?? "",
    version: one.text("version") ?? "",
    repository: one.text("repository") ?? "",
    condition: one.text("condition") ?? "",
    tags: one.texts("tags") ?? [],
    enabled: one.flag("enabled") ?? false,
    importValues: (one.list("import-values") ?? []).map(toGoValue),
    alias: one.text("alias") ?? "",
  };
}

/**
 * Checks the metadata and makes its texts printable.
 *
 * @throws {SlipwayError} CHART_INVALID, `validation: chart.metadata.name is required` and the like.
 */
export function validateMetadata(metadata: Metadata): void {
  for (const key of [
    "name",
    "description",
    "home",
    "icon",
    "condition",
    "tags",
    "appVersion",
    "kubeVersion",
  ] as const) {
    metadata[key] = sanitize(metadata[key]);
  }
  metadata.sources = metadata.sources.map(sanitize);
  metadata.keywords = metadata.keywords.map(sanitize);
  const { name, version } = metadata;
  if (metadata.apiVersion === "") throw invalid("validation: chart.metadata.apiVersion is required");
  if (name === "") throw invalid("validation: chart.metadata.name is required");
  if (name === "." || name === "..")
    throw invalid(`validation: chart.metadata.name ${quoted(name)} is not allowed`);
  if (name.includes("/")) throw invalid(`validation: chart.metadata.name ${quoted(name)} is invalid`);
  if (version === "") throw invalid("validation: chart.metadata.version is required");
  if (!isVersion(version)) throw invalid(`validation: chart.metadata.version ${quoted(version)} is invalid`);
  if (!["", "application", "library"].includes(metadata.type)) {
    throw invalid("validation: chart.metadata.type must be application or library");
  }
  const known = new Set<string>();
  for (const dependency of metadata.dependencies) {
    if (dependency.alias !== "" && !/^[a-zA-Z0-9_-]+$/.test(dependency.alias)) {
      throw invalid(
        `validation: dependency ${quoted(dependency.name)} has disallowed characters in the alias`,
      );
    }
    const key = dependency.alias === "" ? dependency.name : dependency.alias;
    if (known.has(key))
      throw invalid(`validation: more than one dependency with name or alias ${quoted(key)}`);
    known.add(key);
  }
}

/** Whether a text is a semantic version, as far as Helm is strict about it. */
export function isVersion(text: string): boolean {
  try {
    parseVersion(text);
    return true;
  } catch {
    return false;
  }
}

function sanitize(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(/\s/g, " ").replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, "");
}

const PLAIN = /^[ -~]*$/;

function quoted(text: string): string {
  return JSON.stringify(text);
}

function invalid(message: string): SlipwayError {
  return new SlipwayError("CHART_INVALID", message);
}

/** Reads the fields of a Go struct out of a map. */
export class StructReader {
  readonly #values = new Map<string, YamlValue>();
  readonly #struct: string;

  constructor(map: Map<string, YamlValue>, struct: string) {
    this.#struct = struct;
    map.forEach((value, key) => {
      const name = key.toLowerCase();
      if (!this.#values.has(name) || key !== name) this.#values.set(name, value);
    });
  }

  text(key: string): string | undefined {
    const value = this.#get(key);
    return value === undefined ? undefined : this.#asText(value, key);
  }

  flag(key: string): boolean | undefined {
    const value = this.#get(key);
    if (value === undefined || typeof value === "boolean") return value;
    throw mismatch(value, "bool", `${this.#struct}.${key}`);
  }

  list(key: string): YamlValue[] | undefined {
    const value = this.#get(key);
    if (value === undefined || Array.isArray(value)) return value;
    throw mismatch(value, LIST_TYPES[key] ?? "[]string", `${this.#struct}.${key}`);
  }

  texts(key: string): string[] | undefined {
    return this.list(key)?.map((item) => (item === null ? "" : this.#asText(item, key)));
  }

  map(key: string, type = "map[string]string"): Map<string, YamlValue> | undefined {
    const value = this.#get(key);
    if (value === undefined || value instanceof Map) return value;
    throw mismatch(value, type, `${this.#struct}.${key}`);
  }

  textMap(key: string): Map<string, string> | undefined {
    const map = this.map(key);
    if (map === undefined) return undefined;
    return new Map([...map].map(([name, item]) => [name, item === null ? "" : this.#asText(item, key)]));
  }

  /** A time as Go prints it again. */
  time(key: string): string | undefined {
    const value = this.#get(key);
    if (value === undefined) return undefined;
    const decoding = "error unmarshaling JSON: while decoding JSON";
    if (typeof value !== "string")
      throw invalid(`${decoding}: Time.UnmarshalJSON: input is not a JSON string`);
    try {
      return rfc3339(value);
    } catch (error) {
      throw invalid(`${decoding}: ${(error as Error).message}`);
    }
  }

  #get(key: string): YamlValue | undefined {
    return this.#values.get(key.toLowerCase()) ?? undefined;
  }

  #asText(value: YamlValue, key: string): string {
    if (typeof value === "string") return value;
    if (typeof value === "bigint" || typeof value === "boolean") return String(value);
    if (typeof value === "number") return floatText(value);
    throw mismatch(value, "string", `${this.#struct}.${key}`);
  }
}

const LIST_TYPES: Readonly<Record<string, string>> = {
  maintainers: "[]*chart.Maintainer",
  dependencies: "[]*chart.Dependency",
  "import-values": "[]interface {}",
};

/** A YAML float for a text field: Go prints it with the precision of 32 bits. */
function floatText(value: number): string {
  let digits = 0;
  const single = Math.fround(value);
  while (digits < 9 && Math.fround(Number(single.toExponential(digits))) !== single) digits++;
  const [mantissa = "", power = "0"] = single.toExponential(digits).split("e");
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 21) {
    return `${mantissa}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  return String(Number(single.toPrecision(digits + 1)));
}

function asMap(value: YamlValue, type: string): Map<string, YamlValue> {
  if (value instanceof Map) return value;
  throw mismatch(value, type);
}

/** Go's complaint about JSON of another type than the target's. */
export function mismatch(value: YamlValue, type: string, field?: string): SlipwayError {
  const kind =
    value instanceof Map
      ? "object"
      : Array.isArray(value)
        ? "array"
        : typeof value === "boolean"
          ? "bool"
          : typeof value === "string"
            ? "string"
            : "number";
  const target = field === undefined ? "value" : `struct field ${field}`;
  return new SlipwayError(
    "CHART_INVALID",
    `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${kind} into Go ${target} of type ${type}`,
  );
}
