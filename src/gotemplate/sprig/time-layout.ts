/**
 * Go's time layouts: the reference time Mon Jan 2 15:04:05 MST 2006, written as the time shall be. A layout is cut into
 * elements (`2006`, `_2`, `.000`, `Z07:00`) and the plain texts between them.
 *
 * @see https://pkg.go.dev/time#pkg-constants, Go 1.26
 */
import { calendarDay, dayOfYear, daysInMonth, daysOf, isLeap, MONTHS, WEEKDAYS } from "./calendar.ts";
import { quoteForTime } from "./duration.ts";
import { fixedZone, UTC, type Zone } from "./zone.ts";

/** A moment, in seconds and nanoseconds from 1970 on, and the zone that it is seen in. */
export interface Moment {
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly zone: Zone;
}

/** Longer ones first: the first that fits is taken. */
const ELEMENT =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|0[1-6]|002|15|1|2006|2|_(?=2006)|_2|__2|3|4|5|PM|pm|-070000|-07:00:00|-0700|-07:00|-07|Z070000|Z07:00:00|Z0700|Z07:00|Z07|[.,](?:0+|9+)(?![0-9])/g;

interface Piece {
  /** The text before the element. */
  readonly prefix: string;
  /** Undefined at the end of the layout. */
  readonly element: string | undefined;
}

function piecesOf(layout: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of layout.matchAll(ELEMENT)) {
    const [element] = match;
    if (element === "_") continue;
    pieces.push({ prefix: layout.slice(from, match.index), element });
    from = match.index + element.length;
  }
  pieces.push({ prefix: layout.slice(from), element: undefined });
  return pieces;
}

/** `Time.Format`. */
export function formatTime(layout: string, moment: Moment): string {
  const { abbreviation, offset } = moment.zone.at(moment.seconds);
  const clock = moment.seconds + offset;
  const days = Math.floor(clock / 86_400);
  const second = clock - days * 86_400;
  const date = calendarDay(days);
  const hour = Math.floor(second / 3600);
  const weekday = WEEKDAYS[(((days + 4) % 7) + 7) % 7] ?? "";
  const month = MONTHS[date.month - 1] ?? "";

  const show = (element: string): string => {
    switch (element) {
      case "January":
        return month;
      case "Jan":
        return month.slice(0, 3);
      case "1":
        return String(date.month);
      case "01":
        return padded(date.month, 2);
      case "Monday":
        return weekday;
      case "Mon":
        return weekday.slice(0, 3);
      case "2":
        return String(date.day);
      case "_2":
        return String(date.day).padStart(2);
      case "02":
        return padded(date.day, 2);
      case "002":
        return padded(dayOfYear(date), 3);
      case "__2":
        return String(dayOfYear(date)).padStart(3);
      case "2006":
        return padded(date.year, 4);
      case "06":
        return padded(Math.abs(date.year) % 100, 2);
      case "15":
        return padded(hour, 2);
      case "3":
        return String(hour % 12 || 12);
      case "03":
        return padded(hour % 12 || 12, 2);
      case "4":
        return String(Math.floor(second / 60) % 60);
      case "04":
        return padded(Math.floor(second / 60) % 60, 2);
      case "5":
        return String(second % 60);
      case "05":
        return padded(second % 60, 2);
      case "PM":
        return hour >= 12 ? "PM" : "AM";
      case "pm":
        return hour >= 12 ? "pm" : "am";
      case "MST":
        return abbreviation === "" ? formatOffset("-0700", offset) : abbreviation;
      default:
        return element.startsWith(".") || element.startsWith(",")
          ? fraction(element, moment.nanoseconds)
          : formatOffset(element, offset);
    }
  };
  return piecesOf(layout)
    .map(({ prefix, element }) => prefix + (element === undefined ? "" : show(element)))
    .join("");
}

function padded(value: number, width: number): string {
  return (value < 0 ? "-" : "") + String(Math.abs(value)).padStart(width, "0");
}

function fraction(element: string, nanoseconds: number): string {
  const digits = padded(nanoseconds, 9)
    .slice(0, element.length - 1)
    .padEnd(element.length - 1, "0");
  const shown = element.endsWith("9") ? digits.slice(0, 9).replace(/0+$/, "") : digits.slice(0, 9);
  return shown === "" ? "" : element.charAt(0) + shown;
}

