import { fromBytes, runeCount, toBytes } from "./bytes.ts";
import { GoComplex, isNilContainer, isObject, sortedKeys, typeName } from "./inspect.ts";
import { PartCount } from "./part-count.ts";
import { canBackquote, formatFloat, isPrintable, quote, quoteRune, type FloatVerb } from "./strconv.ts";
import { GoBytes, GoMap, GoNumber, GoSlice, type GoObject, type MaybeValue, type Value } from "./value.ts";

/**
 * Go's package fmt. A value may be undefined, Go's zero `reflect.Value`, which to fmt is a nil; `<no value>` is the
 * template engine's own word for it.
 *
 * @see https://pkg.go.dev/fmt, Go 1.26
 */

/** Nothing that a template prints at once may be longer, or values that share parts could fill the memory. */
const MAX_LENGTH = 64 * 1024 * 1024;
/** Deeper values are an error, because the stack is not endless. */
const MAX_DEPTH = 1000;

/**
 * `fmt.Sprintf`, with `%!d(string=hi)` and the like for what does not fit.
 *
 * @throws {Error} when the text would be longer than 64 MiB, or a value is nested more than 1000 deep.
 */
export function sprintf(format: string, args: readonly MaybeValue[]): string {
  const printer = new Printer();
  new FormatReader(printer, format, args).run();
  return printer.out;
}

/** `fmt.Sprint`: a space between two operands when neither is a string. @throws as sprintf() */
export function sprint(args: readonly MaybeValue[]): string {
  if (args.length === 1) return printValue(args[0]);
  const printer = new Printer();
  let wasString = false;
  for (let at = 0; at < args.length; at++) {
    const isString = typeof args[at] === "string";
    if (at > 0 && !isString && !wasString) printer.out += " ";
    printer.print(args[at], "v");
    wasString = isString;
  }
  return printer.out;
}

/** `fmt.Sprintln`. @throws as sprintf() */
export function sprintln(args: readonly MaybeValue[]): string {
  return `${args.map(printValue).join(" ")}\n`;
}

/** What `%v` prints. @throws as sprintf() */
export function printValue(value: MaybeValue): string {
  switch (typeof value) {
    case "string":
      return value;
    case "bigint":
      return String(value);
    case "boolean":
      return value ? "true" : "false";
    case "number":
      return printFloat(value);
    case "undefined":
      return "<nil>";
    default:
  }
  const printer = new Printer();
  printer.print(value, "v");
  return printer.out;
}

/** What an action writes: as printValue(), but a pointer without a `String()` method shows what it points to. */
export function printPointee(value: MaybeValue): string {
  if (isObject(value) && value.printAddressed !== undefined) return value.printAddressed();
  const text = printValue(value);
  const isPointer = isObject(value) && value.goType.startsWith("*") && value.print === undefined;
  return isPointer && text.startsWith("&") ? text.slice(1) : text;
}

/** A float64 as `%v` prints it. */
function printFloat(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e6 && !Object.is(value, -0)
    ? String(value)
    : formatFloat(value, "g", -1, 64);
}

/** Walks a format and hands each verb with its operand to the printer. */
class FormatReader {
  readonly #printer: Printer;
  readonly #format: string;
  readonly #args: readonly MaybeValue[];
  #at = 0;
  #next = 0;
  #isReordered = false;
  #isGoodIndex = true;

  constructor(printer: Printer, format: string, args: readonly MaybeValue[]) {
    this.#printer = printer;
    this.#format = format;
    this.#args = args;
  }

