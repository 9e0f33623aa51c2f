import { basename } from "node:path";
import type { Context } from "./command.ts";
import { ROOT } from "./commands.ts";
import { dispatch } from "./dispatch.ts";

declare const SLIPWAY_VERSION: string | undefined;

/** How long work may take to wind up after a signal; a system call that never returns does not hold the program. */
const PATIENCE_MS = 30_000;

const stop = new AbortController();
let stoppedBy: NodeJS.Signals | undefined;
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(name, () => {
    if (stoppedBy !== undefined) process.exit(130);
    stoppedBy = name;
    stop.abort(new Error(`stopped by ${name}`));
    setTimeout(() => process.exit(130), PATIENCE_MS).unref();
  });
}
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
}

const context: Context = {
  calledAs: basename(process.argv[1] ?? "slipway")
    .replace(/\.(js|ts)$/, "")
    .replace(/^main$/, "slipway"),
  version: typeof SLIPWAY_VERSION === "undefined" ? "dev" : SLIPWAY_VERSION,
  env: Object.fromEntries(
    Object.entries(process.env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  ),
  cwd: currentDirectory(),
  userHome: process.env["HOME"] ?? "/root",
  isTerminal: process.stderr.isTTY === true,
  isOutputTerminal: process.stdout.isTTY === true,
  width: process.stderr.columns ?? 140,
  signal: stop.signal,
  stoppedBy: () => stoppedBy,
  now: () => new Date(),
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
};

process.exitCode = await dispatch(ROOT, process.argv.slice(2), context);
if (stoppedBy !== undefined) process.exit(process.exitCode);

/** The root where the current directory has been removed meanwhile: relative paths then name nothing of the user's. */
function currentDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return "/";
  }
}
