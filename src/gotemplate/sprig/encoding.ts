import { fromBytes, toBytes } from "../bytes.ts";
import { define, type TemplateFunction } from "../function.ts";
import { parseJson, printJson } from "../json.ts";
import type { Value } from "../value.ts";
import { decodeBase32, decodeBase64, encodeBase32, encodeBase64 } from "./base-n.ts";

export function encodingFunctions(): readonly TemplateFunction[] {
  return [
    define("b64enc", "func(string) string", (text) => encodeBase64(toBytes(text))),
    define("b64dec", "func(string) string", (text) => orMessage(() => fromBytes(decodeBase64(text)))),
    define("b32enc", "func(string) string", (text) => encodeBase32(toBytes(text))),
    define("b32dec", "func(string) string", (text) => orMessage(() => fromBytes(decodeBase32(text)))),
    define("toJson", "func(interface {}) string", (value) => orElse(() => printJson(value), "")),
    define("mustToJson", "func(interface {}) (string, error)", (value) => printJson(value)),
    define("toPrettyJson", "func(interface {}) string", (value) => orElse(() => pretty(value), "")),
    define("mustToPrettyJson", "func(interface {}) (string, error)", pretty),
    define("toRawJson", "func(interface {}) string", raw),
    define("mustToRawJson", "func(interface {}) (string, error)", raw),
    define("fromJson", "func(string) interface {}", (text) => orElse<Value>(() => parseJson(text), null)),
    define("mustFromJson", "func(string) (interface {}, error)", parseJson),
  ];
}

function pretty(value: Value): string {
  return printJson(value, { indent: "  " });
}

function raw(value: Value): string {
  return printJson(value, { escapeHtml: false });
}

function orElse<T>(run: () => T, fallback: T): T {
  try {
    return run();
  } catch {
    return fallback;
  }
}

/** What went wrong is the result, as Sprig has it. */
function orMessage(run: () => string): string {
  try {
    return run();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
