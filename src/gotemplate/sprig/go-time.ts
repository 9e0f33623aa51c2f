import { define, type TemplateFunction } from "../function.ts";
import { GoNumber, type GoObject, type NumberTraits, type Value } from "../value.ts";
import { calendarDay, dayOfYear, daysOf, MONTHS, WEEKDAYS, type CalendarDay } from "./calendar.ts";
import { goDuration, nanosecondsOf } from "./duration.ts";
import { clockToUnix, formatTime, type Moment } from "./time-layout.ts";
import { UTC, type Zone } from "./zone.ts";

const LONG_LAYOUT = "2006-01-02 15:04:05.999999999 -0700 MST";
const JSON_LAYOUT = "2006-01-02T15:04:05.999999999Z07:00";
const SECOND = 1_000_000_000n;
const YEAR_ONE = daysOf(1, 1, 1) * 86_400;
const MAX_DURATION = 2n ** 63n - 1n;

/** A `time.Time`. */
export class GoTime implements GoObject, Moment {
  readonly goType = "time.Time";
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly zone: Zone;
  /** What the clock that never goes back showed, in nanoseconds; only times that `now` gives have it. */
  readonly monotonic: bigint | undefined;
  readonly local: Zone;

  /** @param local the zone of this machine, for the method Local. */
  constructor(moment: Moment, local: Zone, monotonic?: bigint) {
    this.seconds = moment.seconds;
    this.nanoseconds = moment.nanoseconds;
    this.zone = moment.zone;
    this.local = local;
    this.monotonic = monotonic;
  }

  /** Go's zero time, the first moment of year 1. */
  static zero(local: Zone): GoTime {
    return new GoTime({ seconds: YEAR_ONE, nanoseconds: 0, zone: UTC }, local);
  }

  static fromUnix(seconds: number, local: Zone): GoTime {
    return new GoTime({ seconds, nanoseconds: 0, zone: local }, local);
  }

  get unixNanoseconds(): bigint {
    return BigInt(this.seconds) * SECOND + BigInt(this.nanoseconds);
  }

  in(zone: Zone): GoTime {
    return new GoTime(
      { seconds: this.seconds, nanoseconds: this.nanoseconds, zone },
      this.local,
      this.monotonic,
    );
  }

  plus(duration: bigint): GoTime {
    const total = this.unixNanoseconds + duration;
    const nanoseconds = ((total % SECOND) + SECOND) % SECOND;
    const moment = {
      seconds: Number((total - nanoseconds) / SECOND),
      nanoseconds: Number(nanoseconds),
      zone: this.zone,
    };
    return new GoTime(
      moment,
      this.local,
      this.monotonic === undefined ? undefined : this.monotonic + duration,
    );
  }

  /** The duration from the other time to this one; at most 292 years either way. */
  since(other: GoTime): bigint {
    const difference = this.unixNanoseconds - other.unixNanoseconds;
    return difference > MAX_DURATION
      ? MAX_DURATION
      : difference < -MAX_DURATION - 1n
        ? -MAX_DURATION - 1n
        : difference;
  }

  format(layout: string): string {
    return formatTime(layout, this);
  }

  field(): undefined {
    return undefined;
  }

  method(name: string): TemplateFunction | undefined {
    return Object.hasOwn(METHODS, name) ? METHODS[name]?.(this) : undefined;
  }

  print(): string {
    const text = this.format(LONG_LAYOUT);
    if (this.monotonic === undefined) return text;
    const size = this.monotonic < 0n ? -this.monotonic : this.monotonic;
    return `${text} m=${this.monotonic < 0n ? "-" : "+"}${size / SECOND}.${String(size % SECOND).padStart(9, "0")}`;
  }

  /** Go keeps them in another form; only their names are seen, in error texts. */
  *fields(): Iterable<readonly [string, Value]> {
    yield ["wall", new GoNumber("uint64", BigInt(this.nanoseconds))];
    yield ["ext", new GoNumber("int64", BigInt(this.seconds - YEAR_ONE))];
    yield ["loc", null];
  }

