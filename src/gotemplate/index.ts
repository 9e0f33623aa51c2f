/**
 * Go's text/template: values with Go's types (value.ts), functions by Go signature (define), the printing of fmt and
 * strconv, regular expressions as Go's, and sets of named templates that are parsed once and run often.
 */
export {
  GoBytes,
  GoMap,
  GoNumber,
  GoSlice,
  int64,
  type GoObject,
  type MaybeValue,
  type Methods,
  type NumberKind,
  type NumberTraits,
  type Value,
} from "./value.ts";
export { goType, type GoType, type Kind } from "./go-type.ts";
export {
  define,
  defineWithContext,
  functionMap,
  type FunctionMap,
  type TemplateContext,
  type TemplateFunction,
} from "./function.ts";
export { mapAs } from "./arguments.ts";
export { byteLength, byteSlice, compareStrings, fromBytes, runeCount, runes, toBytes } from "./bytes.ts";
export { deepEqual, kindName, lengthOf, sortedKeys, truth, typeName, zeroOf } from "./inspect.ts";
export { printValue, sprint, sprintf, sprintln } from "./format.ts";
export { formatFloat, unescape } from "./strconv.ts";
export { TemplateSet } from "./template-set.ts";
export type { ExecutionOptions, Limits, MissingKey } from "./execution.ts";
export { missingKeyHint } from "./hints.ts";
export { TemplateError, type TemplateErrorFacts } from "./template-error.ts";
export { rfc3339 } from "./rfc3339.ts";
export { JsonError, nextJson, parseJson, printJson, type JsonObject, type JsonOptions } from "./json.ts";
export { sprigFunctions, type SprigOptions } from "./sprig/index.ts";
