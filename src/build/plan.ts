import type {
  DockerDirectives,
  Project,
  ProjectImage,
  ShellInstructions,
  StapelImage,
  UserStage,
} from "#project";
import { edges, shownName } from "#project";
import { CACHE_VERSION, digestOf, input, signatureOf, type StageInput } from "./signature.ts";
import { GIT_CACHE_BYTES, type Source, type Sources } from "./sources.ts";
import { stageNames, type StageName, type StageRecord } from "./stage.ts";
import type { StagesStorage } from "./stages-storage.ts";

/** What would be done for the images of a project at one commit. */
export interface BuildPlan {
  readonly commit: string;
  /** An image stands after those it is built on. */
  readonly images: readonly ImagePlan[];
}

export interface ImagePlan {
  readonly image: StapelImage;
  readonly sources: readonly Source[];
  readonly stages: readonly PlannedStage[];
  /** Stages that the image could have and that have nothing to do. */
  readonly skipped: readonly { readonly name: StageName; readonly why: string }[];
  /** What the finished image is known by; its tag when tags come from stages. */
  readonly contentSignature: string;
  readonly warnings: readonly string[];
}

export interface PlannedStage {
  readonly name: StageName;
  readonly signature: string;
  readonly contentSignature: string;
  readonly inputs: readonly StageInput[];
  /** The commit of each mapping that the stage holds or will hold. */
  readonly commits: Readonly<Record<string, string>>;
  readonly action:
    | { readonly verb: "reuse"; readonly record: StageRecord }
    | { readonly verb: "build"; readonly why: string; readonly broken: readonly StageRecord[] };
}

/** What a plan needs to know of the world; asks, changes nothing. */
export interface PlanWorld {
  readonly project: Project;
  readonly sources: Sources;
  readonly storage: StagesStorage;
  /** Whether the layers that the stage added are still there. */
  readonly isWhole: (record: StageRecord) => Promise<boolean>;
  /** The digest that a base image has in its registry now, for `fromLatest`. */
  readonly baseDigest: (reference: string) => Promise<string>;
}

/** Stages that hold files from Git, so that their commit has to be an ancestor of the one that is built. */
const COMMIT_STAGES: ReadonlySet<StageName> = new Set([
  "gitArchive",
  "install",
  "beforeSetup",
  "setup",
  "gitCache",
  "gitLatestPatch",
]);

/**
 * Plans one image: walks its stages in order, computes each signature from the stage's inputs and the stage before, and
 * looks for a stored stage that may be reused.
 *
 * @param baseSignature content signature of the image or artifact that this one is built on.
 * @param isFresh asks the storage for what other processes stored meanwhile.
 * @see werf 1.1, "Stages conveyor"
 */
export async function planImage(
  image: StapelImage,
  world: PlanWorld,
  baseSignature: string | undefined,
  isFresh = false,
): Promise<ImagePlan> {
  const sources = image.git.map((mapping) => world.sources.source(shownName(image.name), mapping));
  const stages: PlannedStage[] = [];
  const skipped: { name: StageName; why: string }[] = [];
  const warnings: string[] = [];
  let isFirstLook = isFresh;
  for (const name of stageNames) {
    const below = stages.at(-1);
    const draft = await draftStage(name, { image, sources, below, world, baseSignature });
    if (draft === undefined) continue;
    warnings.push(...(draft.warnings ?? []));
    if (draft.skip !== undefined) {
      skipped.push({ name, why: draft.skip });
      continue;
    }
    stages.push(await planStage(name, draft.inputs, { sources, below, world }, isFirstLook));
    isFirstLook = false;
  }
  const last = stages.at(-1);
  const contentSignature = signatureOf(
    CACHE_VERSION,
    "imageStages",
    "",
    last?.signature ?? "",
    nextDeps(last, sources),
  );
  return { image, sources, stages, skipped, contentSignature, warnings };
}

/** Images in an order in which each stands after those it is built on, and all that the wanted ones need. */
export function inBuildOrder(project: Project, wanted: readonly ProjectImage[]): readonly ProjectImage[] {
  const ordered: ProjectImage[] = [];
  const visit = (image: ProjectImage): void => {
    if (ordered.includes(image)) return;
    for (const edge of edges(image)) {
      const needed = project.images.find((other) => other.name === edge.name);
      if (needed !== undefined) visit(needed);
    }
    ordered.push(image);
  };
  for (const image of wanted) visit(image);
  return ordered;
}

