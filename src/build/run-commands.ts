import { SlipwayError } from "#errors";
import type { EventPath, EventSink } from "#events";
import { runInSandbox, type SandboxSettings } from "#sandbox";
import type { RootView } from "./root-view.ts";

export interface CommandsStep {
  /** For messages: `install of image app`. */
  readonly title: string;
  readonly commands: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Directories of the root, top first. */
  readonly lower: readonly string[];
  readonly upper: string;
  readonly work: string;
  readonly view: RootView;
  readonly settings: SandboxSettings | undefined;
  readonly events: EventSink;
  readonly path: EventPath;
  readonly signal: AbortSignal;
}

const BASH = "/bin/bash";
const SCRIPT = "/run/slipway/commands.sh";
/** Names the command that begins, between the output of two commands. */
const MARK = /\u001eslipway (\d+)\u001e\n?/;

/**
 * Runs the commands of one stage, in one bash that ends at the first failure, as root in `/`. Answers the directories that
 * hide what lower layers have in them.
 *
 * @throws {SlipwayError} BUILD_NO_BASH; BUILD_COMMAND_FAILED with the command and its exit code.
 */
export async function runCommands(step: CommandsStep): Promise<readonly string[]> {
  if (step.view.stat(step.view.resolve(BASH))?.isFile() !== true) {
    throw new SlipwayError("BUILD_NO_BASH", `Cannot run ${step.title}: the image has no ${BASH}`, {
      hint: "Commands are run by the image's own bash: choose a base image that has one, such as debian:bookworm-slim",
    });
  }
  let current = 0;
  const onOutput = (stream: "stdout" | "stderr", text: string): void => {
    for (const piece of cut(text)) {
      if (typeof piece === "number") {
        current = piece;
        step.events({ type: "log", path: step.path, text: `$ ${step.commands[current] ?? ""}` });
      } else step.events({ type: "log", path: step.path, text: piece, stream });
    }
  };
  const { code, opaqueDirectories } = await runInSandbox(
    {
      lower: step.lower,
      upper: step.upper,
      work: step.work,
      command: [BASH, "-e", SCRIPT],
      files: [{ target: SCRIPT, content: script(step.commands) }],
      env: step.env,
      cwd: "/",
      user: "0:0",
      hostname: "slipway",
      ...(step.settings === undefined ? {} : { settings: step.settings }),
    },
    { signal: step.signal, onOutput },
  );
  if (code === 0) return opaqueDirectories;
  throw new SlipwayError(
    "BUILD_COMMAND_FAILED",
    `Cannot build ${step.title}: command \`${step.commands[current] ?? ""}\` ended with code ${code}`,
    { hint: "Its output stands above; nothing of the stage is kept, and the next build begins with it" },
  );
}

function script(commands: readonly string[]): string {
  return commands.map((command, index) => `printf '\\036slipway ${index}\\036\\n'\n${command}\n`).join("");
}

/** Text and marks, in order. */
function cut(text: string): readonly (string | number)[] {
  return text
    .split(MARK)
    .map((piece, index) => (index % 2 === 1 ? Number(piece) : piece))
    .filter((piece) => piece !== "");
}
