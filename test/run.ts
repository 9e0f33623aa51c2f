/**
 * All tests: the quick checks, then unit tests, then the tests against real parts (registry, Kubernetes node, helm),
 * one after another, since the real parts share the machine. Ends with one line that counts them all.
 */
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { join, relative } from "node:path";

const root = join(import.meta.dirname, "..");
const wanted = process.argv.slice(2);

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const total: Counts = { passed: 0, failed: 0, skipped: 0 };
const started = performance.now();

const wasUp = !(await execute("node", ["test/env/main.ts", "status", "cluster"])).output.includes(" down");
await step("bundle", ["node", "scripts/bundle.ts"]);
if (wanted.length === 0) {
  await step("checks", ["node", "scripts/ok.ts", "--without=tests"]);
  await tests("unit tests", ["--test-isolation=none", ...globSync("src/**/*.test.ts", { cwd: root })]);
}
const real = globSync("test/**/*.test.ts", { cwd: root })
  .filter((file) => wanted.length === 0 || wanted.some((word) => file.includes(word)))
  .toSorted();
for (const file of real) {
  const reason = whySkipped(relative("test", file));
  if (reason === undefined) await tests(relative("test", file), ["--test-concurrency=1", file]);
  else skip(relative("test", file), reason);
}
if (wanted.length === 0 && !wasUp)
  await step("take the test environment down", ["node", "test/env/main.ts", "down"], true);

const minutes = ((performance.now() - started) / 60_000).toFixed(1);
process.stdout.write(`\nall tests took ${minutes} minutes\n`);
process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exitCode = total.failed > 0 ? 1 : 0;

/** Why a whole file cannot run on this machine. With CI=true nothing is skipped: it then fails and says what is missing. */
function whySkipped(file: string): string | undefined {
  if (process.env["CI"] === "true" || process.geteuid?.() === 0) return undefined;
  const isForRoot = ["build/", "containers/", "sandbox/"].some((folder) => file.startsWith(folder));
  return isForRoot ? "commands in images, networks and users of their own take root here" : undefined;
}

function skip(file: string, reason: string): void {
  process.stdout.write(`\n== ${file}\nskipped: ${reason}\n`);
  total.skipped++;
}

async function step(title: string, [program = "", ...args]: string[], mayFail = false): Promise<void> {
  process.stdout.write(`\n== ${title}\n`);
  const { code } = await execute(program, args);
  if (code !== 0 && !mayFail) total.failed++;
}

async function tests(title: string, args: readonly string[]): Promise<void> {
  process.stdout.write(`\n== ${title}\n`);
  const { code, output } = await execute("node", ["--test", "--test-reporter=spec", ...args]);
  const counts = {
    passed: count(output, "pass"),
    failed: count(output, "fail"),
    skipped: count(output, "skipped"),
  };
  total.passed += counts.passed;
  total.failed += counts.failed === 0 && code !== 0 ? 1 : counts.failed;
  total.skipped += counts.skipped;
}

function count(output: string, word: string): number {
  return Number(new RegExp(`^ℹ ${word} (\\d+)$`, "m").exec(output)?.[1] ?? 0);
}

function execute(program: string, args: readonly string[]): Promise<{ code: number; output: string }> {
  const child = spawn(program, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
    process.stdout.write(chunk);
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code: code ?? 1, output })));
}
