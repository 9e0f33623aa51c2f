import { withLock } from "#disk";
import { during, type EventPath } from "#events";
import { shownName } from "#project";
import { dropDamaged, isDamage } from "./damage.ts";
import { shorten } from "./git-layer.ts";
import { makeStage } from "./make-stage.ts";
import { planImage, selectStage, type BuildPlan, type ImagePlan, type PlannedStage } from "./plan.ts";
import { basesOf, stageLock, type BuildSession } from "./session.ts";
import { stageReference, type StageRecord } from "./stage.ts";

/** A finished image: its last stage, and what it is known by. */
export interface BuiltImage {
  readonly name: string;
  readonly isArtifact: boolean;
  readonly contentSignature: string;
  readonly record: StageRecord;
  /** Whether no stage had to be built. */
  readonly isReused: boolean;
}

const DEFAULT_JOBS = 5;

/**
 * Does what the plan says: images at the same time where they do not need each other, the stages of one image in order. A
 * stage is stored when it is complete, so that whatever ends a build, the next one goes on where it was. Another build
 * that makes the same stage is waited for, and its stage taken.
 *
 * @returns the images in the order of the plan.
 * @throws {SlipwayError} of the image that failed first; the others are ended.
 */
export async function executePlan(plan: BuildPlan, session: BuildSession): Promise<readonly BuiltImage[]> {
  const failure = new AbortController();
  const signal = AbortSignal.any([session.options.signal, failure.signal]);
  const linked = { ...session, options: { ...session.options, signal } };
  const slots = new Slots(session.options.jobs ?? DEFAULT_JOBS);
  const running = new Map<string, Promise<BuiltImage>>();
  const errors: unknown[] = [];
  const notice = tellUncommitted(plan, session);
  for (const one of plan.images) {
    const work = async (): Promise<BuiltImage> => {
      const bases = await Promise.all(basesOf(one.image).map((name) => running.get(name)));
      return slots.run(() => buildImage(one, bases[0], linked));
    };
    const promise = work();
    promise.catch((error: unknown) => {
      errors.push(error);
      failure.abort(error);
    });
    running.set(one.image.name, promise);
  }
  await Promise.allSettled([...running.values(), notice]);
  if (errors.length > 0) throw errors[0];
  return Promise.all(running.values());
}

/** Bounds how many pieces of work go on at once. */
class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count > 0 ? count : Infinity;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free--;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}

async function tellUncommitted(plan: BuildPlan, session: BuildSession): Promise<void> {
  const sources = plan.images.flatMap((image) => image.sources);
  if (sources.length === 0) return;
  const paths = await session.sources.uncommitted(sources);
  if (paths.length === 0) return;
  session.options.events({
    type: "notice",
    path: [],
    level: "warning",
    text: `Not committed, so not built: ${shorten(paths)}`,
  });
}

function imagePath({ image }: ImagePlan): EventPath {
  return [`${image.isArtifact ? "artifact" : "image"} ${shownName(image.name)}`];
}

async function buildImage(
  first: ImagePlan,
  base: BuiltImage | undefined,
  session: BuildSession,
): Promise<BuiltImage> {
  const { events } = session.options;
  const path = imagePath(first);
  return during(events, path, async (end) => {
    const told = new Set<string>();
    const built = new Set<string>();
    let plan = first;
    for (const text of plan.warnings) events({ type: "notice", path, level: "warning", text });
    for (;;) {
      const stages = await walkStages(plan, { base, session, path, told, built });
      if (stages === undefined) {
        plan = await planImage(plan.image, session, base?.contentSignature, true);
        continue;
      }
      const record = stages.at(-1);
      if (record === undefined) throw new Error(`Image ${plan.image.name} has no stage`);
      if (built.size === 0) end("reused");
      return {
        name: plan.image.name,
        isArtifact: plan.image.isArtifact,
        contentSignature: plan.contentSignature,
        record,
        isReused: built.size === 0,
      };
    }
  });
}

interface Walk {
  readonly base: BuiltImage | undefined;
  readonly session: BuildSession;
  readonly path: EventPath;
  /** Signatures of the stages that the log has named, and of those that were built. */
  readonly told: Set<string>;
  readonly built: Set<string>;
}

/** The records of all stages; undefined when a stage of another build changes what comes after it. */
async function walkStages(plan: ImagePlan, walk: Walk): Promise<readonly StageRecord[] | undefined> {
  const { session, told, built, base } = walk;
  const below: StageRecord[] = [];
  for (const stage of plan.stages) {
    session.options.signal.throwIfAborted();
    if (stage.name === "from" && isOutdated(plan, stage, base)) return undefined;
    if (stage.action.verb === "reuse") {
      if (!told.has(stage.signature)) tellReused(stage, stage.action.record, plan, walk);
      told.add(stage.signature);
      below.push(stage.action.record);
      continue;
    }
    const made = await buildStage(stage, plan, below, walk).catch((error: unknown) =>
      recovered(error, below, walk),
    );
    if (made === undefined) return undefined;
    const { record, isNew } = made;
    told.add(stage.signature);
    if (isNew) built.add(stage.signature);
    below.push(record);
    if (!hasSameCommits(record, stage)) return undefined;
  }
  return below;
}