  run(): void {
    const format = this.#format;
    for (;;) {
      const percent = format.indexOf("%", this.#at);
      if (percent < 0) break;
      this.#printer.out += format.slice(this.#at, percent);
      this.#at = percent + 1;
      this.#directive();
    }
    this.#printer.out += format.slice(this.#at);
    this.#extra();
  }

  #directive(): void {
    const printer = this.#printer;
    printer.clearFlags();
    this.#isGoodIndex = true;
    this.#flags();
    let isAfterIndex = this.#index();
    if (this.#format[this.#at] === "*") {
      this.#at++;
      const width = this.#intArgument();
      if (width === undefined) printer.out += "%!(BADWIDTH)";
      printer.width = width === undefined ? undefined : Math.abs(width);
      if (width !== undefined && width < 0) {
        printer.minus = true;
        printer.zero = false;
      }
      isAfterIndex = false;
    } else {
      printer.width = this.#number();
      if (isAfterIndex && printer.width !== undefined) this.#isGoodIndex = false;
    }
    if (this.#format[this.#at] === "." && this.#at + 1 < this.#format.length) {
      this.#at++;
      if (isAfterIndex) this.#isGoodIndex = false;
      isAfterIndex = this.#index();
      if (this.#format[this.#at] === "*") {
        this.#at++;
        const precision = this.#intArgument();
        printer.precision = precision !== undefined && precision >= 0 ? precision : undefined;
        if (printer.precision === undefined) printer.out += "%!(BADPREC)";
        isAfterIndex = false;
      } else {
        printer.precision = this.#number() ?? 0;
      }
    }
    if (!isAfterIndex) this.#index();
    this.#verb();
  }

