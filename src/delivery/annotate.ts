import { parseYaml, printYaml, type YamlValue } from "#yaml";
import type { ExtraMetadata } from "./extra-metadata.ts";

/**
 * The manifest with annotations and labels added to the metadata of each resource, over those of the chart; pod templates
 * stay as they are. A document is printed anew: its top-level and metadata keys keep their order, maps below are sorted.
 * Documents without apiVersion and kind pass untouched.
 *
 * @see werf 1.1, "Annotations and labels added to every object"
 */
export function annotateManifest(manifest: string, extra: ExtraMetadata): string {
  return manifest
    .split(/^(?=---\s*$)/m)
    .map((document) => annotateDocument(document, extra))
    .join("");
}

function annotateDocument(document: string, extra: ExtraMetadata): string {
  const [head = ""] = /^(?:---[^\n]*\n)?(?:#[^\n]*\n)*/.exec(document) ?? [];
  const value = parseYaml(document.slice(head.length));
  if (!(value instanceof Map) || !value.has("apiVersion") || !value.has("kind")) return document;
  const metadata = new Map(
    value.get("metadata") instanceof Map ? (value.get("metadata") as Map<string, YamlValue>) : [],
  );
  add(metadata, "annotations", extra.annotations);
  add(metadata, "labels", extra.labels);
  value.set("metadata", metadata);
  return (
    head +
    [...value]
      .map(([key, one]) => (key === "metadata" ? printMetadata(metadata) : printYaml(new Map([[key, one]]))))
      .join("")
  );
}

function add(metadata: Map<string, YamlValue>, key: string, extra: Readonly<Record<string, string>>): void {
  if (Object.keys(extra).length === 0) return;
  const existing = metadata.get(key);
  metadata.set(
    key,
    new Map<string, YamlValue>([...(existing instanceof Map ? existing : []), ...Object.entries(extra)]),
  );
}

function printMetadata(metadata: ReadonlyMap<string, YamlValue>): string {
  const lines = [...metadata].map(([key, value]) => printYaml(new Map([[key, value]]))).join("");
  return `metadata:\n${lines.replace(/^(?=.)/gm, "  ")}`;
}
