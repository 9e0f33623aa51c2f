import { resolve } from "node:path";
import {
  deploy,
  dismiss,
  extraMetadata,
  onlyTag,
  openWorkplace,
  render,
  type RenderRequest,
  type TagRequest,
} from "#delivery";
import type { KubeConfigSource } from "#kube";
import { imageNames, type Project } from "#project";
import type { Invocation } from "./command.ts";
import { tell, withLog, withTimedLog } from "./log.ts";
import { openProject, projectDirectory } from "./open.ts";
import { settingsOf } from "./settings.ts";
import { repoMode, tagRequest, tagsOf } from "./tags.ts";

export function runDeploy(call: Invocation): Promise<undefined> {
  return withTimedLog(call, async (events) => {
    const settings = settingsOf(call, events);
    const project = await openProject(call, events);
    const { flags } = call;
    const hasImages = project.images.length > 0;
    const tags = hasImages ? tagRequest(call) : NO_IMAGES;
    const request = renderRequest(call, project, { repo: tags.repo, mode: tags.mode, tag: onlyTag(tags) });
    await using place = hasImages ? await openWorkplace(project, settings) : undefined;
    const result = await deploy(project, place, settings, {
      ...request,
      kube: kubeSource(call),
      timeoutMs: flags.duration("timeout"),
      historyMax: flags.int("releases-history-max") ?? 0,
      statusPeriodMs: periodMs(flags.int("status-progress-period")),
      hookStatusPeriodMs: periodMs(flags.int("hooks-status-progress-period")),
    });
    const facts = {
      NAME: result.name,
      NAMESPACE: result.namespace,
      REVISION: String(result.revision),
      "LAST DEPLOYED": result.lastDeployed,
      STATUS: result.status.toUpperCase(),
    };
    events({ type: "facts", path: [], facts });
    if (result.notes.trim() !== "") tell(events, `NOTES:\n${result.notes.trimEnd()}`);
    return undefined;
  });
}

export function runDismiss(call: Invocation): Promise<undefined> {
  return withLog(call, async (events) => {
    const { flags } = call;
    const project = await openProject(call, events);
    const result = await dismiss(project, settingsOf(call, events), {
      env: flags.text("env") ?? "",
      release: flags.text("release"),
      namespace: flags.text("namespace"),
      kube: kubeSource(call),
      withNamespace: flags.bool("with-namespace"),
      withHooks: flags.bool("with-hooks"),
      timeoutMs: flags.duration("timeout"),
    });
    const text = result.existed
      ? `Release ${result.name} is gone`
      : `There was no release ${result.name} in namespace ${result.namespace}`;
    tell(events, text);
    return undefined;
  });
}

/** `werf helm render`: what a deploy would apply, with stand-ins for what is not given. */
export function runRender(call: Invocation): Promise<undefined> {
  return withLog(call, async (events) => {
    const settings = settingsOf(call, events);
    const project = await openProject(call, events);
    const [tag = { strategy: "custom" as const, tag: "TAG" }] = tagsOf(call);
    const request = renderRequest(call, project, {
      repo: call.flags.text("images-repo") ?? NO_IMAGES.repo,
      mode: repoMode(call),
      tag,
      env: call.flags.text("env") ?? "env",
    });
    const names = imageNames(project, { imagesOnly: true });
    const images = names.map((name) => ({ name, contentSignature: "TAG" }));
    call.context.out(await render(project, images, settings, request));
    return undefined;
  });
}

/** What stands in where there is nothing to name; werf 1.1 writes the same repository. */
const NO_IMAGES: TagRequest = {
  repo: "stub/repository",
  mode: "multirepo",
  tags: [{ strategy: "stages-signature" }],
};

function renderRequest(
  call: Invocation,
  project: Project,
  chosen: Pick<RenderRequest, "repo" | "mode" | "tag"> & { readonly env?: string },
): RenderRequest {
  const { flags, context } = call;
  const env = chosen.env ?? flags.text("env") ?? "";
  return {
    ...chosen,
    env,
    release: flags.text("release"),
    namespace: flags.text("namespace"),
    chartDirectory: resolve(projectDirectory(call), flags.text("helm-chart-dir") ?? ".helm"),
    values: flags.list("values").map((path) => (path === "-" ? path : resolve(context.cwd, path))),
    set: flags.list("set"),
    setString: flags.list("set-string"),
    extra: extraMetadata(
      { project: project.name, env, version: context.version },
      { annotations: flags.list("add-annotation"), labels: flags.list("add-label") },
    ),
  };
}

function kubeSource(call: Invocation): KubeConfigSource {
  const { flags, context } = call;
  return {
    kubeConfig: flags.text("kube-config"),
    kubeConfigBase64: flags.text("kube-config-base64"),
    context: flags.text("kube-context"),
    env: context.env,
  };
}

function periodMs(seconds: number | undefined): number {
  return seconds === undefined || seconds < 0 ? 0 : seconds * 1000;
}