  #flags(): void {
    const printer = this.#printer;
    for (; ; this.#at++) {
      switch (this.#format[this.#at]) {
        case "#":
          printer.sharp = true;
          break;
        case "0":
          printer.zero = true;
          break;
        case "+":
          printer.plus = true;
          break;
        case "-":
          printer.minus = true;
          break;
        case " ":
          printer.space = true;
          break;
        default:
          return;
      }
    }
  }

  #verb(): void {
    const printer = this.#printer;
    const code = this.#format.codePointAt(this.#at);
    if (code === undefined) {
      printer.out += "%!(NOVERB)";
      return;
    }
    const verb = String.fromCodePoint(code >= 0xd800 && code <= 0xdfff ? 0xfffd : code);
    this.#at += code > 0xffff ? 2 : 1;
    if (verb === "%") printer.out += "%";
    else if (!this.#isGoodIndex) printer.out += `%!${verb}(BADINDEX)`;
    else if (this.#next >= this.#args.length) printer.out += `%!${verb}(MISSING)`;
    else {
      if (verb === "v" || verb === "w") {
        printer.sharpV = printer.sharp;
        printer.plusV = printer.plus;
        printer.sharp = false;
        printer.plus = false;
      }
      printer.print(this.#args[this.#next++], verb);
    }
  }

  /** `[3]`, which says what operand comes next; tells whether there is one. */
  #index(): boolean {
    if (this.#format[this.#at] !== "[") return false;
    this.#isReordered = true;
    const close = this.#format.indexOf("]", this.#at + 1);
    if (close < 0 || this.#format.length - this.#at < 3) {
      this.#isGoodIndex = false;
      this.#at++;
      return false;
    }
    const digits = this.#format.slice(this.#at + 1, close);
    this.#at = close + 1;
    const index = numberOf(digits);
    if (index === undefined) {
      this.#isGoodIndex = false;
      return false;
    }
    if (index < 1 || index > this.#args.length) this.#isGoodIndex = false;
    else this.#next = index - 1;
    return true;
  }

  #number(): number | undefined {
    const start = this.#at;
    while (isDigit(this.#format.charCodeAt(this.#at))) this.#at++;
    if (start === this.#at) return undefined;
    const value = numberOf(this.#format.slice(start, this.#at));
    if (value === undefined) this.#at = this.#format.length;
    return value;
  }

  #intArgument(): number | undefined {
    if (this.#next >= this.#args.length) return undefined;
    const arg = this.#args[this.#next++];
    const value = arg instanceof GoNumber && typeof arg.value === "bigint" ? arg.value : arg;
    if (typeof value !== "bigint" || value > 1_000_000n || value < -1_000_000n) return undefined;
    return Number(value);
  }

  #extra(): void {
    if (this.#isReordered || this.#next >= this.#args.length) return;
    const printer = this.#printer;
    printer.clearFlags();
    printer.out += "%!(EXTRA ";
    this.#args.slice(this.#next).forEach((arg, at) => {
      if (at > 0) printer.out += ", ";
      if (arg !== null && arg !== undefined) printer.out += `${typeName(arg)}=`;
      printer.print(arg, "v");
    });
    printer.out += ")";
  }
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** A number in a format; the crazily long are none. */
function numberOf(digits: string): number | undefined {
  if (!/^[0-9]+$/.test(digits)) return undefined;
  let value = 0;
  for (const digit of digits) {
    if (value > 1_000_000) return undefined;
    value = value * 10 + Number(digit);
  }
  return value;
}

class Printer {
  out = "";
  width: number | undefined;
  precision: number | undefined;
  minus = false;
  plus = false;
  sharp = false;
  space = false;
  zero = false;
  plusV = false;
  sharpV = false;
  /** A bad verb is being reported, where values show themselves without their methods. */
  #isReporting = false;
  readonly #parts = new PartCount();

  clearFlags(): void {
    this.width = undefined;
    this.precision = undefined;
    this.minus = this.plus = this.sharp = this.space = this.zero = this.plusV = this.sharpV = false;
  }

  /** An operand. */
  print(arg: MaybeValue, verb: string): void {
    if (arg === null || arg === undefined) {
      if (verb === "T" || verb === "v") this.#pad("<nil>");
      else this.#badVerb(arg, verb);
    } else if (verb === "T") this.#text(typeName(arg));
    else if (verb === "p") this.#pointer(arg, verb);
    else if (arg instanceof GoBytes && !(arg.isNil && this.sharpV)) this.#bytes(arg.bytes, verb, "[]byte");
    else if (arg instanceof GoBytes) this.out += "[]byte(nil)";
    else this.#value(arg, verb, 0);
  }

  #value(value: MaybeValue, verb: string, depth: number): void {
    this.#parts.next();
    if (depth > MAX_DEPTH) throw new Error(`a value nested more than ${MAX_DEPTH} deep cannot be printed`);
    if (this.out.length > MAX_LENGTH)
      throw new Error(`a value of more than ${MAX_LENGTH / 1024 / 1024} MiB cannot be printed`);
    switch (typeof value) {
      case "string":
        this.#string(value, verb);
        return;
      case "boolean":
        if (verb === "t" || verb === "v") this.#pad(value ? "true" : "false");
        else this.#badVerb(value, verb);
        return;
      case "bigint":
        this.#integer(value, true, verb, value);
        return;
      case "number":
        this.#float(value, 64, verb, value);
        return;
      default:
    }
    if (value === null || value === undefined) {
      this.out += this.sharpV ? "interface {}(nil)" : "<nil>";
    } else if (this.#ownPrint(value, verb)) return;
    else if (value instanceof GoNumber) this.#number(value, verb);
    else if (value instanceof GoMap) this.#map(value, verb, depth);
    else if (value instanceof GoBytes) this.#nestedBytes(value, verb, depth);
    else if (Array.isArray(value)) this.#list(value, verb, depth);
    else this.#object(value, verb, depth);
  }

  /** What a `String()` or `Error()` method makes of the value. */
  #ownPrint(value: Exclude<Value, null | boolean | string | number | bigint>, verb: string): boolean {
    if (this.#isReporting) return false;
    if (verb === "w") {
      this.#badVerb(value, verb);
      return true;
    }
    if (this.sharpV || !"vsxXq".includes(verb)) return false;
    let text: string | undefined;
    if (value instanceof GoNumber) text = value.traits?.print?.(value);
    else if (!Array.isArray(value) && !(value instanceof GoMap) && !(value instanceof GoBytes))
      text = value.print?.();
    if (text === undefined) return false;
    this.#string(text, verb);
    return true;
  }

  #number(value: GoNumber, verb: string): void {
    if (typeof value.value === "number") this.#float(value.value, 32, verb, value);
    else this.#integer(value.value, value.kind.startsWith("int"), verb, value);
  }

  #map(map: GoMap, verb: string, depth: number): void {
    if (this.sharpV && map.isNil) {
      this.out += `${map.type}(nil)`;
      return;
    }
    this.out += this.sharpV ? `${map.type}{` : "map[";
    let isFirst = true;
    for (const key of sortedKeys(map)) {
      if (!isFirst) this.out += this.sharpV ? ", " : " ";
      isFirst = false;
      this.#value(key, verb, depth + 1);
      this.out += ":";
      this.#value(map.get(key), verb, depth + 1);
    }
    this.out += this.sharpV ? "}" : "]";
  }

  #list(list: readonly Value[], verb: string, depth: number): void {
    const type = list instanceof GoSlice ? list.type : "[]interface {}";
    if (this.sharpV && list instanceof GoSlice && isNilContainer(list)) {
      this.out += `${type}(nil)`;
      return;
    }
    this.out += this.sharpV ? `${type}{` : "[";
    for (let at = 0; at < list.length; at++) {
      if (at > 0) this.out += this.sharpV ? ", " : " ";
      this.#value(list[at], verb, depth + 1);
    }
    this.out += this.sharpV ? "}" : "]";
  }

  #object(object: GoObject, verb: string, depth: number): void {
    if (object instanceof GoComplex) {
      this.#complex(object, verb);
      return;
    }
    const fields = object.fields?.();
    if (object.goKind === "func" || fields === undefined) {
      this.#pointer(object, verb);
      return;
    }
    const isPointer = object.goType.startsWith("*");
    if (isPointer && depth > 0) {
      this.#pointer(object, verb);
      return;
    }
    if (isPointer) this.out += "&";
    if (this.sharpV) this.out += object.goType.replace(/^\*/, "");
    this.out += "{";
    let isFirst = true;
    for (const [name, value] of fields) {
      if (!isFirst) this.out += this.sharpV ? ", " : " ";
      isFirst = false;
      if (this.plusV || this.sharpV) this.out += `${name}:`;
      this.#value(value, verb, depth + 1);
    }
    this.out += "}";
  }

  #nestedBytes(value: GoBytes, verb: string, depth: number): void {
    if ("sqxX".includes(verb)) this.#bytes(value.bytes, verb, "[]uint8");
    else this.#list(GoSlice.typed("[]uint8", byteValues(value.bytes)), verb, depth);
  }

  #bytes(bytes: Uint8Array, verb: string, type: string): void {
    switch (verb) {
      case "v":
      case "d":
        this.out += this.sharpV ? `${type}{` : "[";
        for (let at = 0; at < bytes.length; at++) {
          if (at > 0) this.out += this.sharpV ? ", " : " ";
          this.#integer(BigInt(bytes[at] ?? 0), false, "v", null);
        }
        this.out += this.sharpV ? "}" : "]";
        return;
      case "s":
      case "x":
      case "X":
      case "q":
        this.#string(fromBytes(bytes), verb);
        return;
      default:
        this.#list(GoSlice.typed("[]uint8", byteValues(bytes)), verb, 0);
    }
  }

  #badVerb(value: MaybeValue, verb: string): void {
    this.#isReporting = true;
    this.out += `%!${verb}(`;
    if (value === null || value === undefined) this.out += "<nil>";
    else {
      this.out += `${typeName(value)}=`;
      this.print(value, "v");
    }
    this.out += ")";
    this.#isReporting = false;
  }

  #string(text: string, verb: string): void {
    switch (verb) {
      case "v":
        if (this.sharpV) this.#quoted(text);
        else this.#text(text);
        break;
      case "s":
        this.#text(text);
        break;
      case "x":
      case "X":
        this.#hexText(text, verb);
        break;
      case "q":
        this.#quoted(text);
        break;
      default:
        this.#badVerb(text, verb);
    }
  }

  #text(text: string): void {
    this.#pad(this.#truncated(text));
  }

  #truncated(text: string): string {
    if (this.precision === undefined || text.length <= this.precision) return text;
    let end = 0;
    for (let count = 0; count < this.precision && end < text.length; count++) {
      end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
    }
    return text.slice(0, end);
  }

  #quoted(text: string): void {
    const shown = this.#truncated(text);
    if (this.sharp && canBackquote(shown)) this.#pad(`\`${shown}\``);
    else this.#pad(quote(shown, this.plus));
  }

  #hexText(text: string, verb: "x" | "X"): void {
    const bytes = toBytes(text).subarray(0, this.precision);
    const prefix = this.sharp ? (verb === "x" ? "0x" : "0X") : "";
    let hex = bytes.toString("hex");
    if (verb === "X") hex = hex.toUpperCase();
    if (hex !== "") hex = prefix + (this.space ? (hex.match(/../g) ?? []).join(` ${prefix}`) : hex);
    this.#pad(hex);
  }

  #integer(value: bigint, isSigned: boolean, verb: string, whole: Value): void {
    switch (verb) {
      case "v":
        if (this.sharpV && !isSigned) {
          const { sharp } = this;
          this.sharp = true;
          this.#digits(value, 16, isSigned, verb);
          this.sharp = sharp;
        } else this.#digits(value, 10, isSigned, verb);
        break;
      case "d":
        this.#digits(value, 10, isSigned, verb);
        break;
      case "b":
        this.#digits(value, 2, isSigned, verb);
        break;
      case "o":
      case "O":
        this.#digits(value, 8, isSigned, verb);
        break;
      case "x":
      case "X":
        this.#digits(value, 16, isSigned, verb);
        break;
      case "c":
        this.#pad(character(value));
        break;
      case "q":
        this.#pad(quoteRune(runeOf(value), this.plus));
        break;
      case "U":
        this.#unicode(value);
        break;
      default:
        this.#badVerb(whole, verb);
    }
  }

  #digits(value: bigint, base: number, isSigned: boolean, verb: string): void {
    const isNegative = isSigned && value < 0n;
    const size = isNegative ? -value : value;
    let room = 0;
    if (this.precision !== undefined) {
      room = this.precision;
      if (room === 0 && size === 0n) {
        this.out += " ".repeat(this.width ?? 0);
        return;
      }
    } else if (this.zero && !this.minus && this.width !== undefined) {
      room = this.width - (isNegative || this.plus || this.space ? 1 : 0);
    }
    let text = size.toString(base).padStart(room, "0");
    if (verb === "X") text = text.toUpperCase();
    if (this.sharp) {
      if (base === 2) text = `0b${text}`;
      else if (base === 8 && !text.startsWith("0")) text = `0${text}`;
      else if (base === 16) text = (verb === "X" ? "0X" : "0x") + text;
    }
    if (verb === "O") text = `0o${text}`;
    this.#padWithSpaces((isNegative ? "-" : this.plus ? "+" : this.space ? " " : "") + text);
  }

  #unicode(value: bigint): void {
    const code = BigInt.asUintN(64, value);
    let text = `U+${code
      .toString(16)
      .toUpperCase()
      .padStart(Math.max(4, this.precision ?? 0), "0")}`;
    if (this.sharp && code <= 0x10ffffn && isPrintable(Number(code)))
      text += ` '${String.fromCodePoint(Number(code))}'`;
    this.#padWithSpaces(text);
  }

  #float(value: number, bits: 32 | 64, verb: string, whole: Value): void {
    switch (verb) {
      case "v":
        this.#floatDigits(value, bits, "g", -1);
        break;
      case "b":
      case "g":
      case "G":
      case "x":
      case "X":
        this.#floatDigits(value, bits, verb, -1);
        break;
      case "f":
      case "e":
      case "E":
        this.#floatDigits(value, bits, verb, 6);
        break;
      case "F":
        this.#floatDigits(value, bits, "f", 6);
        break;
      default:
        this.#badVerb(whole, verb);
    }
  }

  #floatDigits(value: number, bits: 32 | 64, verb: FloatVerb, usual: number): void {
    const precision = this.precision ?? usual;
    let text = formatFloat(value, verb, precision, bits);
    if (!text.startsWith("-") && !text.startsWith("+")) text = `+${text}`;
    if (this.space && text.startsWith("+") && !this.plus) text = ` ${text.slice(1)}`;
    if (text[1] === "I" || text[1] === "N") {
      if (text[1] === "N" && !this.space && !this.plus) text = text.slice(1);
      this.#padWithSpaces(text);
      return;
    }
    if (this.sharp && verb !== "b") text = withAllDigits(text, verb, precision);
    if (!this.plus && text.startsWith("+")) {
      this.#pad(text.slice(1));
      return;
    }
    const { width } = this;
    if (this.zero && !this.minus && width !== undefined && width > text.length) {
      this.out += text.charAt(0) + "0".repeat(width - text.length) + text.slice(1);
    } else this.#pad(text);
  }

  #complex(value: GoComplex, verb: string): void {
    if (!"vbgGxXfFeE".includes(verb)) {
      this.#badVerb(value, verb);
      return;
    }
    const { plus } = this;
    this.out += "(";
    this.#float(value.real, 64, verb, value);
    this.plus = true;
    this.#float(value.imaginary, 64, verb, value);
    this.out += "i)";
    this.plus = plus;
  }

  #pointer(value: Value, verb: string): void {
    const isPointer =
      typeof value === "object" &&
      value !== null &&
      !(value instanceof GoNumber) &&
      !(value instanceof GoComplex);
    if (!isPointer || !"vpbodxX".includes(verb)) {
      this.#badVerb(value, verb);
      return;
    }
    const address = isNilContainer(value) ? 0n : addressOf(value);
    if (verb === "v" && this.sharpV) {
      this.out += `(${typeName(value)})(${address === 0n ? "nil" : `0x${address.toString(16)}`})`;
    } else if (verb === "v" && address === 0n) this.#pad("<nil>");
    else if (verb === "v" || verb === "p") {
      const { sharp } = this;
      this.sharp = !sharp;
      this.#digits(address, 16, false, "v");
      this.sharp = sharp;
    } else this.#integer(address, false, verb, value);
  }

  #pad(text: string): void {
    const { width } = this;
    if (width === undefined || width === 0) {
      this.out += text;
      return;
    }
    const missing = width - runeCount(text);
    if (missing <= 0) this.out += text;
    else if (this.minus) this.out += text + " ".repeat(missing);
    else this.out += (this.zero ? "0" : " ").repeat(missing) + text;
  }

  #padWithSpaces(text: string): void {
    const { zero } = this;
    this.zero = false;
    this.#pad(text);
    this.zero = zero;
  }
}