/** Drops the stages below whose content is damaged, so that they are made again; any other error goes on. */
async function recovered(
  error: unknown,
  below: readonly StageRecord[],
  { session, path }: Walk,
): Promise<undefined> {
  if (!isDamage(error) || (await dropDamaged(below, session)) === 0) throw error;
  const text = "Content of earlier stages was damaged in the store; they are made again";
  session.options.events({ type: "notice", path, level: "warning", text });
}

/** The base turned out to be another than the plan thought. */
function isOutdated({ image }: ImagePlan, stage: PlannedStage, base: BuiltImage | undefined): boolean {
  if (image.base.kind === "reference" || base === undefined) return false;
  return !stage.inputs.some(({ digest }) => digest === base.contentSignature);
}

function hasSameCommits(record: StageRecord, stage: PlannedStage): boolean {
  return Object.entries(stage.commits).every(([mapping, commit]) => record.commits[mapping] === commit);
}

function stagePath(path: EventPath, stage: PlannedStage): EventPath {
  return [...path, `stage ${stage.name}`];
}

function titleOf(plan: ImagePlan, stage: PlannedStage): string {
  return `${shownName(plan.image.name)}/${stage.name}`;
}

function tellReused(stage: PlannedStage, record: StageRecord, plan: ImagePlan, walk: Walk): void {
  const { events } = walk.session.options;
  const path = stagePath(walk.path, stage);
  events({ type: "started", path, title: `Use cache image for ${titleOf(plan, stage)}` });
  events({ type: "facts", path, facts: factsOf(record) });
  events({ type: "finished", path, outcome: "reused" });
}

async function buildStage(
  stage: PlannedStage,
  plan: ImagePlan,
  below: readonly StageRecord[],
  walk: Walk,
): Promise<{ readonly record: StageRecord; readonly isNew: boolean }> {
  const { session, base } = walk;
  const { options, project, storage, sources } = session;
  const { events, signal, now } = options;
  const path = stagePath(walk.path, stage);
  return during(
    events,
    path,
    (end) =>
      withLock(
        stageLock(options.locksDirectory, project.name, stage.signature),
        async () => {
          const stored = await storage.find(project.name, stage.signature, { isFresh: true });
          const found = await selectStage(stage.name, stored, plan.sources, session);
          for (const broken of found.broken) {
            events({
              type: "notice",
              path,
              level: "warning",
              text: `Stage ${stageReference(project.name, broken)} has lost layers; it is built again`,
            });
            await storage.delete(project.name, broken);
          }
          if (found.record !== undefined) {
            events({ type: "facts", path, facts: factsOf(found.record) });
            end("reused", "another build stored it meanwhile");
            return { record: found.record, isNew: false };
          }
          const started = now();
          const made = await makeStage({
            stage,
            image: plan.image,
            sources: plan.sources,
            below,
            base: base?.record,
            session,
            path,
          });
          const parent = below.at(-1);
          const record = await storage.put(
            {
              project: project.name,
              imageName: plan.image.name,
              stageName: stage.name,
              signature: stage.signature,
              contentSignature: stage.contentSignature,
              ...(parent === undefined
                ? {}
                : { parent: { signature: parent.signature, uniqueId: parent.uniqueId } }),
              ...made,
              inputs: stage.inputs,
              commits: stage.commits,
              mappingTypes: await mappingTypes(plan, stage, session),
              repositoryCommit: sources.commit,
              version: options.version,
              buildMs: now() - started,
            },
            now(),
          );
          events({ type: "facts", path, facts: factsOf(record) });
          return { record, isNew: true };
        },
        {
          signal,
          timeoutMs: WAIT_MS,
          onWait: (holder) =>
            events({
              type: "notice",
              path,
              level: "info",
              text: `Waiting for process ${holder}, which builds this stage`,
            }),
        },
      ),
    `Building stage ${titleOf(plan, stage)}`,
  );
}

async function mappingTypes(
  { sources }: ImagePlan,
  { commits }: PlannedStage,
  session: BuildSession,
): Promise<StageRecord["mappingTypes"]> {
  const held = sources.filter(({ id }) => commits[id] !== undefined);
  const types = held.map(
    async (source) => [source.id, (await session.sources.isFile(source)) ? "file" : "directory"] as const,
  );
  return Object.fromEntries(await Promise.all(types));
}

/** A stage may take long, and whoever waits for it would need as long. */
const WAIT_MS = 6 * 3_600_000;

function factsOf(record: StageRecord): Readonly<Record<string, string>> {
  return {
    name: stageReference(record.project, record),
    created: new Date(record.uniqueId).toISOString().replace(/\.\d+Z$/, "Z"),
    [record.parent === undefined ? "size" : "diff"]: shownBytes(record.sizeBytes),
  };
}

/** `512 B`, `1.5 MiB`. */
function shownBytes(bytes: number): string {
  const units = ["KiB", "MiB", "GiB", "TiB"];
  let amount = bytes;
  let unit = "B";
  for (const next of units) {
    if (amount < 1024) break;
    amount /= 1024;
    unit = next;
  }
  return unit === "B" ? `${amount} B` : `${amount.toFixed(1)} ${unit}`;
}
