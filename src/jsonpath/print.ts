import {
  compareStrings,
  GoMap,
  printJson,
  printValue,
  sortedKeys,
  toBytes,
  typeName,
  type MaybeValue,
  type Value,
} from "#gotemplate";
import type { Expression, Filter, Slice, Step, Template } from "./parse.ts";

type Values = readonly MaybeValue[];

/** An expression that has no answer: a field that is not there, things that cannot be compared. */
export class JsonPathFailure extends Error {}

/**
 * The text of a template filled with values: maps and lists as JSON, several values of one expression with a space
 * between them. Maps, which have no order in Go, are gone through in the order of their keys.
 *
 * @throws {JsonPathFailure} when any of the expressions has no answer.
 */
export function printJsonPath(template: Template, root: Value): string {
  return new Printing(template)
    .run(0, root)
    .map((values) => values.map(textOf).join(" "))
    .join("");
}

class Printing {
  readonly #template: Template;
  /** Words `range` and `end` that were come across and not yet acted upon. */
  #begun = 0;
  #ended = 0;
  /** Ranges that we are within, and where the last of them ended. */
  #depth = 0;
  #lastEnd = -1;

  constructor(template: Template) {
    this.#template = template;
  }

  /** What each part finds, from one on; up to the `end` of the range whose item the value is. */
  run(from: number, value: MaybeValue): readonly Values[] {
    const found: Values[] = [];
    for (let at = from; at < this.#template.length; at++) {
      const part = this.#template[at] ?? "";
      const values = typeof part === "string" ? [part] : this.#follow(part, [value]);
      if (this.#ended > 0 && this.#ended <= this.#depth) {
        this.#ended--;
        this.#lastEnd = at;
        break;
      }
      if (this.#begun === 0) {
        found.push(values);
        continue;
      }
      this.#begun--;
      this.#depth++;
      // To the parts of a range, an item that is null is no value at all.
      for (const item of values) for (const each of this.run(at + 1, item ?? undefined)) found.push(each);
      // Without items the range is gone through all the same, to find its end.
      if (values.length === 0) this.run(at + 1, undefined);
      this.#depth--;
      at = Math.max(at, this.#lastEnd);
    }
    return found;
  }

  #follow(expression: Expression, values: Values): Values {
    return expression.reduce((found, step) => this.#take(step, found), values);
  }

  #take(step: Step, values: Values): Values {
    switch (step.type) {
      case "field":
        return fieldsOf(values, step.name);
      case "every":
        return values.flatMap(partsOf);
      case "below":
        return values.flatMap(containersOf);
      case "slice":
        return sliced(values, step.slice);
      case "union":
        return step.branches.flatMap((branch) => this.#follow(branch, values));
      case "filter":
        return this.#filtered(values, step.filter);
      case "text":
        return [step.text];
      case "constant":
        return values.map(() => step.value);
      case "word":
        return this.#word(step.word, values);
      default:
        return step satisfies never;
    }
  }

  #filtered(values: Values, filter: Filter): Values {
    return values.flatMap((list) => {
      if (!Array.isArray(list)) throw new JsonPathFailure(`${typeName(list)} cannot be filtered`);
      return list.filter((item) => this.#isWanted(item, filter));
    });
  }

  #isWanted(item: Value, { left, operator, right }: Filter): boolean {
    if (operator === undefined) return this.#findsAnything(left, item);
    const compared: MaybeValue[] = [];
    for (const side of [left, right]) {
      const found = this.#follow(side, [item]);
      if (found.length === 0) return false;
      if (found.length > 1) throw new JsonPathFailure("can only compare one element at a time");
      compared.push(found[0]);
    }
    return holds(compared[0], operator, compared[1]);
  }

