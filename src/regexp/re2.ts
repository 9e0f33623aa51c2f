import { createRequire } from "node:module";

let loaded: typeof import("re2js") | undefined;

/** The library for patterns that are not plain. Most charts have none; and templates cannot wait for an import. */
export function re2(): typeof import("re2js") {
  return (loaded ??= createRequire(import.meta.url)("re2js") as typeof import("re2js"));
}
