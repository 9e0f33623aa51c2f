/**
 * Watches what a release started until it is really ready or has failed, with pod logs, events and states streaming by.
 */
export { isTracked, track } from "./track.ts";
export type { TrackOptions } from "./options.ts";
