import {
  containerLogs,
  listContainers,
  parseDockerOptions,
  removeContainer,
  runContainer,
  stopContainer,
  type ContainerSummary,
} from "#containers";
import { onlyImage, openWorkplace, prepareRun } from "#delivery";
import { table } from "#terminal";
import type { Invocation } from "./command.ts";
import { withLog } from "./log.ts";
import { homeDirectory, openProject } from "./open.ts";
import { usageError } from "./dialect.ts";
import { settingsOf } from "./settings.ts";
import { supervisorCommand } from "./supervisor.ts";
import { inUserNamespace } from "./user-namespace.ts";

export async function runRun(call: Invocation): Promise<number | undefined> {
  const options = dockerOptions(call);
  const command = shellCommand(call) ?? call.commandLine ?? [];
  if (call.flags.bool("dry-run")) {
    const project = await withLog(call, (events) => openProject(call, events));
    const image = onlyImage(project, call.args[0]);
    call.context.out(`docker run ${[...options, image, ...command].join(" ")}\n`);
    return undefined;
  }
  return inUserNamespace(call, async () => {
    const parsed = parseDockerOptions(options);
    const image = await withLog(call, async (events) => {
      const settings = settingsOf(call, events);
      await using place = await openWorkplace(await openProject(call, events), settings);
      return await prepareRun(place, settings, call.args[0]);
    });
    const { isTerminal, env } = call.context;
    const started = await runContainer(image, {
      options: parsed,
      command,
      home: homeDirectory(call.flags, call.context),
      env,
      supervisor: supervisorCommand(),
      stdin: process.stdin,
      ...(isTerminal && process.stdin.isTTY ? { terminal: "/dev/tty" } : {}),
      onWarning: (text) => call.context.err(`WARNING: ${text}\n`),
    });
    if (started.code === undefined) call.context.out(`${started.id}\n`);
    return started.code;
  });
}

export const runPs = asOwner(ps);
export const runLogs = asOwner(logs);
export const runStop = asOwner(stop);
export const runRemove = asOwner(remove);

/** Files of a container belong to subordinate users, which only the user namespace may touch. */
function asOwner(
  work: (call: Invocation) => Promise<undefined>,
): (call: Invocation) => Promise<number | undefined> {
  return (call) => inUserNamespace(call, () => work(call));
}

async function ps(call: Invocation): Promise<undefined> {
  const containers = await listContainers(homeDirectory(call.flags, call.context), {
    all: call.flags.bool("all"),
  });
  const rows = containers.map((one) => [
    one.id.slice(0, 12),
    one.image,
    one.command.join(" ").slice(0, 40),
    statusText(one),
    portsText(one),
    one.name,
  ]);
  call.context.out(
    `${table([["CONTAINER ID", "IMAGE", "COMMAND", "STATUS", "PORTS", "NAMES"], ...rows]).join("\n")}\n`,
  );
  return undefined;
}

async function logs(call: Invocation): Promise<undefined> {
  const tail = call.flags.int("tail");
  const lines = containerLogs(homeDirectory(call.flags, call.context), call.args[0] ?? "", {
    follow: call.flags.bool("follow"),
    signal: call.context.signal,
    ...(tail === undefined ? {} : { tail }),
  });
  for await (const line of lines) (line.stream === "stderr" ? call.context.err : call.context.out)(line.text);
  return undefined;
}

async function stop(call: Invocation): Promise<undefined> {
  const timeoutSeconds = call.flags.int("time") ?? 10;
  for (const name of call.args) {
    await stopContainer(homeDirectory(call.flags, call.context), name, { timeoutSeconds });
    call.context.out(`${name}\n`);
  }
  return undefined;
}

async function remove(call: Invocation): Promise<undefined> {
  for (const name of call.args) {
    await removeContainer(homeDirectory(call.flags, call.context), name, { force: call.flags.bool("force") });
    call.context.out(`${name}\n`);
  }
  return undefined;
}

/** The words of --docker-options, or those that a shell needs. */
function dockerOptions(call: Invocation): string[] {
  const words = (call.flags.text("docker-options") ?? "").split(/\s+/).filter((word) => word !== "");
  if (shellCommand(call) === undefined) return words;
  if (words.length > 0 || call.commandLine !== undefined)
    throw usageError("shell option cannot be used with other docker run arguments");
  return ["-ti", "--rm"];
}

function shellCommand(call: Invocation): string[] | undefined {
  const [shell, bash] = [call.flags.bool("shell"), call.flags.bool("bash")];
  if (shell && bash) throw usageError("cannot use --shell and --bash options at the same time");
  if (call.commandLine?.length === 0)
    throw usageError("unsupported position args format", "Write the command after --");
  return shell ? ["/bin/sh"] : bash ? ["/bin/bash"] : undefined;
}

function statusText({ status, exitCode, startedAt }: ContainerSummary): string {
  if (status === "exited") return `Exited (${exitCode ?? 0})`;
  return startedAt === undefined ? status : `${status} since ${startedAt}`;
}

function portsText({ ports }: ContainerSummary): string {
  return ports
    .map(
      (port) => `${port.hostAddress ?? "0.0.0.0"}:${port.hostPort}->${port.containerPort}/${port.protocol}`,
    )
    .join(", ");
}
