import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** How long processes may take to end by themselves before they are killed. */
const PATIENCE_MS = 2000;
const LOOK_MS = 20;

interface Process {
  readonly pid: number;
  readonly parent: number;
  /** In clock ticks since boot: another process may get the number later. */
  readonly started: string;
}

/** Ends a process and all that it has started: asks them first, and kills what is left after two seconds. */
export async function endTree(pid: number): Promise<void> {
  let left = treeOf(pid);
  for (const one of left) send(one, "SIGTERM");
  for (let waited = 0; waited < PATIENCE_MS; waited += LOOK_MS) {
    left = left.filter(isAlive);
    if (left.length === 0) return;
    await sleep(LOOK_MS);
  }
  for (const one of new Set([...left.flatMap((one) => treeOf(one.pid)), ...left])) send(one, "SIGKILL");
}

function treeOf(pid: number): Process[] {
  const all = readdirSync("/proc").flatMap((name) => processOf(Number(name)) ?? []);
  const children = Map.groupBy(all, ({ parent }) => parent);
  const tree = all.filter((one) => one.pid === pid);
  for (const one of tree) tree.push(...(children.get(one.pid) ?? []));
  return tree;
}

function isAlive({ pid, started }: Process): boolean {
  return processOf(pid)?.started === started;
}

/** Undefined where there is none, or nothing of it but its exit code. @see proc_pid_stat(5) */
function processOf(pid: number): Process | undefined {
  if (!Number.isInteger(pid)) return undefined;
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name of the program stands in parentheses and may hold anything, parentheses too.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : { pid, parent: Number(fields[1]), started: fields[19] ?? "" };
  } catch {
    return undefined;
  }
}

function send(one: Process, signal: NodeJS.Signals): void {
  try {
    if (isAlive(one)) process.kill(one.pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}
