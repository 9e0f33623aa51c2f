import {
  build,
  builtBefore,
  openWorkplace,
  publish,
  type PublishRequest,
  type Settings,
  type Workplace,
} from "#delivery";
import type { BuiltImage } from "#build";
import type { Invocation } from "./command.ts";
import { tell, withTimedLog } from "./log.ts";
import { openProject } from "./open.ts";
import { inUserNamespace } from "./user-namespace.ts";
import { settingsOf } from "./settings.ts";
import { tagRequest } from "./tags.ts";

export function runBuild(call: Invocation): Promise<number | undefined> {
  return inUserNamespace(call, () =>
    withWorkplace(call, async (place, settings) => {
      tellImages(await build(place, settings, { images: call.args, jobs: jobs(call) }), settings);
    }),
  );
}

export function runPublish(call: Invocation): Promise<number | undefined> {
  return inUserNamespace(call, async () => {
    const request = publishRequest(call);
    return withWorkplace(call, async (place, settings) => {
      await publish(place, settings, await builtBefore(place, settings, call.args), request);
    });
  });
}

export function runBuildAndPublish(call: Invocation): Promise<number | undefined> {
  return inUserNamespace(call, async () => {
    const request = publishRequest(call);
    return withWorkplace(call, async (place, settings) => {
      const images = await build(place, settings, { images: call.args, jobs: jobs(call) });
      tellImages(images, settings);
      await publish(place, settings, images, request);
    });
  });
}

type Work = (place: Workplace, settings: Settings) => Promise<void>;

function withWorkplace(call: Invocation, work: Work): Promise<undefined> {
  return withTimedLog(call, async (events) => {
    const settings = settingsOf(call, events);
    const project = await openProject(call, events);
    await using place = await openWorkplace(project, settings);
    await work(place, settings);
    return undefined;
  });
}

function tellImages(images: readonly BuiltImage[], { events }: Settings): void {
  if (images.every((image) => image.isReused)) tell(events, "Nothing to build: every stage was there");
}

function publishRequest(call: Invocation): PublishRequest {
  return { ...tagRequest(call), reportPath: call.flags.text("publish-report-path") };
}

function jobs(call: Invocation): number {
  if (!call.flags.bool("parallel")) return 1;
  const limit = call.flags.int("parallel-tasks-limit") ?? 5;
  return limit <= 0 ? Number.MAX_SAFE_INTEGER : limit;
}