  equals(other: GoObject): boolean {
    return (
      other instanceof GoTime &&
      other.unixNanoseconds === this.unixNanoseconds &&
      other.zone === this.zone &&
      other.monotonic === this.monotonic
    );
  }

  /** What encoding/json writes. */
  json(): Value {
    const { year } = clockOf(this);
    if (year < 0 || year > 9999) {
      throw new Error(
        "json: error calling MarshalJSON for type time.Time: Time.MarshalJSON: year outside of range [0,9999]",
      );
    }
    return this.format(JSON_LAYOUT);
  }
}

interface Clock extends CalendarDay {
  readonly days: number;
  readonly secondOfDay: number;
}

function clockOf(moment: Moment): Clock {
  const seconds = moment.seconds + moment.zone.at(moment.seconds).offset;
  const days = Math.floor(seconds / 86_400);
  return { ...calendarDay(days), days, secondOfDay: seconds - days * 86_400 };
}

function goTime(value: Value): GoTime {
  if (value instanceof GoTime) return value;
  throw new Error("runtime error: invalid memory address or nil pointer dereference");
}

const METHODS: Readonly<Record<string, (time: GoTime) => TemplateFunction>> = {
  Format: (time) => define("Format", "func(string) string", (layout) => time.format(layout)),
  String: (time) => define("String", "func() string", () => time.print()),
  GoString: (time) => define("GoString", "func() string", () => goText(time)),
  Year: (time) => number("Year", () => clockOf(time).year),
  Month: (time) =>
    define("Month", "func() time.Month", () => named(clockOf(time).month, "time.Month", MONTH_TRAITS)),
  Day: (time) => number("Day", () => clockOf(time).day),
  Weekday: (time) =>
    define("Weekday", "func() time.Weekday", () =>
      named((((clockOf(time).days + 4) % 7) + 7) % 7, "time.Weekday", WEEKDAY_TRAITS),
    ),
  YearDay: (time) => number("YearDay", () => dayOfYear(clockOf(time))),
  Hour: (time) => number("Hour", () => Math.floor(clockOf(time).secondOfDay / 3600)),
  Minute: (time) => number("Minute", () => Math.floor(clockOf(time).secondOfDay / 60) % 60),
  Second: (time) => number("Second", () => clockOf(time).secondOfDay % 60),
  Nanosecond: (time) => number("Nanosecond", () => time.nanoseconds),
  Unix: (time) => define("Unix", "func() int64", () => BigInt(time.seconds)),
  UnixMilli: (time) => define("UnixMilli", "func() int64", () => unixIn(time, 1000n)),
  UnixMicro: (time) => define("UnixMicro", "func() int64", () => unixIn(time, 1_000_000n)),
  UnixNano: (time) => define("UnixNano", "func() int64", () => BigInt.asIntN(64, unixIn(time, SECOND))),
  IsZero: (time) =>
    define("IsZero", "func() bool", () => time.seconds === YEAR_ONE && time.nanoseconds === 0),
  IsDST: (time) => define("IsDST", "func() bool", () => isSummerTime(time)),
  UTC: (time) => define("UTC", "func() time.Time", () => time.in(UTC)),
  Local: (time) => define("Local", "func() time.Time", () => time.in(time.local)),
  Location: (time) => define("Location", "func() *time.Location", () => new GoLocation(time.zone)),
  In: (time) =>
    define("In", "func(*time.Location) time.Time", (location) => {
      if (location instanceof GoLocation) return time.in(location.zone);
      throw new Error("time: missing Location in call to Time.In");
    }),
  Add: (time) =>
    define("Add", "func(time.Duration) time.Time", (duration) => time.plus(nanosecondsOf(duration))),
  Sub: (time) =>
    define("Sub", "func(time.Time) time.Duration", (other) => goDuration(time.since(goTime(other)))),
  AddDate: (time) =>
    define("AddDate", "func(int, int, int) time.Time", (years, months, days) =>
      addDate(time, years, months, days),
    ),
  Round: (time) =>
    define("Round", "func(time.Duration) time.Time", (step) => rounded(time, nanosecondsOf(step), true)),
  Truncate: (time) =>
    define("Truncate", "func(time.Duration) time.Time", (step) => rounded(time, nanosecondsOf(step), false)),
  Before: (time) =>
    define("Before", "func(time.Time) bool", (other) => time.unixNanoseconds < goTime(other).unixNanoseconds),
  After: (time) =>
    define("After", "func(time.Time) bool", (other) => time.unixNanoseconds > goTime(other).unixNanoseconds),
  Equal: (time) =>
    define(
      "Equal",
      "func(time.Time) bool",
      (other) => time.unixNanoseconds === goTime(other).unixNanoseconds,
    ),
  Compare: (time) =>
    define("Compare", "func(time.Time) int", (other) => {
      const difference = time.unixNanoseconds - goTime(other).unixNanoseconds;
      return difference < 0n ? -1n : difference > 0n ? 1n : 0n;
    }),
};

