/**
 * The vocabulary of progress. Rooms that take time emit these events and write nothing; terminal and report listen.
 * A path names what is at work, outermost first: ["image app", "stage install"] or ["release shop", "po/web-1", "web"].
 */
export type { Event, EventPath, EventSink, Outcome } from "./event.ts";
export { during, silent } from "./during.ts";
