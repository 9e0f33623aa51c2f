import type { Invocation } from "./command.ts";
import { ROOT } from "./commands.ts";
import { completionScript, SHELLS, type Shell } from "./completion-script.ts";
import { usageError } from "./dialect.ts";

/** Prints a script that completes commands and flags. */
export async function runCompletion(call: Invocation): Promise<undefined> {
  const wanted = call.args[0] ?? call.flags.text("shell") ?? "bash";
  const shell = SHELLS.find((one) => one === wanted);
  if (shell === undefined) {
    throw usageError(`Shell "${wanted}" is not supported`, `Use one of ${SHELLS.join(", ")}`);
  }
  const name = call.context.calledAs === "werf" ? "werf" : "slipway";
  call.context.out(completionScript(shell, ROOT, name));
  return undefined;
}

/** `helm completion SHELL`: the same for the name under which this program is Helm. */
export async function runHelmCompletion(call: Invocation): Promise<undefined> {
  const helm = ROOT.commands?.find((command) => command.name === "helm");
  if (helm === undefined) throw new TypeError("the command table has no helm");
  call.context.out(completionScript(call.command.name as Shell, helm, "helm"));
  return undefined;
}
