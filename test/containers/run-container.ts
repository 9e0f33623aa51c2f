import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { parseDockerOptions, removeContainer, runContainer } from "#containers";

/** `run-container.ts HOME ROOT OPTIONS COMMAND…` and `run-container.ts HOME rm NAME`, as whole processes. */
const [home = "", root = "", options = "", ...command] = process.argv.slice(2);
if (root === "rm") {
  await removeContainer(home, options, { force: true });
} else {
  const { id, code } = await runContainer(
    { name: "test", config: {}, lower: [root] },
    {
      options: parseDockerOptions(options),
      command,
      home,
      env: {},
      supervisor: [process.execPath, join(import.meta.dirname, "supervisor.ts")],
      stdin: process.stdin,
      ...(process.stdin.isTTY ? { terminal: await realpath("/proc/self/fd/0") } : {}),
      onWarning: (text) => void process.stderr.write(`${text}\n`),
    },
  );
  process.stdout.write(`${id}\n`);
  process.exitCode = code ?? 0;
}
