/* being written */
import type { TemplateFunction } from "../function.ts";
export function versionTwoFunctions(): readonly TemplateFunction[] {
  return [];
}
