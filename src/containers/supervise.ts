import { closeSync, writeSync } from "node:fs";
import { join } from "node:path";
import { StringDecoder } from "node:string_decoder";
import type { Readable } from "node:stream";
import { readIfExists } from "#disk";
import { errorChain, SlipwayError } from "#errors";
import type { RunningSandbox } from "#sandbox";
import { LogWriter } from "./log-file.ts";
import {
  identify,
  readRecord,
  removeRecord,
  writeState,
  type ContainerRecord,
  type ContainerState,
} from "./record.ts";
import { openSession, type ContainerSession } from "./session.ts";

/** What a supervisor tells the command that started it, as one line of JSON. */
export type SupervisorReport =
  | { readonly type: "started"; readonly warning?: string }
  | { readonly type: "failed"; readonly code: string; readonly message: string; readonly hint?: string };

/** Name of the file by which a stop is asked for; it holds the seconds of grace. */
export const STOP_REQUEST = "stop-request";

/**
 * The life of one detached container, from its first start to its last end: the whole work of a supervisor process, which ends
 * with it. SIGTERM asks for a stop.
 *
 * @param directory the container's record, as runContainer() hands it to the supervisor's command.
 */
export async function superviseContainer(directory: string): Promise<void> {
  const record = await readRecord(directory);
  if (record === undefined)
    throw new SlipwayError("CONTAINER_UNKNOWN", `There is no container in ${directory}`);
  const report = reportOnce();
  const stop = new AbortController();
  process.on("SIGTERM", () => stop.abort());
  for (const name of ["SIGINT", "SIGHUP"] as const) process.on(name, () => undefined);
  let state: ContainerState = { ...record.state, supervisor: await identify(process.pid) };
  const note = async (change: Partial<ContainerState>): Promise<void> => {
    state = { ...state, ...change };
    await writeState(directory, state);
  };
  try {
    await using session = await openSession(directory, record.config);
    const { ports, networkName, warning } = session;
    await note({ ports, ...(networkName === undefined ? {} : { networkName }) });
    const started = (): void => report({ type: "started", ...(warning === undefined ? {} : { warning }) });
    await keepRunning(record, session, stop.signal, note, started);
  } catch (error) {
    await note({ status: "exited", exitCode: 125, finishedAt: new Date().toISOString(), ports: [] });
    const log = new LogWriter(directory);
    log.write("stderr", `slipway: ${error instanceof Error ? error.message : String(error)}\n`);
    report(failure(error));
  }
  if (record.config.isRemovedAtEnd) await removeRecord(directory);
}

/** A container that ran this long starts its next wait from the beginning. */
const SETTLED_MS = 10_000;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 60_000;

async function keepRunning(
  { directory, config }: ContainerRecord,
  session: ContainerSession,
  stop: AbortSignal,
  note: (change: Partial<ContainerState>) => Promise<void>,
  started: () => void,
): Promise<void> {
  const log = new LogWriter(directory);
  let waitMs = FIRST_WAIT_MS;
  for (let restarts = 0; ; restarts++) {
    const startedAt = new Date();
    let code: number;
    {
      await using sandbox = await session.start({ stdin: "ignore", output: "pipe" });
      collect(sandbox.stdout, (text) => log.write("stdout", text));
      collect(sandbox.stderr, (text) => log.write("stderr", text));
      await note({ status: "running", startedAt: startedAt.toISOString(), restarts });
      started();
      code = await untilEnd(sandbox, directory, config.stopSignal, stop);
      log.flush();
    }
    const finished = { exitCode: code, finishedAt: new Date().toISOString() };
    if (stop.aborted || !wantsRestart(config.restart, code, restarts)) {
      await note({ status: "exited", ports: [], ...finished });
      return;
    }
    await note({ status: "restarting", ...finished });
    if (Date.now() - startedAt.getTime() > SETTLED_MS) waitMs = FIRST_WAIT_MS;
    await pause(waitMs, stop);
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    if (stop.aborted) {
      await note({ status: "exited", ports: [] });
      return;
    }
  }
}

/** Pure: whether a container that ended by itself is to be started once more. */
export function wantsRestart(
  policy: ContainerRecord["config"]["restart"],
  code: number,
  restarts: number,
): boolean {
  switch (policy.name) {
    case "no":
      return false;
    case "always":
    case "unless-stopped":
      return true;
    case "on-failure":
      return code !== 0 && restarts < (policy.maximumRetries ?? Infinity);
    default:
      return policy.name satisfies never;
  }
}

/** Passes a request to stop on: the container's own signal first, the end of everything after the time of grace. */
async function untilEnd(
  sandbox: RunningSandbox,
  directory: string,
  stopSignal: NodeJS.Signals,
  stop: AbortSignal,
): Promise<number> {
  let timer: NodeJS.Timeout | undefined;
  const onStop = async (): Promise<void> => {
    const seconds = Number((await readIfExists(join(directory, STOP_REQUEST))) ?? "10");
    timer = setTimeout(() => sandbox.kill(), seconds * 1000);
    await sandbox.signal(stopSignal);
  };
  const listener = (): void => void onStop();
  if (stop.aborted) listener();
  stop.addEventListener("abort", listener);
  try {
    return await sandbox.ended;
  } finally {
    clearTimeout(timer);
    stop.removeEventListener("abort", listener);
  }
}

function collect(stream: Readable | undefined, take: (text: string) => void): void {
  const decoder = new StringDecoder("utf8");
  stream?.on("data", (chunk: Buffer) => take(decoder.write(chunk)));
}

async function pause(ms: number, stop: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    stop.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** File descriptor 3 leads to the command that started the supervisor; it is closed with the one report. */
function reportOnce(): (report: SupervisorReport) => void {
  let isDone = false;
  return (report) => {
    if (isDone) return;
    isDone = true;
    writeSync(3, `${JSON.stringify(report)}\n`);
    closeSync(3);
  };
}

function failure(error: unknown): SupervisorReport {
  const message = errorChain(error)
    .map((link) => (link instanceof Error ? link.message : String(link)))
    .join(": ");
  if (!(error instanceof SlipwayError)) return { type: "failed", code: "CONTAINER_START_FAILED", message };
  const { code, hint } = error;
  return { type: "failed", code, message, ...(hint === undefined ? {} : { hint }) };
}