  /** A step that fails has found what it was given, unless it is the name of a field. */
  #findsAnything(expression: Expression, item: Value): boolean {
    let found: Values = [item];
    for (const step of expression) {
      try {
        found = this.#take(step, found);
      } catch (error) {
        if (error instanceof JsonPathFailure) return step.type !== "field" && found.length > 0;
        throw error;
      }
    }
    return found.length > 0;
  }

  #word(word: string, values: Values): Values {
    if (word === "range") {
      this.#begun++;
      return values;
    }
    if (word !== "end") throw new JsonPathFailure(`unrecognized identifier ${word}`);
    if (this.#depth === 0) throw new JsonPathFailure("not in range, nothing to end");
    this.#ended++;
    return [];
  }
}

function fieldsOf(values: Values, name: string): Values {
  const found = values.flatMap((value) =>
    value instanceof GoMap && value.has(name) ? [value.get(name)] : [],
  );
  if (values.length > 0 && found.length === 0) throw new JsonPathFailure(`${name} is not found`);
  return found;
}

function partsOf(value: MaybeValue): Values {
  if (value instanceof GoMap) return sortedKeys(value).map((key) => value.get(key));
  if (Array.isArray(value)) return value;
  return typeof value === "string" ? Array.from(toBytes(value), BigInt) : [];
}

/** A value that has parts, and those below it. */
function containersOf(value: MaybeValue): Values {
  const parts = partsOf(value);
  return parts.length === 0 ? [] : [value, ...parts.flatMap(containersOf)];
}

function sliced(values: Values, slice: Slice): Values {
  const found: MaybeValue[] = [];
  for (const list of values) {
    if (list === null) continue;
    if (!Array.isArray(list)) throw new JsonPathFailure(`${typeName(list)} has no items`);
    const { length } = list;
    const from = slice.from < 0 ? slice.from + length : slice.from;
    const isFromEnd = slice.to !== undefined && (slice.to < 0 || (slice.to === 0 && slice.isOne));
    const to = isFromEnd ? (slice.to ?? 0) + length : (slice.to ?? length);
    // No item is asked for: neither are those of the lists that follow.
    if (from === to) return found;
    const outside = from < 0 || from >= length ? from : to < 0 || to > length ? to - 1 : undefined;
    if (outside !== undefined) {
      const where = `index ${outside}, length ${length}`;
      throw new JsonPathFailure(`array index out of bounds: ${where}`);
    }
    if (from > to) {
      throw new JsonPathFailure(`starting index ${from} is greater than ending index ${to}`);
    }
    if (slice.step <= 0) throw new JsonPathFailure("step must be > 0");
    for (let at = from; at < to; at += slice.step) found.push(list[at]);
  }
  return found;
}

const COMPARISONS: Readonly<Record<string, (order: number) => boolean>> = {
  "==": (order) => order === 0,
  "!=": (order) => order !== 0,
  "<": (order) => order < 0,
  ">": (order) => order > 0,
  "<=": (order) => order <= 0,
  ">=": (order) => order >= 0,
};

function holds(left: MaybeValue, operator: string, right: MaybeValue): boolean {
  const comparison = COMPARISONS[operator];
  if (comparison === undefined) throw new JsonPathFailure(`unrecognized filter operator ${operator}`);
  const order = orderOf(left, right);
  const isEquality = operator === "==" || operator === "!=";
  if (order === undefined || (typeof left === "boolean" && !isEquality))
    throw new JsonPathFailure(`cannot compare ${typeName(left)} ${operator} ${typeName(right)}`);
  return comparison(order);
}

/** Negative, zero or positive; undefined for what cannot be compared, such as a float64 and an int. */
function orderOf(left: MaybeValue, right: MaybeValue): number | undefined {
  if (typeof left === "string" && typeof right === "string") return compareStrings(left, right);
  const areNumbers = typeof left === "number" && typeof right === "number";
  const areIntegers = typeof left === "bigint" && typeof right === "bigint";
  const areBooleans = typeof left === "boolean" && typeof right === "boolean";
  if (!areNumbers && !areIntegers && !areBooleans) return undefined;
  return left < right ? -1 : left > right ? 1 : 0;
}

function textOf(value: MaybeValue): string {
  if (value === undefined) return "<no value>";
  if (value === null) return "null";
  return Array.isArray(value) || value instanceof GoMap ? printJson(value) : printValue(value);
}