/** Of stages with one signature, the oldest whose commits are all ancestors of the present one. */
export async function selectStage(
  name: StageName,
  candidates: readonly StageRecord[],
  sources: readonly Source[],
  world: PlanWorld,
): Promise<{
  readonly record?: StageRecord;
  readonly broken: readonly StageRecord[];
  readonly unrelated: number;
}> {
  const broken: StageRecord[] = [];
  let unrelated = 0;
  for (const record of candidates) {
    if (COMMIT_STAGES.has(name) && !(await isRelated(record, sources, world.sources))) unrelated++;
    else if (!(await world.isWhole(record))) broken.push(record);
    else return { record, broken, unrelated };
  }
  return { broken, unrelated };
}

async function isRelated(
  record: StageRecord,
  mappings: readonly Source[],
  sources: Sources,
): Promise<boolean> {
  const answers = mappings.map(({ id }) => {
    const commit = record.commits[id];
    return commit !== undefined && sources.isAncestor(commit);
  });
  return !(await Promise.all(answers)).includes(false);
}

interface Place {
  readonly image: StapelImage;
  readonly sources: readonly Source[];
  readonly below: PlannedStage | undefined;
  readonly world: PlanWorld;
}

async function planStage(
  name: StageName,
  inputs: readonly StageInput[],
  { sources, below, world }: Omit<Place, "image">,
  isFresh: boolean,
): Promise<PlannedStage> {
  const words = inputs.flatMap(({ name: of, digest }) => [of, digest]);
  const chain = below === undefined ? [] : [below.signature, nextDeps(below, sources)];
  const signature = signatureOf(CACHE_VERSION, name, digestOf(...words), ...chain);
  const candidates = await world.storage.find(world.project.name, signature, { isFresh });
  const { record, broken, unrelated } = await selectStage(name, candidates, sources, world);
  const present = Object.fromEntries(sources.map(({ id }) => [id, world.sources.commit]));
  const commits = record?.commits ?? (COMMIT_STAGES.has(name) ? present : (below?.commits ?? {}));
  const stage = {
    name,
    signature,
    inputs: [...inputs, ...chainInputs(below, sources)],
    commits,
    action:
      record === undefined
        ? ({ verb: "build", why: whyBuild(candidates.length, unrelated, broken.length), broken } as const)
        : ({ verb: "reuse", record } as const),
  };
  const contentSignature = signatureOf(
    CACHE_VERSION,
    `${name}-content`,
    "",
    signature,
    nextDeps(stage, sources),
  );
  return { ...stage, contentSignature };
}

function chainInputs(below: PlannedStage | undefined, sources: readonly Source[]): readonly StageInput[] {
  if (below === undefined) return [];
  const deps = nextDeps(below, sources);
  return [
    { name: "stage below", digest: below.signature, words: below.name },
    ...(deps === ""
      ? []
      : [{ name: "commits below", digest: deps, words: commitsOf(below, sources).join("\n") }]),
  ];
}

function whyBuild(found: number, unrelated: number, broken: number): string {
  if (broken > 0) return "the stored stage has lost layers";
  if (unrelated > 0) return `${unrelated} stored with this signature, of commits that are no ancestors`;
  return found === 0 ? "none is stored with this signature" : "none of those stored can be used";
}

/** What a stage hands on to the signature of the next one beside its own signature: the commits it holds. */
function nextDeps(
  stage: Pick<PlannedStage, "name" | "commits"> | undefined,
  sources: readonly Source[],
): string {
  if (stage === undefined || !COMMIT_STAGES.has(stage.name)) return "";
  return digestOf(...commitsOf(stage, sources));
}

function commitsOf(
  { commits }: Pick<PlannedStage, "commits">,
  sources: readonly Source[],
): readonly string[] {
  return sources.map(({ id }) => commits[id] ?? "").toSorted();
}

interface Draft {
  readonly inputs: readonly StageInput[];
  readonly skip?: string;
  readonly warnings?: readonly string[];
}

interface DraftPlace extends Place {
  readonly baseSignature: string | undefined;
}

/** The inputs of a stage, or why it is skipped; undefined when the image has no such stage at all. */
async function draftStage(name: StageName, place: DraftPlace): Promise<Draft | undefined> {
  switch (name) {
    case "from":
      return draftFrom(place);
    case "beforeInstall":
    case "install":
    case "beforeSetup":
    case "setup":
      return draftUserStage(name, place);
    case "gitArchive":
      return draftArchive(place);
    case "gitCache":
      return draftGitCache(place);
    case "gitLatestPatch":
      return draftLatestPatch(place);
    case "dockerInstructions":
      return place.image.docker === undefined ? undefined : { inputs: directiveInputs(place.image.docker) };
    case "importsBeforeInstall":
    case "importsAfterInstall":
    case "importsBeforeSetup":
    case "importsAfterSetup":
    case "dockerfile":
      return undefined;
    default:
      return name satisfies never;
  }
}

