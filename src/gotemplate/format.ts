/**
 * Go's package fmt. `value` may be undefined, Go's zero reflect.Value, which prints as `<no value>` only where the
 * template engine prints it; to fmt it is a nil.
 */
import type { MaybeValue } from "./value.ts";

/** `fmt.Sprintf`, with `%!d(string=hi)` and the like for what does not fit. */
export function sprintf(_format: string, _args: readonly MaybeValue[]): string {
  throw new Error("being written");
}

/** `fmt.Sprint`: a space between two operands when neither is a string. */
export function sprint(_args: readonly MaybeValue[]): string {
  throw new Error("being written");
}

/** `fmt.Sprintln`. */
export function sprintln(_args: readonly MaybeValue[]): string {
  throw new Error("being written");
}

/** What `%v` prints. */
export function printValue(_value: MaybeValue): string {
  throw new Error("being written");
}
