import { userInfo } from "node:os";
import { start } from "#process";
import { assertUserNamespaces, isInUserNamespace, userNamespaceCommand } from "#sandbox";
import type { Invocation } from "./command.ts";

/**
 * Does the work as root, or starts this program again as root of a user namespace, where a plain user may mount and own
 * files of several users.
 */
export async function inUserNamespace(
  call: Invocation,
  work: () => Promise<number | undefined>,
): Promise<number | undefined> {
  if (process.geteuid?.() === 0 || (await isInUserNamespace())) return work();
  const { username, uid } = userInfo();
  await assertUserNamespaces({ name: username, uid });
  const [program = "", ...args] = userNamespaceCommand([
    process.execPath,
    ...process.execArgv,
    ...process.argv.slice(1),
  ]);
  const { child, ended } = start(program, args, { env: call.context.env }, "inherit");
  call.context.signal.addEventListener("abort", () => void child.kill(call.context.stoppedBy() ?? "SIGTERM"));
  return ended;
}
