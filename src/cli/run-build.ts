import { build, builtBefore, openWorkplace, publish, type PublishRequest } from "#delivery";
import type { BuiltImage } from "#build";
import type { Invocation } from "./command.ts";
import { openLog } from "./log.ts";
import { openProject } from "./open.ts";
import { inUserNamespace } from "./user-namespace.ts";
import { settingsOf } from "./settings.ts";
import { tagRequest } from "./tags.ts";

export async function runBuild(call: Invocation): Promise<number | undefined> {
  return inUserNamespace(call, async () => {
    await withWorkplace(call, async ({ place, settings, log }) => {
      const images = await build(place, settings, { images: call.args, jobs: jobs(call) });
      tellImages(images, log);
    });
    return undefined;
  });
}

export async function runPublish(call: Invocation): Promise<number | undefined> {
  return inUserNamespace(call, async () => {
    const request = publishRequest(call);
    await withWorkplace(call, async ({ place, settings }) => {
      await publish(place, settings, await builtBefore(place, settings, call.args), request);
    });
    return undefined;
  });
}

export async function runBuildAndPublish(call: Invocation): Promise<number | undefined> {
  return inUserNamespace(call, async () => {
    const request = publishRequest(call);
    await withWorkplace(call, async ({ place, settings, log }) => {
      const images = await build(place, settings, { images: call.args, jobs: jobs(call) });
      tellImages(images, log);
      await publish(place, settings, images, request);
    });
    return undefined;
  });
}

type Work = (opened: {
  readonly place: Awaited<ReturnType<typeof openWorkplace>>;
  readonly settings: ReturnType<typeof settingsOf>;
  readonly log: ReturnType<typeof openLog>;
}) => Promise<void>;

async function withWorkplace(call: Invocation, work: Work): Promise<void> {
  const log = openLog(call.flags, call.context);
  const started = performance.now();
  try {
    const settings = settingsOf(call, log.sink);
    const project = await openProject(call, log.sink);
    await using place = await openWorkplace(project, settings);
    await work({ place, settings, log });
    const seconds = ((performance.now() - started) / 1000).toFixed(2);
    log.sink({ type: "notice", path: [], level: "info", text: `Running time ${seconds} seconds` });
  } finally {
    log.close();
  }
}

function tellImages(images: readonly BuiltImage[], log: ReturnType<typeof openLog>): void {
  const reused = images.filter((image) => image.isReused).length;
  if (reused === images.length) {
    log.sink({ type: "notice", path: [], level: "info", text: "Nothing to build: every stage was there" });
  }
}

function publishRequest(call: Invocation): PublishRequest {
  return { ...tagRequest(call), reportPath: call.flags.text("publish-report-path") };
}

function jobs(call: Invocation): number {
  if (!call.flags.bool("parallel")) return 1;
  const limit = call.flags.int("parallel-tasks-limit") ?? 5;
  return limit <= 0 ? Number.MAX_SAFE_INTEGER : limit;
}
