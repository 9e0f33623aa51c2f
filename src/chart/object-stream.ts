import { SlipwayError } from "#errors";
import { byteLength, JsonError, nextJson } from "#gotemplate";
import { parseYaml, type YamlValue } from "#yaml";
import { jsonText, orNull, readStruct, struct, text, type Shape } from "./go-struct.ts";
import { trimSpace } from "./manifests.ts";

/** What Helm's lint looks at in an object. */
export interface LintedObject {
  apiVersion: string;
  kind: string;
  metadata: { namespace: string; name: string };
}

const OBJECT = shapeOf(text);
const JSON_OBJECT = shapeOf(jsonText);

/** A text that is no stream of objects; the message is that of Kubernetes' reader. */
export class ObjectStreamError extends Error {}

/**
 * The objects of a text, as Kubernetes reads it: one that begins with a brace is JSON, object behind object, until it is
 * no more; the rest is YAML. Null stands for a document without content.
 *
 * @throws {ObjectStreamError} as the iteration comes to it; of a text that is neither, what the reader of JSON says.
 * @see YAMLOrJSONDecoder in k8s.io/apimachinery 0.37, pkg/util/yaml
 */
export function* objectsOf(content: string): Generator<LintedObject | null> {
  let rest = content;
  let jsonFault: string | undefined;
  if (trimSpace(content.slice(0, 4096)).startsWith("{")) {
    const stream = new JsonStream(content);
    yield* stream.objects();
    if (stream.fault === undefined) return;
    jsonFault = stream.fault;
    const behind = skipLineEnd(content.slice(stream.end));
    if (behind === undefined) throw new ObjectStreamError(jsonFault);
    rest = behind;
  }
  const documents = documentsOf(rest);
  for (;;) {
    let object: LintedObject | null;
    try {
      const next = documents.next();
      if (next.done === true) return;
      object = readStruct(parseYaml(next.value, { integers: "bigint" }), OBJECT);
    } catch (error) {
      if (!(error instanceof SlipwayError) && !(error instanceof ObjectStreamError)) throw error;
      throw new ObjectStreamError(jsonFault ?? error.message);
    }
    jsonFault = undefined;
    yield object;
  }
}

/** JSON values one behind the other. */
class JsonStream {
  readonly #text: string;
  /** Behind the last object. */
  end = 0;
  /** Why what follows is none. */
  fault: string | undefined;

  constructor(content: string) {
    this.#text = content;
  }

  /** @throws {ObjectStreamError} behind more than one object: the text cannot be YAML then. */
  *objects(): Generator<LintedObject | null> {
    for (let count = 0; ; count++) {
      let next;
      let object;
      try {
        next = nextJson(this.#text, this.end);
        if (next === undefined) return;
        object = readStruct(next.value as YamlValue, JSON_OBJECT);
      } catch (error) {
        this.fault = this.#faultOf(error, count <= 1);
        if (count > 1) throw new ObjectStreamError(this.fault);
        return;
      }
      this.end = next.end;
      yield object;
    }
  }

  #faultOf(error: unknown, isPlaced: boolean): string {
    if (error instanceof SlipwayError) return error.message.slice(error.message.indexOf("json: "));
    if (!(error instanceof JsonError)) throw error;
    if (error.at === undefined) return error.message;
    const offset = byteLength(this.#text.slice(0, error.at)) + 1;
    return isPlaced ? `json: offset ${offset}: ${error.message}` : error.message;
  }
}

/** Without blanks up to and with the end of a line; undefined where fewer than four bytes are left to look at. */
function skipLineEnd(content: string): string | undefined {
  for (let at = 0; byteLength(content.slice(at, at + 4)) >= 4; at++) {
    if (content[at] === "\n") return content.slice(at + 1);
    if (!/[\s\x85]/.test(content[at] ?? "")) return content.slice(at);
  }
  return undefined;
}

/** The documents of a text, each with the separator above it where nothing stands before that. */
function* documentsOf(content: string): Generator<string> {
  const lines = content.split("\n");
  if (lines.at(-1) === "") lines.pop();
  let document = "";
  for (const line of lines.map((one, at) => (at < lines.length - 1 ? one.replace(/\r$/, "") : one))) {
    if (line.startsWith("---")) {
      const behind = trimSpace(line.slice(3));
      if (behind !== "" && !behind.startsWith("#"))
        throw new ObjectStreamError(`invalid Yaml document separator: ${behind}`);
      if (document !== "") {
        yield document;
        document = "";
        continue;
      }
    }
    document += `${line}\n`;
  }
  if (document !== "") yield document;
}

function shapeOf(kindOfText: Shape<string>): Shape<LintedObject | null> {
  const metadata = struct<LintedObject["metadata"]>(
    "rules.k8sYamlMetadata",
    { namespace: kindOfText, name: kindOfText },
    { namespace: "Namespace", name: "Name" },
  );
  const object = struct<LintedObject>(
    "rules.K8sYamlStruct",
    { apiVersion: kindOfText, kind: kindOfText, metadata },
    { kind: "Kind", metadata: "Metadata" },
  );
  return orNull(object);
}
