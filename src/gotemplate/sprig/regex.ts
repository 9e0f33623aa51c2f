import { define, type TemplateFunction } from "../function.ts";
import { compileRegexp, quoteMeta } from "#regexp";
import { canBackquote, quote } from "../strconv.ts";
import { GoSlice, type Value } from "../value.ts";
import { toIndex } from "./text.ts";

export function regexFunctions(): readonly TemplateFunction[] {
  return [
    define("regexMatch", "func(string, string) bool", (pattern, text) => {
      const compiled = attempt(pattern);
      return compiled instanceof Error ? false : compiled.test(text);
    }),
    define("mustRegexMatch", "func(string, string) (bool, error)", (pattern, text) =>
      compileRegexp(pattern).test(text),
    ),
    define("regexFind", "func(string, string) string", (pattern, text) => compileSurely(pattern).find(text)),
    define("mustRegexFind", "func(string, string) (string, error)", (pattern, text) =>
      compileRegexp(pattern).find(text),
    ),
    define("regexFindAll", "func(string, string, int) []string", (pattern, text, limit) =>
      texts(compileSurely(pattern).findAll(text, toIndex(limit))),
    ),
    define("mustRegexFindAll", "func(string, string, int) ([]string, error)", (pattern, text, limit) =>
      texts(compileRegexp(pattern).findAll(text, toIndex(limit))),
    ),
    define("regexReplaceAll", "func(string, string, string) string", (pattern, text, replacement) =>
      compileSurely(pattern).replaceAll(text, replacement),
    ),
    define(
      "mustRegexReplaceAll",
      "func(string, string, string) (string, error)",
      (pattern, text, replacement) => compileRegexp(pattern).replaceAll(text, replacement),
    ),
    define("regexReplaceAllLiteral", "func(string, string, string) string", (pattern, text, replacement) =>
      compileSurely(pattern).replaceAllLiteral(text, replacement),
    ),
    define(
      "mustRegexReplaceAllLiteral",
      "func(string, string, string) (string, error)",
      (pattern, text, replacement) => compileRegexp(pattern).replaceAllLiteral(text, replacement),
    ),
    define("regexSplit", "func(string, string, int) []string", (pattern, text, limit) =>
      texts(compileSurely(pattern).split(text, toIndex(limit))),
    ),
    define("mustRegexSplit", "func(string, string, int) ([]string, error)", (pattern, text, limit) =>
      texts(compileRegexp(pattern).split(text, toIndex(limit))),
    ),
    define("regexQuoteMeta", "func(string) string", quoteMeta),
  ];
}

type Compiled = ReturnType<typeof compileRegexp>;

function attempt(pattern: string): Compiled | Error {
  try {
    return compileRegexp(pattern);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** `regexp.MustCompile`, whose panic says more than the error of Compile. */
function compileSurely(pattern: string): Compiled {
  const compiled = attempt(pattern);
  if (compiled instanceof Error) {
    const shown = canBackquote(pattern) ? `\`${pattern}\`` : quote(pattern);
    throw new Error(`regexp: Compile(${shown}): ${compiled.message}`, { cause: compiled });
  }
  return compiled;
}

/** A `[]string`; Go's nil where there is none. */
function texts(found: readonly string[] | undefined): Value {
  return found === undefined ? GoSlice.nil("[]string") : GoSlice.typed("[]string", found);
}
