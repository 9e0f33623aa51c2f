/** The checks that every commit passes, side by side: types, lint, format, house rules and unit tests. */
import { spawn } from "node:child_process";

const CHECKS: Readonly<Record<string, readonly string[]>> = {
  types: ["tsc", "-p", "."],
  lint: ["oxlint", "--type-aware", "--quiet", "src", "test", "bench", "scripts"],
  format: ["oxfmt", "--check", "src", "test", "bench", "scripts"],
  tests: [
    "node",
    "--test",
    "--test-isolation=none",
    "--test-reporter=dot",
    "src/**/*.test.ts",
    "test/house/*.test.ts",
  ],
  pages: ["node", "scripts/docs.ts", "--check"],
};

const leftOut = process.argv.flatMap((word) => /^--without=(.*)/.exec(word)?.[1] ?? []);
const results = await Promise.all(
  Object.entries(CHECKS)
    .filter(([name]) => !leftOut.includes(name))
    .map(async ([name, [program = "", ...args]]) => {
      const started = performance.now();
      const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
      const output: Buffer[] = [];
      child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
      child.stderr.on("data", (chunk: Buffer) => output.push(chunk));
      const code = await new Promise<number>((resolve) => child.on("close", (ended) => resolve(ended ?? 1)));
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      process.stdout.write(`${code === 0 ? "ok    " : "FAILED"} ${name} (${seconds} s)\n`);
      if (code !== 0) process.stdout.write(Buffer.concat(output));
      return code;
    }),
);
process.exitCode = results.some((code) => code !== 0) ? 1 : 0;
