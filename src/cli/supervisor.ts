import { superviseContainer } from "#containers";

/** The hidden word by which this program is called to keep one container. */
export const SUPERVISE = "__supervise-container";

/** How a supervisor is started: this program again, with the hidden word. */
export function supervisorCommand(): readonly string[] {
  return [process.execPath, ...process.execArgv, process.argv[1] ?? "", SUPERVISE];
}

/** The whole life of a supervisor process. */
export async function runSupervisor(directory: string): Promise<number> {
  await superviseContainer(directory);
  return 0;
}
