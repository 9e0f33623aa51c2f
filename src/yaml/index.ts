/**
 * YAML as the Go programs of this trade read and write it: YAML 1.1 by the rules of goyaml.v2 under sigs.k8s.io/yaml,
 * error texts included. Reading to plain values (parseYaml, parseYamlDocuments), reading with places for files that
 * a person wrote (parseDocument, parseDocuments), writing (printYaml, printYamlPretty).
 */
export { parseYaml, parseYamlDocuments, type ParseOptions, type YamlValue } from "./decode.ts";
export {
  parseDocument,
  parseDocuments,
  plainValue,
  type YamlList,
  type YamlMap,
  type YamlNode,
  type YamlPair,
  type YamlScalar,
} from "./document.ts";
export { YamlError } from "./error.ts";
export { printYaml, printYamlPretty, type PrintOptions } from "./print.ts";
export { compareKeys } from "./key-order.ts";
export { formatFloat, resolveScalar, type Resolved } from "./scalar.ts";
