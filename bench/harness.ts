import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface Side {
  readonly label: string;
  /** Brings back the state before each round; not timed. */
  readonly prepare?: () => Promise<void>;
  readonly run: () => Promise<Usage | undefined>;
}

export interface Case {
  readonly name: string;
  readonly slipway: Side;
  readonly peer: Side;
  readonly rounds?: number;
  /** The most that slipway may take of the peer's time, as the project's aim. */
  readonly aim?: number;
}

export interface Usage {
  readonly peakMib: number;
}

export const root: string = join(import.meta.dirname, "..");
export const node: string = process.execPath;
export const slipway: string = join(root, "bin/slipway.js");

/** Runs both sides of every case in turn, round by round, and prints medians and ratios. */
export async function compare(title: string, cases: readonly Case[]): Promise<void> {
  process.stdout.write(
    `\n## ${title}\n\n| case | slipway, s: median (min–max) | peer, s | ratio | aim | peak MiB |\n| --- | --- | --- | --- | --- | --- |\n`,
  );
  for (const one of cases) {
    const mine: number[] = [];
    const theirs: number[] = [];
    const peaks: [number, number] = [0, 0];
    const rounds = one.rounds ?? 9;
    for (let round = -1; round < rounds; round++) {
      for (const [index, side] of [one.slipway, one.peer].entries()) {
        await side.prepare?.();
        const started = performance.now();
        const usage = await side.run();
        const seconds = (performance.now() - started) / 1000;
        peaks[index] = Math.max(peaks[index] ?? 0, usage?.peakMib ?? 0);
        if (round >= 0) (index === 0 ? mine : theirs).push(seconds);
      }
    }
    const ratio = median(mine) / median(theirs);
    const memory = peaks[0] === 0 ? "" : `${peaks[0]} / ${peaks[1]}`;
    process.stdout.write(
      `| ${one.name} | ${shown(mine)} | ${one.peer.label} ${shown(theirs)} | **${ratio.toFixed(2)}** | ${one.aim === undefined ? "" : `≤ ${one.aim}`} | ${memory} |\n`,
    );
  }
}

/** Runs a program to its end without its output; the peak of its memory is the kernel's own figure. */
export function execute(
  program: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Usage> {
  const child = spawn(program, args, { ...options, stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  let peakMib = 0;
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  const watch = setInterval(() => {
    peakMib = Math.max(peakMib, peakOf(child.pid ?? 0));
  }, 5);
  return new Promise((resolve, reject) => {
    child.on("close", (code) => {
      clearInterval(watch);
      if (code === 0) resolve({ peakMib });
      else reject(new Error(`${program} ${args.join(" ")} ended with ${code}: ${errors}`));
    });
  });
}

function peakOf(pid: number): number {
  try {
    const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return Math.round(Number(line?.[1] ?? 0) / 1024);
  } catch {
    return 0;
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function shown(values: readonly number[]): string {
  return `${median(values).toFixed(3)} (${Math.min(...values).toFixed(3)}–${Math.max(...values).toFixed(3)})`;
}
