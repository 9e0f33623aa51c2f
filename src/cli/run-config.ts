import { SlipwayError } from "#errors";
import { imageNames, renderedConfig, shownName } from "#project";
import { slug, type SlugClass } from "#slug";
import type { Invocation } from "./command.ts";
import { withLog } from "./log.ts";
import { usageError } from "./dialect.ts";
import { openProject } from "./open.ts";

const FORMATS: Readonly<Record<string, SlugClass>> = {
  "helm-release": "helm-release",
  r: "helm-release",
  "kubernetes-namespace": "kubernetes-namespace",
  ns: "kubernetes-namespace",
  "docker-tag": "docker-tag",
  tag: "docker-tag",
};

export async function runConfigRender(call: Invocation): Promise<undefined> {
  const project = await withLog(call, (events) => openProject(call, events));
  call.context.out(renderedConfig(project, call.args));
  return undefined;
}

export async function runConfigList(call: Invocation): Promise<undefined> {
  const project = await withLog(call, (events) => openProject(call, events));
  for (const name of imageNames(project, { imagesOnly: call.flags.bool("images-only") })) {
    call.context.out(`${shownName(name)}\n`);
  }
  return undefined;
}

export async function runSlugify(call: Invocation): Promise<undefined> {
  const format = call.flags.text("format");
  if (format === undefined)
    throw usageError(
      "--format FORMAT argument required",
      "Use helm-release, kubernetes-namespace or docker-tag",
    );
  const slugClass = FORMATS[format];
  if (slugClass === undefined)
    throw new SlipwayError("UNKNOWN_FORMAT", `unknown format '${format}'`, {
      hint: `Use one of ${Object.keys(FORMATS).join(", ")}`,
    });
  call.context.out(`${slug(slugClass, call.args[0] ?? "")}\n`);
  return undefined;
}
