import { toYaml } from "#chart";
import { define, GoMap, type TemplateFunction, type Value } from "#gotemplate";

const NAMES = ["image", "image_id", "werf_container_image", "werf_container_env"] as const;

/**
 * The helpers of werf 1.1, callable as functions and, through werfHelperTemplates, by `include`. Each takes the root
 * context for the nameless image, or `tuple "NAME" .`.
 */
export function werfHelpers(): readonly TemplateFunction[] {
  const of = (name: (typeof NAMES)[number], write: (werf: GoMap, image: GoMap) => string): TemplateFunction =>
    define(name, "func(...interface {}) string", (...args) => {
      const { werf, image } = chosenImage(args);
      return write(werf, image);
    });
  return [
    of("image", (_, image) => text(image, "docker_image")),
    of("image_id", (_, image) => text(image, "docker_image_id")),
    of("werf_container_image", (werf, image) => {
      const policy = isMoving(werf) ? "imagePullPolicy: Always" : "";
      return `image: ${text(image, "docker_image")}\n${policy}`;
    }),
    define("toYaml", "func(interface {}) string", withLineEnd),
    of("werf_container_env", (werf, image) =>
      isMoving(werf) ? `- name: DOCKER_IMAGE_ID\n  value: ${text(image, "docker_image_id")}` : "",
    ),
  ];
}

/** The same helpers as named templates; parsed before a chart's own, which may define them anew. */
export const werfHelperTemplates: string = NAMES.map(
  (name) => `{{- define "${name}" -}}{{ ${name} . }}{{- end -}}`,
).join("\n");

/** The engine of werf 1.1 keeps the line end that Helm 3 takes off. */
function withLineEnd(value: Value): string {
  const text = toYaml(value);
  return text === "" ? "" : `${text}\n`;
}

function chosenImage(args: readonly Value[]): { werf: GoMap; image: GoMap } {
  const [first] = args;
  const list = args.length === 1 && Array.isArray(first) ? first : args;
  const [name, root] = list.length >= 2 ? [list[0], list[1]] : [undefined, list[0]];
  const werf = mapAt(mapAt(mapAt(root, "Values"), "global"), "werf");
  if (werf === undefined)
    throw new Error('the root context is needed: call it with . or tuple "NAME" . (in range and with: $)');
  const isNameless = werf.get("is_nameless_image") === true;
  if (name === undefined) {
    if (!isNameless) throw new Error("No image specified for template");
    return { werf, image: mapAt(werf, "image") ?? new GoMap() };
  }
  const shown = typeof name === "string" ? name : String(name);
  if (isNameless) throw new Error(`No image should be specified for template, got '${shown}'`);
  const image = mapAt(mapAt(werf, "image"), shown);
  if (image === undefined) throw new Error(`Unknown image '${shown}' specified for template`);
  return { werf, image };
}

/** Whether the tag may come to mean another image, so that a node must ask the registry each time. */
function isMoving(werf: GoMap): boolean {
  const ci = mapAt(werf, "ci");
  return ci?.get("is_branch") === true || ci?.get("is_custom") === true;
}

function mapAt(value: Value | undefined, key: string): GoMap | undefined {
  const found = value instanceof Map ? value.get(key) : undefined;
  return found instanceof GoMap ? found : undefined;
}

function text(map: GoMap, key: string): string {
  const found = map.get(key);
  return typeof found === "string" ? found : "";
}
