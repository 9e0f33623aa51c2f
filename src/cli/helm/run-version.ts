import { functionMap, TemplateSet, type GoObject } from "#gotemplate";
import type { Invocation } from "../command.ts";

const HELM_VERSION = "v3.22.0";

/** `helm version`: Helm's, so that callers that look for `v3.` go on working, then slipway's own. */
export async function runVersion(call: Invocation): Promise<undefined> {
  const { flags, context } = call;
  const template = flags.text("template") ?? "";
  if (template !== "") context.out(fromTemplate(template));
  else if (flags.bool("short")) context.out(`${HELM_VERSION}+slipway.${context.version}\n`);
  else {
    context.out(
      `version.BuildInfo{Version:"${HELM_VERSION}", GitCommit:"", GitTreeState:"clean", GoVersion:""} slipway ${context.version}\n`,
    );
  }
  return undefined;
}

function fromTemplate(template: string): string {
  const set = new TemplateSet("_", functionMap());
  set.parse("_", template);
  return set.execute("_", BUILD);
}

const FACTS: ReadonlyMap<string, string> = new Map([
  ["Version", HELM_VERSION],
  ["GitCommit", ""],
  ["GitTreeState", "clean"],
  ["GoVersion", ""],
]);

/** What the template sees, of the type that Helm's errors name. */
const BUILD: GoObject = {
  goType: "version.BuildInfo",
  field: (name) => FACTS.get(name),
  method: () => undefined,
  fields: () => FACTS,
};
