import { spawn } from "node:child_process";

/**
 * Runs a command at a terminal of its own, typing each answer after the prompt that it belongs to; answers what the
 * terminal showed, and the exit code.
 */
export async function atTerminal(
  command: readonly string[],
  answers: readonly (readonly [prompt: string, typed: string])[],
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<{ readonly code: number | null; readonly shown: string }> {
  const line = command.map((word) => `'${word}'`).join(" ");
  const child = spawn("script", ["--quiet", "--return", "--echo", "never", "--command", line, "/dev/null"], {
    env,
    cwd,
  });
  let shown = "";
  let from = 0;
  const waiting = [...answers];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    shown += text;
    const [next] = waiting;
    const at = next === undefined ? -1 : shown.indexOf(next[0], from);
    if (next === undefined || at < 0) return;
    from = at + next[0].length;
    waiting.shift();
    child.stdin.write(next[1]);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("close", resolve).on("error", reject);
  });
  return { code, shown: shown.replaceAll("\r", "") };
}