function formatOffset(element: string, offset: number): string {
  if (element.startsWith("Z") && offset === 0) return "Z";
  const minutes = Math.trunc(offset / 60);
  const parts = [Math.trunc(Math.abs(minutes) / 60)];
  if (element.length > 3) parts.push(Math.abs(minutes) % 60);
  if (element.length >= 7 && element !== "-07:00" && element !== "Z07:00") parts.push(Math.abs(offset) % 60);
  const sign = minutes < 0 ? "-" : "+";
  return sign + parts.map((part) => padded(part, 2)).join(element.includes(":") ? ":" : "");
}

/**
 * `time.ParseInLocation`: a time without zone is one of `local`.
 *
 * @throws {Error} with Go's text: `parsing time "x" as "2006": cannot parse "x" as "2006"`.
 */
export function parseTime(layout: string, text: string, local: Zone): Moment {
  const reader = new TimeReader(layout, text);
  for (const piece of piecesOf(layout)) reader.read(piece);
  return reader.result(local);
}

class TimeReader {
  readonly #layout: string;
  readonly #text: string;
  #rest: string;
  #following: string;
  #year = 0;
  #month: number | undefined;
  #day: number | undefined;
  #dayOfYear: number | undefined;
  #hour = 0;
  #minute = 0;
  #second = 0;
  #nanoseconds = 0;
  #half: "am" | "pm" | undefined;
  #isUtc = false;
  #offset: number | undefined;
  #zoneName = "";

  constructor(layout: string, text: string) {
    this.#layout = layout;
    this.#text = text;
    this.#rest = text;
    this.#following = layout;
  }

