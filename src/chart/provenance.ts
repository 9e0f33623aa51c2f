import { SlipwayError } from "#errors";
import { parseYaml, printYaml } from "#yaml";
import type { Metadata } from "./chart.ts";
import { metadataYaml } from "./metadata-yaml.ts";

/** Between the two documents: the `---` of YAML would have to be escaped in a signed text. */
const BETWEEN = "\n...\n";

/** What is signed of a chart's archive: its definition, and the digest of the archive below the name of its file. */
export function provenanceText(metadata: Metadata, fileName: string, archive: Uint8Array): string {
  const files = new Map([[fileName, digestOf(archive)]]);
  return `${metadataYaml(metadata)}${BETWEEN}${printYaml(new Map([["files", files]]))}`;
}

/**
 * Checks an archive against a text that was signed; answers its digest.
 *
 * @throws {SlipwayError} CHART_PROVENANCE with Helm's words, when the text is of another archive.
 */
export function checkProvenance(text: string, fileName: string, archive: Uint8Array): string {
  const [definition = "", sums] = text.split(BETWEEN);
  if (sums === undefined) throw fault("message block must have at least two parts");
  parseYaml(definition);
  const signed = digestIn(sums, fileName);
  const name = JSON.stringify(fileName);
  if (signed === undefined) throw fault(`provenance does not contain a SHA for a file named ${name}`);
  const digest = digestOf(archive);
  if (signed === digest) return digest;
  throw fault(`sha256 sum does not match for ${fileName}: "${signed}" != "${digest}"`);
}

function digestIn(sums: string, fileName: string): string | undefined {
  const document: unknown = parseYaml(sums);
  const files: unknown = document instanceof Map ? document.get("files") : undefined;
  const digest: unknown = files instanceof Map ? files.get(fileName) : undefined;
  return typeof digest === "string" ? digest : undefined;
}

function digestOf(archive: Uint8Array): string {
  const { createHash } = process.getBuiltinModule("node:crypto");
  return `sha256:${createHash("sha256").update(archive).digest("hex")}`;
}

function fault(message: string): SlipwayError {
  return new SlipwayError("CHART_PROVENANCE", message);
}
