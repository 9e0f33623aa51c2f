import type { EventPath, EventSink, Outcome } from "./event.ts";

/** A sink that drops everything. */
export const silent: EventSink = () => undefined;

/**
 * Runs a piece of work between its `started` and its `finished` or `failed` event.
 * The work may answer `outcome` and `text` through `end`; without it the outcome is `done`.
 */
export async function during<T>(
  sink: EventSink,
  path: EventPath,
  work: (end: (outcome: Outcome, text?: string) => void) => Promise<T>,
  title?: string,
): Promise<T> {
  let outcome: Outcome = "done";
  let text: string | undefined;
  sink({ type: "started", path, ...(title === undefined ? {} : { title }) });
  try {
    const result = await work((ended, said) => {
      outcome = ended;
      text = said;
    });
    sink({ type: "finished", path, outcome, ...(text === undefined ? {} : { text }) });
    return result;
  } catch (error) {
    sink({ type: "failed", path, message: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}
