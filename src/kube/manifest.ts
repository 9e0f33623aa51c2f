import { SlipwayError } from "#errors";
import { parseYaml } from "#yaml";
import type { KubeObject } from "./object.ts";

const DOCUMENT_LINE = /^---(?:[ \t].*)?$/m;
const SOURCE_LINE = /^# Source: (.+)$/m;

/** An object of a manifest and the template it came from. */
export interface ManifestObject {
  readonly object: KubeObject;
  /** `CHART/templates/file.yaml`; absent when the text does not say. */
  readonly source?: string;
}

/**
 * The objects of a text of YAML documents, as `helm template` prints it; a List stands for its items.
 *
 * @throws {SlipwayError} KUBE_BAD_MANIFEST when a document is not a Kubernetes object.
 */
export function readManifest(text: string): ManifestObject[] {
  return splitDocuments(text).flatMap((document) => {
    const source = SOURCE_LINE.exec(document)?.[1];
    const parsed = parseDocument(document, source);
    if (parsed === null || parsed === undefined) return [];
    return itemsOf(parsed, source).map((object) => ({ object, ...(source === undefined ? {} : { source }) }));
  });
}

/** The YAML documents of a text. */
export function splitDocuments(text: string): string[] {
  return text.split(DOCUMENT_LINE);
}

function parseDocument(document: string, source: string | undefined): unknown {
  try {
    return plainYaml(document);
  } catch (cause) {
    throw new SlipwayError(
      "KUBE_BAD_MANIFEST",
      `Cannot read ${source ?? "the manifest"}: ${(cause as Error).message}`,
      { cause },
    );
  }
}

function itemsOf(parsed: unknown, source: string | undefined): KubeObject[] {
  const object = parsed as Partial<KubeObject>;
  const missing =
    typeof parsed !== "object"
      ? "it is not a mapping"
      : !object.apiVersion
        ? "apiVersion is missing"
        : !object.kind
          ? "kind is missing"
          : undefined;
  if (missing !== undefined) {
    throw new SlipwayError("KUBE_BAD_MANIFEST", `Cannot use ${source ?? "the manifest"}: ${missing}`, {
      hint: "Every document that a template prints must be a Kubernetes object with apiVersion, kind and metadata.name",
    });
  }
  if (object.kind?.endsWith("List") && Array.isArray(object["items"])) {
    return (object["items"] as unknown[]).flatMap((item) => itemsOf(item, source));
  }
  if (!object.metadata?.name) {
    throw new SlipwayError(
      "KUBE_BAD_MANIFEST",
      `Cannot use ${source ?? "the manifest"}: ${object.kind} has no metadata.name`,
      {
        hint: "Give the object a name; generateName cannot be released",
      },
    );
  }
  return [object as KubeObject];
}

/** A YAML document as plain JSON data: mappings are objects, integers are numbers. */
export function plainYaml(text: string): unknown {
  return plain(parseYaml(text));
}

/** Maps become objects and integers numbers, all the way down. */
export function plain(value: unknown): unknown {
  if (value instanceof Map) {
    const object: Record<string, unknown> = {};
    for (const [key, item] of value) {
      Object.defineProperty(object, String(key), {
        value: plain(item),
        enumerable: true,
        writable: true,
        configurable: true,
      });
    }
    return object;
  }
  if (Array.isArray(value)) return Array.from(value, plain);
  return typeof value === "bigint" ? Number(value) : value;
}
