import { define, type TemplateFunction } from "../function.ts";

/** Nothing is looked up: what a template renders to must not depend on the network. */
export function networkFunctions(): readonly TemplateFunction[] {
  return [define("getHostByName", "func(string) string", () => "")];
}
