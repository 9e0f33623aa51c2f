import { readdirSync, lstatSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { EventPath } from "#events";
import { layerFromEntries, layerFromTree, type HistoryEntry } from "#oci";
import { shownName, type StapelImage, type UserStage } from "#project";
import { fetchBase } from "./base-image.ts";
import { applyDirectives, variables } from "./docker-config.ts";
import { layerEntries, planArchive, planPatch, type LayerPlan } from "./git-layer.ts";
import type { PlannedStage } from "./plan.ts";
import type { RootView } from "./root-view.ts";
import { rootOf } from "./root.ts";
import { runCommands } from "./run-commands.ts";
import type { BuildSession } from "./session.ts";
import { CACHE_VERSION } from "./signature.ts";
import type { Source } from "./sources.ts";
import type { StageImage, StageLayer, StageRecord } from "./stage.ts";

/** What a stage is made from. */
export interface StagePlace {
  readonly stage: PlannedStage;
  readonly image: StapelImage;
  readonly sources: readonly Source[];
  /** The stages below, lowest first. */
  readonly below: readonly StageRecord[];
  /** The finished image that `fromImage` or `fromImageArtifact` names. */
  readonly base: StageRecord | undefined;
  readonly session: BuildSession;
  readonly path: EventPath;
}

export interface MadeStage {
  readonly image: StageImage;
  readonly ownLayers: number;
  readonly sizeBytes: number;
}

/** Makes a stage: its layers are in the store when this returns; nobody knows of them until a record is put. */
export async function makeStage(place: StagePlace): Promise<MadeStage> {
  switch (place.stage.name) {
    case "from":
      return makeFrom(place);
    case "gitArchive":
      return onTop(
        place,
        await gitLayer(place, (view) => planArchive(place.sources, place.session.sources, view)),
      );
    case "gitCache":
    case "gitLatestPatch":
      return onTop(place, await patchLayer(place));
    case "beforeInstall":
    case "install":
    case "beforeSetup":
    case "setup":
      return makeUserStage(place, place.stage.name);
    case "dockerInstructions":
      return makeInstructions(place);
    default:
      throw new Error(`No builder for stage ${place.stage.name}`);
  }
}

async function makeFrom({ image, base, session, path }: StagePlace): Promise<MadeStage> {
  if (image.base.kind !== "reference") {
    if (base === undefined) throw new Error(`Base of image ${image.name} is not built`);
    return { image: base.image, ownLayers: 0, sizeBytes: 0 };
  }
  const pulled = await fetchBase(image.base.reference, session, path);
  const { rootfs: _rootfs, ...config } = pulled.config;
  return {
    image: {
      config,
      layers: pulled.layers.map((layer) => ({ source: "base", layer })),
      ...(pulled.base === undefined ? {} : { base: pulled.base }),
    },
    ownLayers: pulled.layers.length,
    sizeBytes: pulled.layers.reduce((sum, layer) => sum + (layer.blob?.size ?? 0), 0),
  };
}

async function makeUserStage(place: StagePlace, name: UserStage): Promise<MadeStage> {
  const { image, session, stage } = place;
  const patch = name === "beforeInstall" ? [] : await patchLayer(place);
  const commands = image.shell?.commands[name] ?? [];
  const written = commands.length === 0 ? [] : await commandsLayer(place, commands, patch);
  return onTop({ stage, session, below: place.below }, [...patch, ...written]);
}

interface NewLayer {
  readonly layer: StageLayer;
  readonly sizeBytes: number;
}

/** The layer that brings the mappings from the commit of the stage below to the present one; none when nothing changed. */
async function patchLayer(place: StagePlace): Promise<readonly NewLayer[]> {
  const { sources, session, below } = place;
  const commits = below.at(-1)?.commits ?? {};
  const changed = await Promise.all(
    sources.map(async (source) => ({
      source,
      changes: await session.sources.changes(source, commits[source.id] ?? ""),
    })),
  );
  if (changed.every(({ changes }) => changes.length === 0)) return [];
  return gitLayer(place, async (view) =>
    planPatch(changed, session.sources, view, await commandsView(place)),
  );
}

async function gitLayer(
  place: StagePlace,
  plan: (view: RootView) => Promise<LayerPlan>,
): Promise<readonly NewLayer[]> {
  const { session, path } = place;
  const { store, signal, events } = session.options;
  const planned = await plan(await viewBelow(place));
  for (const text of planned.notices) events({ type: "notice", path, level: "warning", text });
  if (planned.entries.length === 0) return [];
  const layer = await layerFromEntries(layerEntries(planned, session.sources), store, { signal });
  return [{ layer: { source: "git", layer }, sizeBytes: layer.blob?.size ?? 0 }];
}

async function commandsLayer(
  place: StagePlace,
  commands: readonly string[],
  patch: readonly NewLayer[],
): Promise<readonly NewLayer[]> {
  const { image, session, stage, path, below } = place;
  const { store, signal, events, sandbox } = session.options;
  const layers = [...(below.at(-1)?.image.layers ?? []), ...patch.map(({ layer }) => layer)];
  const clampSeconds = session.sources.commitTime;
  const tree = await store.newTree();
  try {
    const root = await rootOf(layers, session.options);
    const opaqueDirectories = await runCommands({
      title: `stage ${stage.name} of image ${shownName(image.name)}`,
      commands,
      env: { ...variables(below.at(-1)?.image.config.config ?? {}), SOURCE_DATE_EPOCH: String(clampSeconds) },
      lower: root.directories,
      upper: tree.path,
      work: tree.work,
      view: root.view,
      settings: sandbox,
      events,
      path,
      signal,
    });
    if ((await readdir(tree.path)).length === 0) {
      await tree.discard();
      return [];
    }
    const sizeBytes = bytesBelow(tree.path);
    const id = `stage-${stage.signature}-${session.options.now()}`;
    await tree.keep(id);
    const made = await layerFromTree(store, id, {
      mtime: clampSeconds,
      lower: root.directories,
      blob: "later",
      signal,
    });
    const layer = { diffId: made.diffId, tree: id };
    return [{ layer: { source: "commands", layer, clampSeconds, opaqueDirectories }, sizeBytes }];
  } catch (error) {
    await tree.discard();
    throw error;
  }
}

function makeInstructions({ image, session, below }: StagePlace): MadeStage {
  const last = below.at(-1);
  if (last === undefined || image.docker === undefined) throw new Error("No stage below dockerInstructions");
  const { config } = last.image;
  return {
    image: {
      ...last.image,
      config: {
        ...config,
        config: applyDirectives(config.config, image.docker),
        ...stamped(config.history, session, "dockerInstructions", 0),
      },
    },
    ownLayers: 0,
    sizeBytes: 0,
  };
}

function onTop(
  { stage, session, below }: Pick<StagePlace, "stage" | "session" | "below">,
  added: readonly NewLayer[],
): MadeStage {
  const last = below.at(-1);
  if (last === undefined) throw new Error(`No stage below ${stage.name}`);
  const { config } = last.image;
  return {
    image: {
      ...last.image,
      layers: [...last.image.layers, ...added.map(({ layer }) => layer)],
      config: { ...config, ...stamped(config.history, session, stage.name, added.length) },
    },
    ownLayers: added.length,
    sizeBytes: added.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  };
}

/** Times come from the commit, so that the same commit gives the same image everywhere. */
function stamped(
  history: readonly HistoryEntry[] | undefined,
  session: BuildSession,
  name: string,
  layers: number,
): { readonly created: string; readonly history: readonly HistoryEntry[] } {
  const created = new Date(session.sources.commitTime * 1000).toISOString().replace(".000", "");
  const entry = { created, created_by: `slipway stage ${name}`, comment: `cache version ${CACHE_VERSION}` };
  const added =
    layers === 0 ? [{ ...entry, empty_layer: true }] : Array.from({ length: layers }, () => entry);
  return { created, history: [...(history ?? []), ...added] };
}

/** The image below as commands and its base made it: without what its own git mappings brought. */
async function viewBelow({ below, session }: StagePlace): Promise<RootView> {
  const base = below[0]?.image.layers.length ?? 0;
  const layers = (below.at(-1)?.image.layers ?? []).filter(
    (layer, index) => index < base || layer.source === "commands",
  );
  return (await rootOf(layers, session.options)).view;
}

/** What commands wrote since the files of Git came; undefined when none ran. */
async function commandsView({ below, session }: StagePlace): Promise<RootView | undefined> {
  const archive = below.find((record) => record.stageName === "gitArchive")?.image.layers.length;
  const layers = archive === undefined ? [] : (below.at(-1)?.image.layers ?? []).slice(archive);
  const commands = layers.filter((layer) => layer.source === "commands");
  return commands.length === 0 ? undefined : (await rootOf(commands, session.options)).view;
}

function bytesBelow(directory: string): number {
  let total = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) total += bytesBelow(path);
    else if (entry.isFile()) total += lstatSync(path, { throwIfNoEntry: false })?.size ?? 0;
  }
  return total;
}