  read({ prefix, element }: Piece): void {
    this.#skip(prefix);
    this.#following = this.#following.slice(prefix.length + (element ?? "").length);
    if (element === undefined) {
      if (this.#rest !== "") throw this.#wrong(`: extra text: ${quoteForTime(this.#rest)}`);
      return;
    }
    const held = this.#rest;
    const isRead = this.#element(element);
    if (!isRead) throw this.#cannotParse(held, element);
  }

  /** White space of the layout stands for any of the text, and other characters for themselves. */
  #skip(prefix: string): void {
    let left = prefix;
    while (left !== "") {
      if (left.startsWith(" ")) {
        if (this.#rest !== "" && !this.#rest.startsWith(" ")) throw this.#cannotParse(this.#rest, prefix);
        left = left.replace(/^ +/, "");
        this.#rest = this.#rest.replace(/^ +/, "");
        continue;
      }
      if (this.#rest === "" || this.#rest.charAt(0) !== left.charAt(0))
        throw this.#cannotParse(this.#rest, prefix);
      left = left.slice(1);
      this.#rest = this.#rest.slice(1);
    }
  }

  /** Whether the rest of the text begins as the element wants. */
  #element(element: string): boolean {
    switch (element) {
      case "2006":
        return this.#take(/^[0-9].{3}/s, (found) => {
          const year = asInteger(found);
          this.#year = year ?? 0;
          return year !== undefined;
        });
      case "06":
        return this.#take(/^.{2}/s, (found) => {
          const year = asInteger(found);
          if (year === undefined) return false;
          this.#year = year + (year >= 69 ? 1900 : 2000);
          return true;
        });
      case "Jan":
        return this.#name(
          MONTHS.map((name) => name.slice(0, 3)),
          (index) => (this.#month = index + 1),
        );
      case "January":
        return this.#name(MONTHS, (index) => (this.#month = index + 1));
      case "Mon":
        return this.#name(
          WEEKDAYS.map((name) => name.slice(0, 3)),
          () => undefined,
        );
      case "Monday":
        return this.#name(WEEKDAYS, () => undefined);
      case "1":
      case "01":
        return this.#number(element, "month", 1, 12, (value) => (this.#month = value));
      case "_2":
        this.#rest = this.#rest.replace(/^ /, "");
        return this.#number(element, "day", 0, 99, (value) => (this.#day = value));
      case "2":
      case "02":
        return this.#number(element, "day", 0, 99, (value) => (this.#day = value));
      case "__2":
        this.#rest = this.#rest.replace(/^ {1,2}/, "");
        return this.#take(/^[0-9]{1,3}/, (found) => ((this.#dayOfYear = Number(found)), true));
      case "002":
        return this.#take(/^[0-9]{3}/, (found) => ((this.#dayOfYear = Number(found)), true));
      case "15":
        return this.#number(element, "hour", 0, 23, (value) => (this.#hour = value), false);
      case "3":
      case "03":
        return this.#number(element, "hour", 0, 12, (value) => (this.#hour = value));
      case "4":
      case "04":
        return this.#number(element, "minute", 0, 59, (value) => (this.#minute = value));
      case "5":
      case "05":
        return (
          this.#number(element, "second", 0, 59, (value) => (this.#second = value)) && this.#unaskedFraction()
        );
      case "PM":
        return this.#take(/^(?:AM|PM)/, (found) => ((this.#half = found === "PM" ? "pm" : "am"), true));
      case "pm":
        return this.#take(/^(?:am|pm)/, (found) => ((this.#half = found === "pm" ? "pm" : "am"), true));
      case "MST":
        return this.#zone();
      default:
        return element.startsWith(".") || element.startsWith(",")
          ? this.#fraction(element)
          : this.#numericZone(element);
    }
  }

  #take(pattern: RegExp, use: (found: string) => boolean): boolean {
    const found = pattern.exec(this.#rest)?.[0];
    if (found === undefined) return false;
    this.#rest = this.#rest.slice(found.length);
    return use(found);
  }

  #name(names: readonly string[], use: (index: number) => unknown): boolean {
    const index = names.findIndex(
      (name) => this.#rest.slice(0, name.length).toLowerCase() === name.toLowerCase(),
    );
    if (index < 0) return false;
    this.#rest = this.#rest.slice(names[index]?.length);
    use(index);
    return true;
  }

  /** One or two digits; exactly two when the element has two. */
  #number(
    element: string,
    what: string,
    least: number,
    most: number,
    use: (value: number) => unknown,
    isFixed = element.startsWith("0"),
  ): boolean {
    return this.#take(isFixed ? /^[0-9]{2}/ : /^[0-9]{1,2}/, (found) => {
      const value = Number(found);
      if (value < least || value > most) throw this.#wrong(`: ${what} out of range`);
      use(value);
      return true;
    });
  }

  /** Seconds may have a fraction that the layout does not mention. */
  #unaskedFraction(): boolean {
    const next = piecesOf(this.#following)[0]?.element ?? "";
    if (/^[.,]/.test(next)) return true;
    this.#take(/^[.,][0-9]+/, (found) => this.#setFraction(found));
    return true;
  }

  #fraction(element: string): boolean {
    if (element.endsWith("9")) {
      this.#take(/^[.,][0-9]+/, (found) => this.#setFraction(found));
      return true;
    }
    if (this.#rest.length < element.length) return false;
    const found = this.#rest.slice(0, element.length);
    this.#rest = this.#rest.slice(element.length);
    return this.#setFraction(found);
  }

  #setFraction(found: string): boolean {
    const value = /^[.,]/.test(found) ? asInteger(found.slice(1, 10)) : undefined;
    if (value === undefined) return false;
    if (value < 0) throw this.#wrong(": fractional second out of range");
    this.#nanoseconds = value * 10 ** Math.max(0, 10 - found.length);
    return true;
  }

  #zone(): boolean {
    if (this.#take(/^UTC/, () => true)) {
      this.#isUtc = true;
      return true;
    }
    const name = zoneNameAt(this.#rest);
    if (name === undefined) return false;
    this.#zoneName = name;
    this.#rest = this.#rest.slice(name.length);
    return true;
  }

  #numericZone(element: string): boolean {
    if (element.startsWith("Z") && this.#take(/^Z/, () => true)) {
      this.#isUtc = true;
      return true;
    }
    const match = ZONE_PATTERNS[element.slice(1)]?.exec(this.#rest);
    if (match === undefined || match === null) return false;
    const [found, sign = "", ...parts] = match;
    const [hours = "", minutes = "00", seconds = "00"] = parts;
    const texts = [hours, minutes, seconds];
    const firstBad = texts.findIndex((text) => !/^[0-9]{2}$/.test(text));
    const [hour = 0, minute = 0, second = 0] = texts.slice(0, firstBad < 0 ? 3 : firstBad).map(Number);
    this.#rest = this.#rest.slice(found.length);
    if (hour > 24) throw this.#wrong(": time zone offset hour out of range");
    if (minute > 60) throw this.#wrong(": time zone offset minute out of range");
    if (second > 60) throw this.#wrong(": time zone offset second out of range");
    const size = (hour * 60 + minute) * 60 + second;
    this.#offset = sign === "-" ? -size : size;
    return firstBad < 0 && (sign === "+" || sign === "-");
  }

  result(local: Zone): Moment {
    if (this.#half === "pm" && this.#hour < 12) this.#hour += 12;
    if (this.#half === "am" && this.#hour === 12) this.#hour = 0;
    const [month, day] = this.#monthAndDay();
    if (day < 1 || day > daysInMonth(this.#year, month)) throw this.#wrong(": day out of range");
    const clock =
      daysOf(this.#year, month, day) * 86_400 + this.#hour * 3600 + this.#minute * 60 + this.#second;
    const at = (seconds: number, zone: Zone): Moment => ({ seconds, nanoseconds: this.#nanoseconds, zone });
    if (this.#isUtc) return at(clock, UTC);
    if (this.#offset !== undefined && this.#offset !== -1) {
      const seconds = clock - this.#offset;
      const there = local.at(seconds);
      const isLocal =
        there.offset === this.#offset && (this.#zoneName === "" || there.abbreviation === this.#zoneName);
      return at(seconds, isLocal ? local : fixedZone(this.#zoneName, this.#offset));
    }
    if (this.#zoneName !== "") {
      const offset = local.offsetOf(this.#zoneName, clock);
      if (offset !== undefined) return at(clock - offset, local);
      const hours = /^GMT(.+)$/.exec(this.#zoneName)?.[1];
      return at(clock, fixedZone(this.#zoneName, hours === undefined ? 0 : Number(hours) * 3600));
    }
    return at(clockToUnix(clock, local), local);
  }

  #monthAndDay(): readonly [month: number, day: number] {
    if (this.#dayOfYear === undefined) return [this.#month ?? 1, this.#day ?? 1];
    if (this.#dayOfYear < 1 || this.#dayOfYear > (isLeap(this.#year) ? 366 : 365)) {
      throw this.#wrong(": day-of-year out of range");
    }
    const { month, day } = calendarDay(daysOf(this.#year, 1, this.#dayOfYear));
    if (this.#month !== undefined && this.#month !== month)
      throw this.#wrong(": day-of-year does not match month");
    if (this.#day !== undefined && this.#day !== day) throw this.#wrong(": day-of-year does not match day");
    return [month, day];
  }

  #wrong(problem: string): Error {
    return new Error(`parsing time ${quoteForTime(this.#text)}${problem}`);
  }

  #cannotParse(value: string, element: string): Error {
    const what = `cannot parse ${quoteForTime(value)} as ${quoteForTime(element)}`;
    return this.#wrong(` as ${quoteForTime(this.#layout)}: ${what}`);
  }
}

/** By the layout's element without its first character. */
const ZONE_PATTERNS: Readonly<Record<string, RegExp>> = {
  "07": /^(.)(..)/s,
  "0700": /^(.)(..)(..)/s,
  "07:00": /^(.)(..):(..)/s,
  "070000": /^(.)(..)(..)(..)/s,
  "07:00:00": /^(.)(..):(..):(..)/s,
};

/** The Unix time at which clocks of the zone show the given time. */
export function clockToUnix(clock: number, zone: Zone): number {
  const { offset } = zone.at(clock);
  return offset === 0 ? clock : clock - zone.at(clock - offset).offset;
}

function asInteger(text: string): number | undefined {
  return /^[+-]?[0-9]*$/.test(text) && text !== "" ? Number(/^[+-]$/.test(text) ? 0 : text) : undefined;
}

/** Three to five capitals, of which the last is T when there are more than three; `GMT-3`, `+05`. */
function zoneNameAt(text: string): string | undefined {
  if (text.length < 3) return undefined;
  const special = /^(?:ChST|MeST)/.exec(text)?.[0];
  if (special !== undefined) return special;
  if (text.startsWith("GMT")) return `GMT${signedHours(text.slice(3))}`;
  if (/^[+-]/.test(text)) return signedHours(text) || undefined;
  const capitals = /^[A-Z]{0,6}/.exec(text)?.[0] ?? "";
  switch (capitals.length) {
    case 3:
      return capitals;
    case 4:
      return capitals.endsWith("T") || capitals === "WITA" ? capitals : undefined;
    case 5:
      return capitals.endsWith("T") ? capitals : undefined;
    default:
      return undefined;
  }
}

function signedHours(text: string): string {
  const found = /^[+-][0-9]+/.exec(text)?.[0] ?? "";
  return found !== "" && Number(found.slice(1)) <= 23 ? found : "";
}
