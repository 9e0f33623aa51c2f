import { randomInt } from "node:crypto";

const QUALITIES = [
  "able",
  "brave",
  "brisk",
  "calm",
  "clever",
  "eager",
  "fair",
  "gentle",
  "keen",
  "lively",
  "merry",
  "nimble",
  "proud",
  "quick",
  "quiet",
  "ready",
  "sound",
  "steady",
  "swift",
  "trusty",
];
const THINGS = [
  "anchor",
  "beacon",
  "bow",
  "brig",
  "buoy",
  "cutter",
  "dinghy",
  "galley",
  "harbor",
  "keel",
  "ketch",
  "lugger",
  "mast",
  "pier",
  "rudder",
  "schooner",
  "sloop",
  "tiller",
  "wharf",
  "yawl",
];

/** A name that none of `taken` has, such as `steady_sloop`. */
export function inventName(taken: ReadonlySet<string>): string {
  for (let attempt = 0; ; attempt++) {
    const name = `${pick(QUALITIES)}_${pick(THINGS)}${attempt < 10 ? "" : randomInt(1000)}`;
    if (!taken.has(name)) return name;
  }
}

function pick(words: readonly string[]): string {
  return words[randomInt(words.length)] ?? "";
}
