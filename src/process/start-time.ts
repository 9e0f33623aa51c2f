import { readFile } from "node:fs/promises";

/**
 * When a process began, in clock ticks since boot: with its number it tells a process from a later one that has the
 * same number. Undefined when there is none, or nothing of it but its exit code.
 *
 * @see proc_pid_stat(5), field 22
 */
export async function processStartTime(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The name of the program stands in parentheses and may hold anything, parentheses too.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" ? undefined : fields[19];
}