function byteValues(bytes: Uint8Array): GoNumber[] {
  return Array.from(bytes, (one) => new GoNumber("uint8", BigInt(one)));
}

function runeOf(value: bigint): number {
  return value < 0n || value > 0x10ffffn ? 0xfffd : Number(value);
}

function character(value: bigint): string {
  const rune = runeOf(value);
  return String.fromCodePoint(rune >= 0xd800 && rune <= 0xdfff ? 0xfffd : rune);
}

/** With the `#` flag a float always has its point, and `%g` keeps its zeros. */
function withAllDigits(text: string, verb: FloatVerb, precision: number): string {
  let digits = verb === "g" || verb === "G" || verb === "x" ? (precision === -1 ? 6 : precision) : 0;
  const tailAt = text.search(verb === "x" || verb === "X" ? /[pP]/ : /[eEpP]/);
  let number = tailAt < 0 ? text : text.slice(0, tailAt);
  const tail = tailAt < 0 ? "" : text.slice(tailAt);
  let sawNonzero = false;
  for (const character of number.slice(1)) {
    if (character === ".") continue;
    if (character !== "0") sawNonzero = true;
    if (sawNonzero) digits--;
  }
  if (!number.includes(".")) {
    if (number.length === 2 && number[1] === "0") digits--;
    number += ".";
  }
  return number + "0".repeat(Math.max(digits, 0)) + tail;
}

const addresses = new WeakMap<object, bigint>();
let lastAddress = 0xc000010000n;

/** Something that looks like an address and stays the same for one object. */
function addressOf(value: object): bigint {
  let address = addresses.get(value);
  if (address === undefined) {
    lastAddress += 0x20n;
    address = lastAddress;
    addresses.set(value, address);
  }
  return address;
}
