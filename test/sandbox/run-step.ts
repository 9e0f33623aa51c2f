import { join } from "node:path";
import { runInSandbox } from "#sandbox";

/** `run-step.ts ROOT DIRECTORY COMMAND…`: runs a command as the tests of whole processes need it. */
const [root = "", directory = "", ...command] = process.argv.slice(2);
const [upper, work] = [join(directory, "upper"), join(directory, "work")];
const { code, opaqueDirectories } = await runInSandbox(
  { lower: [root], upper, work, command, env: {} },
  { onOutput: (stream, text) => void process[stream].write(text) },
);
process.stdout.write(`${JSON.stringify({ code, opaqueDirectories })}\n`);