function number(name: string, value: () => number): TemplateFunction {
  return define(name, "func() int", () => BigInt(value()));
}

function named(value: number, type: string, traits: NumberTraits): GoNumber {
  return new GoNumber("int64", BigInt(value), type, traits);
}

const MONTH_TRAITS = namedInt((value) => MONTHS[value - 1] ?? `%!Month(${value})`);
const WEEKDAY_TRAITS = namedInt((value) => WEEKDAYS[value] ?? `%!Weekday(${value})`);

function namedInt(nameOf: (value: number) => string): NumberTraits {
  const print = (number: GoNumber) => nameOf(Number(number.value));
  return {
    print,
    method: (number, name) =>
      name === "String" ? define("String", "func() string", () => print(number)) : undefined,
  };
}

function unixIn(time: GoTime, perSecond: bigint): bigint {
  return BigInt(time.seconds) * perSecond + BigInt(time.nanoseconds) / (SECOND / perSecond);
}

function isSummerTime(time: GoTime): boolean {
  const { year } = clockOf(time);
  const offsets = [1, 7].map((month) => time.zone.at(daysOf(year, month, 1) * 86_400).offset);
  return time.zone.at(time.seconds).offset > Math.min(...offsets);
}

function addDate(time: GoTime, years: bigint, months: bigint, days: bigint): GoTime {
  const clock = clockOf(time);
  const day =
    daysOf(clock.year + Number(years), clock.month + Number(months), 1) + clock.day - 1 + Number(days);
  const seconds = clockToUnix(day * 86_400 + clock.secondOfDay, time.zone);
  return new GoTime({ seconds, nanoseconds: time.nanoseconds, zone: time.zone }, time.local);
}

/** Counted from the zero time on. */
function rounded(time: GoTime, step: bigint, isNearest: boolean): GoTime {
  const plain = new GoTime(time, time.local);
  if (step <= 0n) return plain;
  const sinceZero = time.unixNanoseconds - BigInt(YEAR_ONE) * SECOND;
  const rest = ((sinceZero % step) + step) % step;
  return plain.plus(isNearest && rest * 2n >= step ? step - rest : -rest);
}

function goText(time: GoTime): string {
  const clock = clockOf(time);
  const zone =
    time.zone === UTC
      ? "time.UTC"
      : time.zone === time.local
        ? "time.Local"
        : `time.Location("${time.zone.name}")`;
  const parts = [
    clock.year,
    `time.${MONTHS[clock.month - 1]}`,
    clock.day,
    Math.floor(clock.secondOfDay / 3600),
    Math.floor(clock.secondOfDay / 60) % 60,
    clock.secondOfDay % 60,
    time.nanoseconds,
    zone,
  ];
  return `time.Date(${parts.join(", ")})`;
}

/** A `*time.Location`. */
class GoLocation implements GoObject {
  readonly goType = "*time.Location";
  readonly zone: Zone;

  constructor(zone: Zone) {
    this.zone = zone;
  }

  field(): undefined {
    return undefined;
  }

  method(name: string): TemplateFunction | undefined {
    return name === "String" ? define("String", "func() string", () => this.print()) : undefined;
  }

  print(): string {
    return this.zone.name;
  }
}
