import { randomBytes } from "node:crypto";
import { open, realpath } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { withLock } from "#disk";
import { SlipwayError } from "#errors";
import { start } from "#process";
import { containerStep, type RunnableImage } from "./container-step.ts";
import type { DockerOptions } from "./docker-options.ts";
import { inventName } from "./names.ts";
import {
  containersDirectory,
  createRecord,
  identify,
  readRecords,
  removeRecord,
  writeState,
  type ContainerConfigRecord,
} from "./record.ts";
import { openSession } from "./session.ts";
import { SignalPasser } from "./signal-passer.ts";
import type { SupervisorReport } from "./supervise.ts";

export interface RunContainerOptions {
  readonly options: DockerOptions;
  /** Replaces the image's command; empty for the image's own. */
  readonly command: readonly string[];
  /** Slipway's home: records are in `containers/`, named volumes in `volumes/`. */
  readonly home: string;
  /** Of the caller, for `-e NAME`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Program and arguments that call superviseContainer(); the container's directory is added. */
  readonly supervisor: readonly string[];
  /** For `-i` without `-t`. */
  readonly stdin: Readable;
  /** The caller's stdin is a terminal, which `-t` hands on; any path will do. */
  readonly terminal?: string;
  readonly onWarning: (text: string) => void;
}

export interface StartedContainer {
  readonly id: string;
  readonly name: string;
  /** The command's exit code; absent when the container was detached. */
  readonly code?: number;
}

/**
 * Starts a container of an image. With `-d` it returns when the command runs, and a supervisor process keeps it; else it
 * returns when the command has ended. Ports go through a proxy of slipway's.
 *
 * A restart policy holds until the container is stopped, and not across a restart of the machine.
 *
 * @throws {SlipwayError} CONTAINER_NAME_TAKEN, CONTAINER_PORT_TAKEN, CONTAINER_NETWORK_MISSING, RUN_NO_COMMAND,
 * RUN_NO_TERMINAL, and those of startSandbox().
 */
export async function runContainer(
  image: RunnableImage,
  run: RunContainerOptions,
): Promise<StartedContainer> {
  const { options, home } = run;
  if (options.hasTerminal && !options.isDetached && run.terminal === undefined) {
    throw new SlipwayError("RUN_NO_TERMINAL", "Cannot give the container a terminal: the input is not one", {
      hint: "Leave -t out",
    });
  }
  const id = randomBytes(32).toString("hex");
  const directory = join(containersDirectory(home), id);
  const config = await withLock(join(containersDirectory(home), "lock"), async () => {
    const taken = new Set((await readRecords(home)).map((record) => record.config.name));
    if (options.name !== undefined && taken.has(options.name)) throw nameTaken(options.name);
    const step = await containerStep(image, options, run.command, { home, directory, id, env: run.env });
    const record: ContainerConfigRecord = {
      id,
      name: options.name ?? inventName(taken),
      image: image.name,
      createdAt: new Date().toISOString(),
      step,
      network: options.network,
      ports: options.ports,
      restart: options.restart,
      isRemovedAtEnd: options.isRemovedAtEnd,
      stopSignal: signalName(image.config.StopSignal),
    };
    await createRecord(directory, record);
    return record;
  });
  if (!options.isDetached)
    return { id, name: config.name, code: await runInForeground(directory, config, run) };
  const warning = await detach(directory, config, run.supervisor);
  if (warning !== undefined) run.onWarning(warning);
  return { id, name: config.name };
}

async function runInForeground(
  directory: string,
  config: ContainerConfigRecord,
  run: RunContainerOptions,
): Promise<number> {
  const { options } = run;
  const terminal = options.hasTerminal ? await realpath("/proc/self/fd/0") : undefined;
  const supervisor = await identify(process.pid);
  using signals = new SignalPasser(terminal !== undefined);
  let code = 125;
  try {
    await using session = await openSession(directory, config);
    if (session.warning !== undefined) run.onWarning(session.warning);
    const stdin = terminal !== undefined ? "inherit" : options.isInteractive ? "pipe" : "ignore";
    await using sandbox = await session.start({
      stdin,
      output: "inherit",
      ...(terminal === undefined ? {} : { terminal }),
    });
    const { ports, networkName } = session;
    const names = networkName === undefined ? {} : { networkName };
    await writeState(directory, {
      status: "running",
      supervisor,
      startedAt: new Date().toISOString(),
      restarts: 0,
      ports,
      ...names,
    });
    signals.passTo(sandbox);
    if (sandbox.stdin !== null) {
      sandbox.stdin.on("error", () => undefined);
      run.stdin.pipe(sandbox.stdin);
    }
    code = await sandbox.ended;
    if (sandbox.stdin !== null) run.stdin.unpipe(sandbox.stdin).pause();
  } finally {
    await writeState(directory, {
      status: "exited",
      exitCode: code,
      finishedAt: new Date().toISOString(),
      restarts: 0,
      ports: [],
    });
    if (config.isRemovedAtEnd) await removeRecord(directory);
  }
  return code;
}

/** Starts the supervisor and waits for its report. */
async function detach(
  directory: string,
  config: ContainerConfigRecord,
  supervisor: readonly string[],
): Promise<string | undefined> {
  const [program = "", ...args] = supervisor;
  await using log = await open(join(directory, "supervisor.log"), "a");
  const env = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };
  const { child, ended } = start(program, [...args, directory], { env, cwd: "/", detached: true }, [
    "ignore",
    log.fd,
    log.fd,
    "pipe",
  ]);
  const channel = child.stdio[3] as Readable; // Node makes a readable socket of a "pipe"
  let text = "";
  for await (const chunk of channel) {
    text += String(chunk);
    if (text.includes("\n")) break;
  }
  channel.destroy();
  child.unref();
  void ended.catch(() => undefined);
  const report = text === "" ? undefined : (JSON.parse(text) as SupervisorReport);
  if (report?.type === "started") return report.warning;
  await removeRecord(directory);
  const hint = report?.hint === undefined ? {} : { hint: report.hint };
  throw new SlipwayError(
    report?.code ?? "CONTAINER_START_FAILED",
    report?.message ?? `Cannot start container ${config.name}: its supervisor ended`,
    hint,
  );
}

/** `SIGTERM`, `TERM` or `15`, as image configs have it. */
function signalName(text: string | undefined): NodeJS.Signals {
  const numbers: Record<string, NodeJS.Signals> = {
    1: "SIGHUP",
    2: "SIGINT",
    3: "SIGQUIT",
    9: "SIGKILL",
    10: "SIGUSR1",
    12: "SIGUSR2",
    15: "SIGTERM",
  };
  const word = (text ?? "").toUpperCase();
  const name = numbers[word] ?? `SIG${word.replace(/^SIG/, "")}`;
  return (
    Object.values(numbers).find((known) => known === name) ?? (name === "SIGWINCH" ? "SIGWINCH" : "SIGTERM")
  );
}

function nameTaken(name: string): SlipwayError {
  return new SlipwayError("CONTAINER_NAME_TAKEN", `Cannot start a container named "${name}": there is one`, {
    hint: `Remove it with: slipway rm ${name}, or choose another name`,
  });
}
