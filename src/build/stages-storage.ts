import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { makeDirectory, writeAtomically } from "#disk";
import { SlipwayError } from "#errors";
import type { StageId, StageRecord } from "./stage.ts";

/** Where built stages are kept. Records are immutable; a stage exists once its record does, and that is written last. */
export interface StagesStorage {
  /** `:local`, or a repository. */
  readonly address: string;
  /** The stages with a signature, oldest first; `isFresh` asks for those of other processes from this moment too. */
  find(
    project: string,
    signature: string,
    options?: { readonly isFresh?: boolean },
  ): Promise<readonly StageRecord[]>;
  /** Stores a stage under a unique id that is not taken, `nowMs` or soon after. */
  put(stage: Omit<StageRecord, "uniqueId">, nowMs: number): Promise<StageRecord>;
  /** Every stage of a project, oldest first. */
  list(project: string): Promise<readonly StageRecord[]>;
  delete(project: string, id: StageId): Promise<void>;
}

const FILE = /^([0-9a-f]{56})-(\d+)\.json$/;

/**
 * The storage `:local`: one file per stage, `DIRECTORY/PROJECT/SIGNATURE-TIME.json`. Files that cannot be read as a record
 * count as absent.
 *
 * @see werf 1.1, `--stages-storage :local`; there, stages are images of a Docker daemon under the same names
 */
export function localStages(directory: string): StagesStorage {
  const ids = new Map<string, Promise<Map<string, number[]>>>();

  const idsOf = (project: string): Promise<Map<string, number[]>> => {
    let known = ids.get(project);
    if (known === undefined) {
      known = readIds(join(directory, project));
      ids.set(project, known);
    }
    return known;
  };
  const path = (project: string, id: StageId): string =>
    join(directory, project, `${id.signature}-${id.uniqueId}.json`);
  const read = async (project: string, id: StageId): Promise<readonly StageRecord[]> => {
    try {
      const record = JSON.parse(await readFile(path(project, id), "utf8")) as StageRecord;
      return record.signature === id.signature && record.uniqueId === id.uniqueId ? [record] : [];
    } catch (error) {
      if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw error;
    }
  };

  return {
    address: ":local",
    async find(project, signature, options = {}) {
      if (options.isFresh === true) ids.delete(project);
      const found = await idsOf(project);
      const times = found.get(signature) ?? [];
      const records = await Promise.all(times.map((uniqueId) => read(project, { signature, uniqueId })));
      return records.flat();
    },
    async put(stage, nowMs) {
      ids.delete(stage.project);
      const taken = (await readIds(join(directory, stage.project))).get(stage.signature) ?? [];
      let uniqueId = nowMs;
      while (taken.includes(uniqueId)) uniqueId++;
      const record: StageRecord = { ...stage, uniqueId };
      try {
        await makeDirectory(join(directory, stage.project));
        await writeAtomically(path(stage.project, record), JSON.stringify(record));
      } catch (error) {
        throw notWritten(error, directory);
      }
      ids.delete(stage.project);
      return record;
    },
    async list(project) {
      ids.delete(project);
      const found = await idsOf(project);
      const all = [...found].flatMap(([signature, times]) =>
        times.map((uniqueId) => ({ signature, uniqueId })),
      );
      const records = await Promise.all(
        all.toSorted((a, b) => a.uniqueId - b.uniqueId).map((id) => read(project, id)),
      );
      return records.flat();
    },
    async delete(project, id) {
      await rm(path(project, id), { force: true });
      ids.delete(project);
    },
  };
}

function notWritten(cause: unknown, directory: string): unknown {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code !== "ENOSPC" && code !== "EDQUOT") return cause;
  return new SlipwayError("DISK_FULL", `No space is left for ${directory}`, {
    cause,
    hint: "Make room there, or put slipway's home elsewhere: --home-dir",
  });
}

async function readIds(directory: string): Promise<Map<string, number[]>> {
  const ids = new Map<string, number[]>();
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  for (const name of names) {
    const [, signature, time] = FILE.exec(name) ?? [];
    if (signature === undefined) continue;
    const times = ids.get(signature) ?? [];
    times.push(Number(time));
    ids.set(signature, times);
  }
  for (const times of ids.values()) times.sort((a, b) => a - b);
  return ids;
}
