import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { writeAtomically } from "#disk";
import { SlipwayError } from "#errors";
import type { PortMapping } from "./docker-options.ts";
import { readLog, type LogLine } from "./log-file.ts";
import { takeDownNetwork } from "./network.ts";
import {
  findRecord,
  isAlive,
  readRecord,
  readRecords,
  removeRecord,
  writeState,
  type ContainerRecord,
  type ContainerState,
  type ProcessIdentity,
} from "./record.ts";
import { STOP_REQUEST } from "./supervise.ts";

/** One row of `slipway ps`. */
export interface ContainerSummary {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly createdAt: string;
  readonly status: ContainerState["status"];
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly exitCode?: number;
  readonly restarts: number;
  readonly ports: readonly PortMapping[];
}

/** The containers of a home, oldest first; only those at work unless `all`. */
export async function listContainers(
  home: string,
  options: { readonly all?: boolean } = {},
): Promise<readonly ContainerSummary[]> {
  const records = await Promise.all((await readRecords(home)).map(repaired));
  const shown = records.filter(({ state }) => options.all === true || isAtWork(state));
  return shown.map(({ config, state }) => {
    const { id, name, image, createdAt, step } = config;
    const { supervisor: _, networkName: __, ...visible } = state;
    return { id, name, image, createdAt, command: step.command, ...visible };
  });
}

/** The lower directories that containers of a home stand on; whoever cleans the store leaves them. */
export async function directoriesInUse(home: string): Promise<ReadonlySet<string>> {
  return new Set((await readRecords(home)).flatMap(({ config }) => config.step.lower));
}

/** The output of a container, oldest first. `follow` goes on until the container has ended. */
export async function* containerLogs(
  home: string,
  nameOrId: string,
  options: { readonly follow?: boolean; readonly tail?: number; readonly signal?: AbortSignal } = {},
): AsyncGenerator<LogLine> {
  const { directory } = await findRecord(home, nameOrId);
  const isLive = async (): Promise<boolean> => {
    const record = await readRecord(directory);
    return record !== undefined && isAtWork(record.state) && isAlive(record.state.supervisor);
  };
  yield* readLog(directory, {
    ...(options.tail === undefined ? {} : { tail: options.tail }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.follow === true ? { follow: isLive } : {}),
  });
}

/** What a supervisor may need after it has killed its container. */
const LONGEST_END_MS = 5000;

/**
 * Stops a container: its stop signal first, SIGKILL after `timeoutSeconds`. Returns when it has ended; one that is not at work
 * is left as it is.
 */
export async function stopContainer(
  home: string,
  nameOrId: string,
  options: { readonly timeoutSeconds?: number } = {},
): Promise<void> {
  const { directory, state } = await repaired(await findRecord(home, nameOrId));
  if (!isAtWork(state) || state.supervisor === undefined) return;
  const seconds = options.timeoutSeconds ?? 10;
  await writeAtomically(join(directory, STOP_REQUEST), String(seconds));
  process.kill(state.supervisor.pid, "SIGTERM");
  await untilGone(directory, state.supervisor, Date.now() + seconds * 1000 + LONGEST_END_MS);
}

/**
 * Removes a container and all it wrote.
 *
 * @throws {SlipwayError} CONTAINER_RUNNING unless `force`, which ends it at once.
 */
export async function removeContainer(
  home: string,
  nameOrId: string,
  options: { readonly force?: boolean } = {},
): Promise<void> {
  const { directory, config, state } = await repaired(await findRecord(home, nameOrId));
  if (isAtWork(state)) {
    if (options.force !== true) {
      throw new SlipwayError("CONTAINER_RUNNING", `Cannot remove container ${config.name}: it is running`, {
        hint: `Stop it with: slipway stop ${config.name}, or give --force`,
      });
    }
    await stopContainer(home, config.id, { timeoutSeconds: 0 });
  }
  await removeRecord(directory);
}

function isAtWork(state: ContainerState): boolean {
  return state.status === "running" || state.status === "restarting";
}

/** A supervisor that was killed took its container with it, but could not say so. */
async function repaired(record: ContainerRecord): Promise<ContainerRecord> {
  const { directory, state } = record;
  if (!isAtWork(state) || (await isAlive(state.supervisor))) return record;
  const latest = (await readRecord(directory))?.state ?? state;
  if (!isAtWork(latest)) return { ...record, state: latest };
  if (state.networkName !== undefined) await takeDownNetwork(state.networkName);
  const { networkName: _, supervisor: __, ...rest } = latest;
  const ended: ContainerState = {
    ...rest,
    status: "exited",
    exitCode: 137,
    finishedAt: new Date().toISOString(),
    ports: [],
  };
  await writeState(directory, ended);
  return { ...record, state: ended };
}

/** A supervisor that does not come to its end is killed, and takes the container with it. */
async function untilGone(directory: string, supervisor: ProcessIdentity, deadline: number): Promise<void> {
  for (;;) {
    const now = await readRecord(directory);
    if (now === undefined) return;
    if (!(await isAlive(supervisor))) return void (await repaired(now));
    if (Date.now() > deadline) process.kill(supervisor.pid, "SIGKILL");
    await sleep(20);
  }
}
