import { ZONES } from "./zone-names.ts";

/** A place on the clock: how far it is from UTC at some time, and what the time is called there. */
export interface Zone {
  readonly name: string;
  at(unixSeconds: number): ZoneTime;
  /** How far it is from UTC when the time is called so, at the time that a clock there shows as `clockSeconds`. */
  offsetOf(abbreviation: string, clockSeconds: number): number | undefined;
}

export interface ZoneTime {
  /** `CET`, `+0545` */
  readonly abbreviation: string;
  /** Seconds east of UTC. */
  readonly offset: number;
}

/** A zone whose clock is never changed. Without a name the offset is shown in its place. */
export function fixedZone(name: string, offset: number): Zone {
  const time = { abbreviation: name, offset };
  return { name, at: () => time, offsetOf: (abbreviation) => (abbreviation === name ? offset : undefined) };
}

export const UTC: Zone = { ...fixedZone("UTC", 0), offsetOf: () => undefined };

const loaded = new Map<string, Zone | undefined>();

/** The zone of that IANA name, written exactly so; undefined when there is none. */
export function loadZone(name: string): Zone | undefined {
  if (name === "UTC" || name === "") return UTC;
  if (!loaded.has(name)) loaded.set(name, findZone(name));
  return loaded.get(name);
}

function findZone(name: string): Zone | undefined {
  for (const line of ZONES.trim().split("\n")) {
    const [letters = "", names = ""] = line.split("|");
    if (!names.split(" ").includes(name)) continue;
    const known = letters.split(",").filter((entry) => entry !== "");
    return new IanaZone(name, new Map(known.map(parseEntry)));
  }
  return undefined;
}

function parseEntry(entry: string): readonly [offset: number, letters: string] {
  const [letters = "", offset = "0"] = entry.split(" ");
  return [Number(offset), letters];
}

/** The latest time that Intl knows, in seconds from 1970 on either side. */
const MAX_SECONDS = 8_640_000_000_000;

class IanaZone implements Zone {
  readonly name: string;
  readonly #letters: ReadonlyMap<number, string>;
  readonly #format: Intl.DateTimeFormat;

  constructor(name: string, letters: ReadonlyMap<number, string>) {
    this.name = name;
    this.#letters = letters;
    this.#format = new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset" });
  }

  at(unixSeconds: number): ZoneTime {
    const within = Math.max(-MAX_SECONDS, Math.min(MAX_SECONDS, unixSeconds));
    const parts = this.#format.formatToParts(within * 1000);
    const offset = parseOffset(parts.find((part) => part.type === "timeZoneName")?.value ?? "");
    return { offset, abbreviation: this.#letters.get(offset) ?? numeric(offset) };
  }

  offsetOf(abbreviation: string, clockSeconds: number): number | undefined {
    const offsets = [...this.#letters]
      .filter(([, letters]) => letters === abbreviation)
      .map(([offset]) => offset);
    return (
      offsets.find((offset) => this.at(clockSeconds - offset).abbreviation === abbreviation) ?? offsets[0]
    );
  }
}

/** `GMT`, `GMT-05:00`, `GMT+00:57:44` */
function parseOffset(text: string): number {
  const [, sign, hours = "0", minutes = "0", seconds = "0"] =
    /([+-\u2212])(\d+):(\d+)(?::(\d+))?/.exec(text) ?? [];
  const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return size === 0 ? 0 : sign === "+" ? size : -size;
}

/** Local mean time, which nobody has kept for a century, is the only one that is not whole quarters of an hour. */
function numeric(offset: number): string {
  if (offset % 900 !== 0) return "LMT";
  const minutes = Math.abs(offset) / 60;
  const digits = [Math.trunc(minutes / 60), minutes % 60]
    .map((part) => String(part).padStart(2, "0"))
    .join("");
  return (offset < 0 ? "-" : "+") + digits.replace(/00$/, "");
}
