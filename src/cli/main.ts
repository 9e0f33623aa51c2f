import "./node-22.ts";
import { basename } from "node:path";
import type { Context } from "./command.ts";
import { ROOT } from "./commands.ts";
import { dispatch } from "./dispatch.ts";

declare const SLIPWAY_VERSION: string | undefined;

/** How long work may take to wind up after a signal; a system call that never returns does not hold the program. */
const PATIENCE_MS = 30_000;

let stop: AbortController | undefined;
let stoppedBy: NodeJS.Signals | undefined;
/** Whether output waits in a stream for somebody to read it. */
let isStreaming = false;

const context: Context = {
  calledAs: basename(process.argv[1] ?? "slipway")
    .replace(/\.(js|ts)$/, "")
    .replace(/^main$/, "slipway"),
  version: typeof SLIPWAY_VERSION === "undefined" ? "dev" : SLIPWAY_VERSION,
  env: { ...process.env } as Record<string, string>,
  cwd: currentDirectory(),
  userHome: process.env["HOME"] ?? "/root",
  get isTerminal() {
    return process.stderr.isTTY === true;
  },
  get isOutputTerminal() {
    return process.stdout.isTTY === true;
  },
  get width() {
    return process.stderr.columns ?? 140;
  },
  get signal() {
    return (stop ??= stoppedBySignals()).signal;
  },
  stoppedBy: () => stoppedBy,
  now: () => new Date(),
  out: writer(1, () => process.stdout),
  err: writer(2, () => process.stderr),
};

void dispatch(ROOT, process.argv.slice(2), context).then((code) => {
  process.exitCode = code;
  // To end by itself, Node first waits for the compiler's threads.
  if (!isStreaming || stoppedBy !== undefined) process.exit(code);
});

/** Work that can be stopped asks for this; what cannot, a signal ends at once. */
function stoppedBySignals(): AbortController {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      if (stoppedBy !== undefined) process.exit(130);
      stoppedBy = name;
      controller.abort(new Error(`stopped by ${name}`));
      setTimeout(() => process.exit(130), PATIENCE_MS).unref();
    });
  }
  return controller;
}

/**
 * Writes to a descriptor at once, and through its stream from when it is first full: to load the streams takes longer
 * than most commands write.
 */
function writer(descriptor: number, stream: () => NodeJS.WriteStream): (text: string) => void {
  const { writeSync } = process.getBuiltinModule("node:fs");
  let opened: NodeJS.WriteStream | undefined;
  return (text) => {
    let rest = Buffer.from(text);
    try {
      while (opened === undefined && rest.length > 0) rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") leave(error as NodeJS.ErrnoException);
      opened = stream().on("error", leave);
      isStreaming = true;
    }
    if (rest.length > 0) opened?.write(rest);
  };
}

/** Ends the program in silence when nobody reads on. */
function leave(error: NodeJS.ErrnoException): never {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
}

/** The root where the current directory has been removed meanwhile: relative paths then name nothing of the user's. */
function currentDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return "/";
  }
}
