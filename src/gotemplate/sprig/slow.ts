import type { TemplateFunction } from "../function.ts";
import type { Limits } from "./limits.ts";

/** Functions that look at a text character by character, or make a value of each. */
const SLOW = new Set([
  ...["shuffle", "split", "splitn", "splitList", "wrap", "wrapWith", "trimAll", "trimall", "initials"],
  ...["title", "untitle", "swapcase", "snakecase", "camelcase", "kebabcase", "upper", "lower"],
  ...["b32enc", "b32dec", "b64dec", "decryptAES", "urlParse", "buildCustomCert"],
  ...["genPrivateKey", "genCA", "genCAWithKey", "genSelfSignedCert", "genSelfSignedCertWithKey"],
  ...["genSignedCert", "genSignedCertWithKey"],
]);
/** Those of the names of regular expressions that search or change a text of any length. */
const isOfExpressions = (name: string): boolean =>
  (name.startsWith("regex") || name.startsWith("mustRegex")) && name !== "regexQuoteMeta";

/** The function, with an error in place of minutes for a text that is too long for it. */
export function limited(one: TemplateFunction, limits: Limits): TemplateFunction {
  const isExpression = isOfExpressions(one.name);
  if (!isExpression && !SLOW.has(one.name)) return one;
  return {
    name: one.name,
    wantsContext: one.wantsContext,
    get params() {
      return one.params;
    },
    get variadic() {
      return one.variadic;
    },
    get result() {
      return one.result;
    },
    call: (...args) => {
      for (const [at, argument] of args.entries()) {
        if (typeof argument !== "string") continue;
        const isPattern = isExpression && at === 0;
        checkInput(isPattern ? limits.patternCharacters : limits.slowCharacters, argument.length);
      }
      return one.call(...args);
    },
  };
}

function checkInput(limit: number, length: number): void {
  if (length > limit) throw new Error(`a text has ${length} characters, more than the limit of ${limit}`);
}
