import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { open, readFile, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Duplex, Readable, Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { scratchDirectory } from "#disk";
import { SlipwayError } from "#errors";
import { start } from "#process";
import { resolveAccount } from "./account.ts";
import { ControlChannel } from "./control.ts";
import { bindLine, deviceLines, formatMountTable, kernelLines, type MountLine } from "./mount-table.ts";
import { MountPoints } from "./mount-points.ts";
import { findOpaqueDirectories } from "./opaque.ts";
import { OutputPipes } from "./output-pipes.ts";
import { resolveInRoot } from "./rooted-path.ts";
import { launchScript, MOUNT_SCRIPT } from "./script.ts";
import { settingsParts } from "./settings.ts";
import { stage, type Staged } from "./staging.ts";
import type { SandboxFile, SandboxStep } from "./step.ts";
import { sandboxTools, TOOL_PATH, type Tools } from "./tools.ts";
import { isInUserNamespace } from "./user-namespace.ts";

export interface StartSandboxOptions {
  readonly stdin: "ignore" | "pipe" | "inherit";
  /** stdout and stderr: to be read here, or slipway's own. */
  readonly output: "pipe" | "inherit";
  /** The command is process 1 itself, as in a container of Docker; else a shell is, which takes in orphans. */
  readonly isProcessOne?: boolean;
  /** Path of the terminal that becomes /dev/console; the command then shares slipway's session, and so the terminal's signals. */
  readonly terminal?: string;
  /** Called when the namespaces exist and the command has not started: the time to give the network its devices. */
  readonly onReady?: (pid: number) => Promise<void>;
}

/** A command at work. Everything in it dies with this process, however that ends. */
export interface RunningSandbox extends AsyncDisposable {
  /** A process in the namespaces, though not in the root: for /proc/PID/ns and nsenter. */
  readonly pid: number;
  readonly stdin: Writable | null;
  /** Only with `output: "pipe"`; both must be read for `ended` to come. */
  readonly stdout?: Readable;
  readonly stderr?: Readable;
  /** The exit code, or 128 + signal number, once every process is gone and every stream is read. */
  readonly ended: Promise<number>;
  /** Sends a signal to process 1 of the sandbox. */
  signal(name: NodeJS.Signals): Promise<void>;
  /** Ends everything at once. */
  kill(): void;
  /** Directories of `upper` that hide what is below; to be asked after `ended` and before disposal. */
  opaqueDirectories(): Promise<readonly string[]>;
}

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Starts a command in a root. The caller awaits `ended` and disposes; disposal ends what still runs, and takes the places of
 * the sandbox's own mounts out of `upper`.
 *
 * @throws {SlipwayError} SANDBOX_SETUP_FAILED, SANDBOX_PROGRAM_MISSING, SANDBOX_USER_UNKNOWN, SANDBOX_MOUNT_MISSING
 */
export async function startSandbox(step: SandboxStep, options: StartSandboxOptions): Promise<RunningSandbox> {
  await using stack = new AsyncDisposableStack();
  const [tools, isUserNamespace] = await Promise.all([sandboxTools(), isInUserNamespace()]);
  const staging = stack.use(await scratchDirectory(dirname(step.work), "sandbox")).path;
  const settings = settingsParts(step.settings ?? {});
  const mounts = [...settings.mounts, ...(step.mounts ?? [])];
  const files = [...(await networkFiles(step)), ...settings.files, ...(step.files ?? [])];
  const staged = stage(staging, step, mounts, files, isUserNamespace);

  let points: MountPoints | undefined;
  stack.defer(() => points?.undo());
  const views: FileHandle[] = [];
  stack.defer(async () => void (await Promise.all(views.map((view) => view.close()))));
  const hasPipes = options.output === "pipe";
  const { child, ended } = start(
    tools.setpriv,
    namespaceArguments(tools, staging, staged, step, hasPipes),
    { env: { PATH: TOOL_PATH, LIBMOUNT_FORCE_MOUNT2: "always" }, detached: options.terminal === undefined },
    [options.stdin, hasPipes ? "ignore" : "inherit", hasPipes ? "pipe" : "inherit", "pipe"],
  );
  const kill = (): void => void child.kill("SIGKILL");
  stack.defer(async () => {
    kill();
    await ended.catch(() => undefined);
  });

  const pid = child.pid ?? 0;
  const control = new ControlChannel(child.stdio[3] as unknown as Duplex); // Node makes a socket of a "pipe"
  if (child.stderr !== null) control.listen(child.stderr);
  await control.expect("mounted");
  for (const name of ["m", "b"]) views.push(await open(`/proc/${pid}/root${join(staging, name)}`, "r"));
  const [merged = "", below = ""] = views.map((view) => `/proc/self/fd/${view.fd}`);
  points = new MountPoints(merged, step.upper);
  const lines = mountLines(staging, staged, points, isUserNamespace, step, options.terminal);
  writeFileSync(join(staging, "mounts"), formatMountTable(lines));
  const script = prepareLaunch(step, merged, settings.env, tools, options);
  writeFileSync(join(staging, "launch"), script, { mode: 0o600 });
  await options.onReady?.(pid);
  const output = await release(control, hasPipes ? new OutputPipes(staging) : undefined);

  const { covered } = points;
  const resources = stack.move();
  return {
    pid,
    stdin: child.stdin,
    ...(output === undefined ? {} : { stdout: output[0], stderr: output[1] }),
    ended: Promise.all([
      ended,
      ...(output ?? []).map((stream) => finished(stream, { writable: false })),
    ]).then(([code]) => code),
    kill,
    signal: async (name) => signalProcessOne(pid, name),
    opaqueDirectories: () => findOpaqueDirectories({ upper: step.upper, below, merged, covered }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** Lets the script go on, and waits until the command runs. */
async function release(
  control: ControlChannel,
  pipes: OutputPipes | undefined,
): Promise<readonly [Readable, Readable] | undefined> {
  try {
    control.say("go");
    await control.expect("started");
  } catch (error) {
    pipes?.close();
    throw error;
  }
  return pipes?.read();
}

/** setpriv and unshare both tie their child's life to their parent's, so that no process outlives slipway. */
function namespaceArguments(
  tools: Tools,
  staging: string,
  staged: Staged,
  step: SandboxStep,
  hasPipes: boolean,
): readonly string[] {
  const namespaces = ["--mount", "--pid", "--uts", "--ipc", ...(step.network === "own" ? ["--net"] : [])];
  const lives = ["--pdeathsig", "KILL", tools.unshare, ...namespaces, "--fork", "--kill-child", "--"];
  const script = [tools.sh, "-c", MOUNT_SCRIPT, "sh", staging, tools.mount];
  const volatile = step.isKept === true ? "" : "volatile";
  const pipes = hasPipes ? tools.mkfifo : "";
  return [...lives, ...script, staged.belowOptions, staged.mergedOptions, pipes, volatile];
}

async function networkFiles(step: SandboxStep): Promise<readonly SandboxFile[]> {
  const hostname = step.hostname ?? "slipway";
  const own = "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n";
  const ofMachine = async (path: string): Promise<string> => readFile(path, "utf8").catch(() => "");
  const hosts = step.network === "own" ? own : (await ofMachine("/etc/hosts")) || own;
  return [
    {
      target: "/etc/resolv.conf",
      content: step.resolvConf ?? (await ofMachine("/etc/resolv.conf")),
      mode: 0o644,
      isWritable: true,
    },
    {
      target: "/etc/hosts",
      content: `${hosts.trimEnd()}\n${step.hosts ?? `127.0.0.1 ${hostname}`}\n`,
      mode: 0o644,
      isWritable: true,
    },
    { target: "/etc/hostname", content: `${hostname}\n`, mode: 0o644, isWritable: true },
  ];
}

function mountLines(
  staging: string,
  staged: Staged,
  points: MountPoints,
  isUserNamespace: boolean,
  step: SandboxStep,
  terminal: string | undefined,
): readonly MountLine[] {
  const inRoot = (target: string, kind: "file" | "directory"): string =>
    `${staging}/m${points.place(target, kind)}`;
  const hasOwnNetwork = step.network === "own";
  const [proc, sys] = [inRoot("/proc", "directory"), inRoot("/sys", "directory")];
  const lines = [
    ...kernelLines(proc, sys, { isUserNamespace, hasOwnNetwork }),
    ...deviceLines(join(staging, "d"), inRoot("/dev", "directory"), terminal),
  ];
  for (const { source, target, kind, isReadOnly } of staged.mounts) {
    lines.push(bindLine(source, inRoot(target, kind), isReadOnly));
  }
  return lines;
}

function prepareLaunch(
  step: SandboxStep,
  merged: string,
  settingsEnv: Readonly<Record<string, string>>,
  tools: Tools,
  options: StartSandboxOptions,
): string {
  const read = (path: string): string => {
    const { path: real, exists } = resolveInRoot(merged, path);
    return exists ? readFileSync(merged + real, "utf8") : "";
  };
  const account = resolveAccount(step.user ?? "", read("/etc/passwd"), read("/etc/group"));
  const cwd = makeWorkingDirectory(merged, step.cwd ?? "/");
  const rootEnv = resolveInRoot(merged, "/usr/bin/env").exists ? "/usr/bin/env" : undefined;
  const env = { HOME: account.home, PATH: DEFAULT_PATH, ...settingsEnv, ...step.env };
  for (const text of [...step.command, ...Object.entries(env).flat()]) {
    if (text.includes("\0"))
      throw new SlipwayError(
        "SANDBOX_BAD_TEXT",
        "Cannot start a command: an argument or variable holds a NUL byte",
      );
  }
  const hostname = step.hostname ?? "slipway";
  const isProcessOne = options.isProcessOne ?? false;
  const hasPipes = options.output === "pipe";
  return launchScript({
    tools,
    hostname,
    env,
    rootEnv,
    ...account,
    cwd,
    command: step.command,
    isProcessOne,
    hasPipes,
  });
}

function makeWorkingDirectory(merged: string, cwd: string): string {
  const { path, exists, missing } = resolveInRoot(merged, cwd);
  if (exists) return path;
  for (const directory of [...missing, path]) {
    mkdirSync(merged + directory);
    chmodSync(merged + directory, 0o755);
  }
  return path;
}

async function signalProcessOne(parent: number, name: NodeJS.Signals): Promise<void> {
  const children = await readFile(`/proc/${parent}/task/${parent}/children`, "utf8").catch(() => "");
  const [first] = children
    .trim()
    .split(" ")
    .filter((word) => word !== "");
  if (first !== undefined) process.kill(Number(first), name);
}
