import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { makeDirectory, readIfExists, writeAtomically } from "#disk";
import { SlipwayError } from "#errors";
import { processStartTime } from "#process";
import type { SandboxStep } from "#sandbox";
import type { PortMapping, RestartPolicy } from "./docker-options.ts";

/** What was asked for; never changes. */
export interface ContainerConfigRecord {
  readonly id: string;
  readonly name: string;
  /** The image as the user named it. */
  readonly image: string;
  readonly createdAt: string;
  /** `upper` and `work` are the container's own, and kept from one start to the next. */
  readonly step: SandboxStep;
  readonly network: "bridge" | "host" | "none";
  readonly ports: readonly PortMapping[];
  readonly restart: RestartPolicy;
  readonly isRemovedAtEnd: boolean;
  readonly stopSignal: NodeJS.Signals;
}

/** What became of it; written by its supervisor, and by whoever finds that the supervisor is gone. */
export interface ContainerState {
  readonly status: "created" | "running" | "restarting" | "exited";
  readonly supervisor?: ProcessIdentity;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly exitCode?: number;
  readonly restarts: number;
  /** With the ports that were really taken. */
  readonly ports: readonly PortMapping[];
  /** The network's name on this machine, to be taken down should the supervisor die. */
  readonly networkName?: string;
}

/** A process, told from a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
}

export interface ContainerRecord {
  readonly directory: string;
  readonly config: ContainerConfigRecord;
  readonly state: ContainerState;
}

export function containersDirectory(home: string): string {
  return join(home, "containers");
}

export async function createRecord(directory: string, config: ContainerConfigRecord): Promise<void> {
  await Promise.all(["upper", "work"].map((name) => makeDirectory(join(directory, name))));
  await writeState(directory, { status: "created", restarts: 0, ports: [] });
  await writeAtomically(join(directory, "config.json"), JSON.stringify(config, undefined, 2), 0o600);
}

export async function writeState(directory: string, state: ContainerState): Promise<void> {
  await writeAtomically(join(directory, "state.json"), JSON.stringify(state, undefined, 2));
}

/** The record in a directory, or undefined while it is half made or half removed. */
export async function readRecord(directory: string): Promise<ContainerRecord | undefined> {
  const [config, state] = await Promise.all(
    ["config.json", "state.json"].map((name) => readIfExists(join(directory, name))),
  );
  if (config === undefined || state === undefined) return undefined;
  return {
    directory,
    config: JSON.parse(config) as ContainerConfigRecord,
    state: JSON.parse(state) as ContainerState,
  };
}

export async function readRecords(home: string): Promise<readonly ContainerRecord[]> {
  const directory = containersDirectory(home);
  const names = await readdir(directory).catch(() => []);
  const records = await Promise.all(
    names.filter((name) => /^[0-9a-f]{64}$/.test(name)).map((name) => readRecord(join(directory, name))),
  );
  return records
    .filter((record) => record !== undefined)
    .sort((a, b) => a.config.createdAt.localeCompare(b.config.createdAt));
}

/** @throws {SlipwayError} CONTAINER_UNKNOWN, CONTAINER_AMBIGUOUS */
export async function findRecord(home: string, nameOrId: string): Promise<ContainerRecord> {
  const records = await readRecords(home);
  const named = records.find(({ config }) => config.name === nameOrId);
  const begins = records.filter(
    ({ config }) => /^[0-9a-f]{2,64}$/.test(nameOrId) && config.id.startsWith(nameOrId),
  );
  if (named === undefined && begins.length > 1) {
    throw new SlipwayError(
      "CONTAINER_AMBIGUOUS",
      `Cannot tell which container "${nameOrId}" is: ${begins.length} ids begin so`,
    );
  }
  const found = named ?? begins[0];
  if (found !== undefined) return found;
  throw new SlipwayError("CONTAINER_UNKNOWN", `There is no container "${nameOrId}"`, {
    hint: "slipway ps --all lists them",
  });
}

export async function removeRecord(directory: string): Promise<void> {
  await rm(join(directory, "config.json"), { force: true });
  await rm(directory, { recursive: true, force: true });
}

export async function identify(pid: number): Promise<ProcessIdentity> {
  return { pid, startTime: (await processStartTime(pid)) ?? "" };
}

export async function isAlive(process: ProcessIdentity | undefined): Promise<boolean> {
  return (
    process !== undefined &&
    process.startTime !== "" &&
    (await processStartTime(process.pid)) === process.startTime
  );
}
