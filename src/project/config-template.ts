import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { SlipwayError } from "#errors";
import {
  define,
  defineWithContext,
  functionMap,
  GoMap,
  sprigFunctions,
  TemplateError,
  TemplateSet,
  type FunctionMap,
  type GoObject,
  type Value,
} from "#gotemplate";
import { parseYaml, YamlError, type YamlValue } from "#yaml";
import type { RenderOptions } from "./render.ts";
import { fileText, globbedFiles } from "./template-files.ts";

const CONFIG = "werfConfig";

/**
 * Runs a werf.yaml with actions: all `*.tmpl` files first, then the text itself, whose definitions win.
 *
 * @throws {SlipwayError} CONFIG_TEMPLATE with the engine's own error as its cause and the place in the file.
 */
export function runConfigTemplate(text: string, options: RenderOptions): string {
  const set = new TemplateSet(CONFIG, configFunctions(options.env));
  return explained(basename(options.configFile), () => {
    for (const path of templateFiles(options.templatesDir)) {
      set.parse(relative(options.templatesDir, path).replaceAll("\\", "/"), readFileSync(path, "utf8"));
    }
    set.parse(CONFIG, text);
    const data = new GoMap([["Files", filesObject(dirname(options.configFile), options.onWarning)]]);
    return set.execute(CONFIG, data);
  });
}

/** Runs a name template between `[[` and `]]`. `env` throws when there is no environment. */
export function runNameTemplate(
  template: string,
  values: {
    readonly project: string;
    readonly env: () => string;
    readonly environment: Readonly<Record<string, string | undefined>>;
  },
): string {
  const functions = new Map([
    ...configFunctions(values.environment),
    ...functionMap(
      define("project", "func() string", () => values.project),
      define("env", "func() string", values.env),
    ),
  ]);
  const set = new TemplateSet("name", functions);
  const text = template
    .replaceAll("{{", '{{ "{{" }}')
    .replace(/\[\[([\s\S]*?)\]\]/g, (_, action: string) => `{{${action}}}`);
  return explained("werf.yaml", () => {
    set.parse("name", text);
    return set.execute("name", null);
  });
}

function configFunctions(env: Readonly<Record<string, string | undefined>>): FunctionMap {
  return new Map([
    ...sprigFunctions({ env, version: 2 }),
    ...functionMap(
      defineWithContext("include", "func(string, interface {}) string", (context, name, data) =>
        context.include(name, data),
      ),
      defineWithContext("tpl", "func(string, interface {}) string", (context, text, data) =>
        context.tpl(text, data),
      ),
      define("fromYaml", "func(string) map[string]interface {}", (text) => {
        const value = parseYaml(text);
        return value instanceof Map ? (goValue(value) as GoMap) : new GoMap();
      }),
    ),
  ]);
}

function goValue(value: YamlValue): Value {
  if (Array.isArray(value)) return value.map(goValue);
  if (value instanceof Map) return new GoMap([...value].map(([key, item]) => [key, goValue(item)]));
  return value;
}

/** `.Files`. @see werf 1.1, "Files.Get and Files.Glob" */
function filesObject(directory: string, warn: (text: string) => void): GoObject {
  const get = define("Get", "func(string) string", (path) => {
    const text = fileText(directory, path);
    if (text === undefined)
      warn(`Config: {{ .Files.Get '${path}' }}: file '${join(directory, path)}' not exist!`);
    return text ?? "";
  });
  const glob = define("Glob", "func(string) map[string]interface {}", (pattern) => {
    const files = globbedFiles(directory, pattern);
    if (files.length === 0) warn(`Config: {{ .Files.Glob '${pattern}' }}: no file matches`);
    return new GoMap(files);
  });
  return {
    goType: "config.files",
    field: () => undefined,
    method: (name) => (name === "Get" ? get : name === "Glob" ? glob : undefined),
  };
}

function templateFiles(directory: string): readonly string[] {
  if (lstatSync(directory, { throwIfNoEntry: false }) === undefined) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && entry.name.endsWith(".tmpl"))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

function explained(file: string, work: () => string): string {
  try {
    return work();
  } catch (error) {
    if (error instanceof SlipwayError && error.code === "CONFIG_NO_ENV") throw error;
    const own = noEnvironment(error);
    if (own !== undefined) throw own;
    if (!(error instanceof TemplateError) && !(error instanceof YamlError)) throw error;
    const place = error.place?.file === CONFIG ? { ...error.place, file } : error.place;
    throw new SlipwayError("CONFIG_TEMPLATE", `Cannot render ${file}: ${error.message}`, {
      cause: error,
      ...(place === undefined ? {} : { place }),
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }
}

function noEnvironment(error: unknown): SlipwayError | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof SlipwayError && at.code === "CONFIG_NO_ENV") return at;
  }
  return undefined;
}
