import { define, type TemplateFunction } from "../function.ts";
import { GoNumber, type Value } from "../value.ts";
import { parseDigits } from "./cast.ts";
import { parseDuration, printDuration, roundDuration, SECOND } from "./duration.ts";
import { GoTime } from "./go-time.ts";
import { parseTime } from "./time-layout.ts";
import { loadZone, UTC, type Zone } from "./zone.ts";

const HTML_DATE = "2006-01-02";
const MINUTE = 60n * SECOND;
const HOUR = 60n * MINUTE;
const DAY = 24n * HOUR;

/** @param zoneName the IANA name of the zone in which dates are read and shown. */
export function dateFunctions(now: () => Date, zoneName: string): readonly TemplateFunction[] {
  const local = loadZone(zoneName) ?? UTC;
  const startedAt = now().getTime();
  const currentTime = () => timeOf(now(), startedAt, local);
  const modify = (change: string, time: Value) => (time as GoTime).plus(parseDuration(change));
  const modifyOrKeep = (change: string, time: Value) => orElse(() => modify(change, time), time as GoTime);
  const shown = (layout: string, date: Value, zone: Zone) =>
    (timeFrom(date, local) ?? currentTime()).in(zone).format(layout);
  const inZone = (layout: string, date: Value, zone: string) =>
    shown(layout, date, zone === "Local" ? local : (loadZone(zone) ?? UTC));
  const toDate = (layout: string, text: string) => new GoTime(parseTime(layout, text, local), local);

  return [
    define("now", "func() time.Time", currentTime),
    define("date", "func(string, interface {}) string", (layout, date) => shown(layout, date, local)),
    define("dateInZone", "func(string, interface {}, string) string", inZone),
    define("date_in_zone", "func(string, interface {}, string) string", inZone),
    define("htmlDate", "func(interface {}) string", (date) => shown(HTML_DATE, date, local)),
    define("htmlDateInZone", "func(interface {}, string) string", (date, zone) =>
      inZone(HTML_DATE, date, zone),
    ),
    define("dateModify", "func(string, time.Time) time.Time", modifyOrKeep),
    define("date_modify", "func(string, time.Time) time.Time", modifyOrKeep),
    define("mustDateModify", "func(string, time.Time) (time.Time, error)", modify),
    define("must_date_modify", "func(string, time.Time) (time.Time, error)", modify),
    define("toDate", "func(string, string) time.Time", (layout, text) =>
      orElse(() => toDate(layout, text), GoTime.zero(local)),
    ),
    define("mustToDate", "func(string, string) (time.Time, error)", toDate),
    define("unixEpoch", "func(time.Time) string", (time) => String((time as GoTime).seconds)),
    define("ago", "func(interface {}) string", (date) => {
      const then = isInt32(date) ? undefined : timeFrom(date, local);
      return printDuration(roundDuration(then === undefined ? 0n : currentTime().since(then), SECOND));
    }),
    define("duration", "func(interface {}) string", (seconds) =>
      printDuration(BigInt.asIntN(64, wholeSeconds(seconds) * SECOND)),
    ),
    define("durationRound", "func(interface {}) string", (value) =>
      roughly(durationFrom(value, currentTime)),
    ),
  ];
}

function timeOf(date: Date, startedAt: number, local: Zone): GoTime {
  const milliseconds = date.getTime();
  const seconds = Math.floor(milliseconds / 1000);
  const nanoseconds = Math.round((milliseconds - seconds * 1000) * 1_000_000);
  return new GoTime(
    { seconds, nanoseconds, zone: local },
    local,
    BigInt(Math.round((milliseconds - startedAt) * 1_000_000)) + 1n,
  );
}

/** The time that Sprig takes a value for: a time, or an int of seconds; undefined (that is, now) for all others. */
function timeFrom(value: Value, local: Zone): GoTime | undefined {
  if (value instanceof GoTime) return value;
  if (typeof value === "bigint") return GoTime.fromUnix(Number(value), local);
  const isUnix = value instanceof GoNumber && (value.type === "int64" || value.type === "int32");
  return isUnix ? GoTime.fromUnix(Number(value.value), local) : undefined;
}

function isInt32(value: Value): boolean {
  return value instanceof GoNumber && value.type === "int32";
}

/** Only texts and int64 count; an int is no int64. */
function wholeSeconds(value: Value): bigint {
  if (typeof value === "string") return parseDigits(value, 10);
  return value instanceof GoNumber && value.type === "int64" ? BigInt(value.value) : 0n;
}

function durationFrom(value: Value, currentTime: () => GoTime): bigint {
  if (typeof value === "string") return orElse(() => parseDuration(value), 0n);
  if (value instanceof GoTime) return currentTime().since(value);
  return value instanceof GoNumber && value.type === "int64" ? BigInt(value.value) : 0n;
}

/** In the largest unit of which it has more than one, cut off: `2mo`. */
function roughly(duration: bigint): string {
  const size = duration < 0n ? -duration : duration;
  const units = [
    [365n * DAY, "y"],
    [30n * DAY, "mo"],
    [DAY, "d"],
    [HOUR, "h"],
    [MINUTE, "m"],
    [SECOND, "s"],
  ] as const;
  const unit = units.find(([length]) => size > length);
  return unit === undefined ? "0s" : `${size / unit[0]}${unit[1]}`;
}

function orElse<T>(run: () => T, fallback: T): T {
  try {
    return run();
  } catch {
    return fallback;
  }
}
