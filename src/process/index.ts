/**
 * Starting other programs: always an argument array, an explicit environment, and an AbortSignal.
 * run() waits and collects, start() hands out the streams. processStartTime() tells processes of one number apart.
 */
export { run, start, findProgram, type RunOptions, type RunResult, type Started } from "./run.ts";
export { processStartTime } from "./start-time.ts";