async function draftFrom({ image, world, baseSignature }: DraftPlace): Promise<Draft> {
  const { base, fromCacheVersion } = image;
  const inputs: StageInput[] = [];
  if (fromCacheVersion !== undefined) inputs.push(input("fromCacheVersion", [fromCacheVersion]));
  if (base.kind === "reference") {
    if (image.fromLatest) inputs.push(input("base image's digest", [await world.baseDigest(base.reference)]));
    inputs.push(input("from", [base.reference]));
  } else {
    inputs.push({
      name: `from ${base.kind} ${shownName(base.name)}`,
      digest: baseSignature ?? "",
      words: "its content",
    });
  }
  return { inputs };
}

async function draftUserStage(
  name: UserStage,
  { image, sources, world }: DraftPlace,
): Promise<Draft | undefined> {
  const { shell } = image;
  if (shell === undefined) return undefined;
  const inputs = builderInputs(name, shell);
  if (inputs.length === 0) return undefined;
  const warnings: string[] = [];
  if (name !== "beforeInstall") {
    for (const source of sources) {
      const paths = source.mapping.stageDependencies[name];
      if (paths.length === 0) continue;
      const found = await world.sources.dependencies(source, paths);
      inputs.push({ ...found.input, name: `${found.input.name} to ${source.mapping.to}` });
      warnings.push(
        ...found.missing.map(
          (path) => `Stage ${name} dependency path ${path} has not been found in the Git repository`,
        ),
      );
    }
  }
  return { inputs, warnings };
}

function builderInputs(name: UserStage, shell: ShellInstructions): StageInput[] {
  const commands = shell.commands[name];
  const versions = [shell.stageCacheVersions[name], shell.cacheVersion].filter(
    (version) => version !== undefined,
  );
  return [
    ...(commands.length > 0 ? [input("commands", commands)] : []),
    ...(versions.length > 0 ? [input("cacheVersion", versions)] : []),
  ];
}

function draftArchive({ sources }: DraftPlace): Draft | undefined {
  if (sources.length === 0) return undefined;
  const inputs = sources.map((source) => ({
    name: `git ${source.mapping.add} to ${source.mapping.to}`,
    digest: source.id,
    words: source.parameters.filter((word) => word !== "").join("\n"),
  }));
  return { inputs: inputs.toSorted((a, b) => (a.digest < b.digest ? -1 : 1)) };
}

async function draftGitCache(place: DraftPlace): Promise<Draft | undefined> {
  const { image, sources, below, world } = place;
  if (image.isArtifact || sources.length === 0) return undefined;
  const bytes = await world.sources.patchBytes(changedSince(below, sources));
  if (bytes < GIT_CACHE_BYTES)
    return { inputs: [], skip: `less than 1 MiB changed since stage ${below?.name}` };
  return { inputs: [input("size of the patch in MiB", [String(Math.floor(bytes / GIT_CACHE_BYTES))])] };
}

async function draftLatestPatch(place: DraftPlace): Promise<Draft | undefined> {
  const { image, sources, below, world } = place;
  if (image.isArtifact || sources.length === 0) return undefined;
  const changed = changedSince(below, sources);
  const lists = await Promise.all(changed.map(({ source, from }) => world.sources.changes(source, from)));
  if (lists.every((changes) => changes.length === 0)) {
    return { inputs: [], skip: `no file changed since stage ${below?.name}` };
  }
  const inputs = changed.map(({ source }, index) =>
    input(
      `changes of ${source.mapping.add} to ${source.mapping.to}`,
      (lists[index] ?? []).map(({ status, newMode, newHash, path }) =>
        [status, newMode, newHash, path].join(" "),
      ),
    ),
  );
  return { inputs };
}

/** Each mapping with the commit that the stage below holds of it. */
function changedSince(
  below: PlannedStage | undefined,
  sources: readonly Source[],
): readonly { readonly source: Source; readonly from: string }[] {
  return sources.map((source) => ({ source, from: below?.commits[source.id] ?? "" }));
}

function directiveInputs(docker: DockerDirectives): readonly StageInput[] {
  const pairs = (map: Readonly<Record<string, string>>): string[] =>
    Object.entries(map)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .flat();
  const lists = {
    VOLUME: docker.VOLUME,
    EXPOSE: docker.EXPOSE,
    ENV: pairs(docker.ENV),
    LABEL: pairs(docker.LABEL),
  };
  const texts = (["CMD", "ENTRYPOINT", "WORKDIR", "USER", "HEALTHCHECK"] as const).map((name) =>
    input(name, [docker[name] ?? ""]),
  );
  const given = Object.entries(lists).filter(([, words]) => words.length > 0);
  return [...given.map(([name, words]) => input(name, words)), ...texts];
}
