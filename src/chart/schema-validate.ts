import { GoMap, GoNumber, sprintf, type Value } from "#gotemplate";
import type {
  ArrayRules,
  LogicRules,
  NumberRules,
  ObjectRules,
  Schema,
  TextRules,
} from "./schema-compile.ts";
import { isObject, type Json } from "./schema-keywords.ts";

/** What is wrong with a value. A `group` only holds together what is wrong with one value. */
export interface Problem {
  readonly at: readonly string[];
  readonly kind: "claim" | "group" | "reference";
  readonly text: string;
  readonly causes: readonly Problem[];
}

/** What a schema has against a value, in the words of Helm's validator; undefined when it has nothing. */
export function validate(schema: Schema, value: Value): Problem | undefined {
  return new Visit(schema, value, [], undefined, 0, unevaluatedBy(schema, value, false), false).run();
}

/** Keys of a map or indices of a list that no schema has looked at. */
type Unevaluated = Set<string> | Set<number>;

/** One schema looking at one value. */
class Visit {
  readonly schema: Schema;
  readonly value: Value;
  readonly at: readonly string[];
  readonly caller: Visit | undefined;
  /** Of the value: visits of one value follow each other. */
  readonly depth: number;
  readonly unevaluated: Unevaluated | undefined;
  /** Only whether there is a problem is asked for. */
  readonly isQuiet: boolean;
  readonly problems: Problem[] = [];

  constructor(
    schema: Schema,
    value: Value,
    at: readonly string[],
    caller: Visit | undefined,
    depth: number,
    unevaluated: Unevaluated | undefined,
    isQuiet: boolean,
  ) {
    this.schema = schema;
    this.value = value;
    this.at = at;
    this.caller = caller;
    this.depth = depth;
    this.unevaluated = unevaluated;
    this.isQuiet = isQuiet;
  }

  run(): Problem | undefined {
    const { schema, value } = this;
    if (schema.always !== undefined) return schema.always ? undefined : this.#claim("false schema");
    for (let one = this.caller; one !== undefined && one.depth === this.depth; one = one.caller) {
      if (one.schema === schema) return this.#claim("references go round in a circle");
    }
    const early = this.#early();
    if (early !== undefined) return early;
    if (schema.reference !== undefined) {
      const problem = this.#refer(schema.reference);
      if (schema.draft < 2019) return problem;
      this.#add(problem);
    }
    if (value instanceof GoMap) {
      if (schema.object !== undefined) this.#checkObject(value, schema.object);
    } else if (Array.isArray(value)) {
      if (schema.array !== undefined) this.#checkArray(value, schema.array);
    } else if (typeof value === "string") {
      if (schema.text !== undefined) this.#checkText(value, schema.text);
    } else if (schema.number !== undefined && isNumeric(value)) {
      this.#checkNumber(numberOf(value), schema.number);
    }
    if (this.problems.length === 0 || !this.isQuiet) {
      this.#followDynamic();
      if (schema.logic !== undefined) this.#checkLogic(schema.logic);
      this.#checkUnevaluated();
    }
    if (this.problems.length < 2) return this.problems[0];
    return { at: this.at, kind: "group", text: "validation failed", causes: this.problems };
  }

  /** The words after which nothing else is said of a value. */
  #early(): Problem | undefined {
    const { types, constant, choices, format } = this.schema;
    const { value } = this;
    if (types !== undefined) {
      const got = typeOf(value);
      if (!types.includes(got) && !(got === "number" && types.includes("integer") && isWhole(value))) {
        return this.#claim(
          () => `got ${got}, want ${ORDER.filter((type) => types.includes(type)).join(" or ")}`,
        );
      }
    }
    if (constant !== undefined && !equals(value, constant.value)) {
      return this.#claim(() => {
        const { value: wanted } = constant;
        return typeof wanted === "object" && wanted !== null
          ? "'const' failed"
          : `value must be ${display(wanted)}`;
      });
    }
    if (choices !== undefined && !choices.some((choice) => equals(value, choice))) {
      return this.#claim(() => {
        if (choices.some((choice) => typeof choice === "object" && choice !== null)) return "'enum' failed";
        return `value must be ${choices.length === 1 ? "" : "one of "}${choices.map(display).join(", ")}`;
      });
    }
    if (format !== undefined && typeof value === "string" && !format.test(value)) {
      return this.#claim(() => `${quote(value)} is not valid ${format.name}`);
    }
    return undefined;
  }

  #checkObject(map: GoMap, rules: ObjectRules): void {
    const { min, max, required, dependencies, names } = rules;
    if (min !== undefined && map.size < min)
      this.#say(() => `minProperties: got ${count(map.size)}, want ${count(min)}`);
    if (max !== undefined && map.size > max)
      this.#say(() => `maxProperties: got ${count(map.size)}, want ${count(max)}`);
    if (required !== undefined) {
      const missing = required.filter((name) => !map.has(name));
      if (missing.length > 0) {
        this.#say(() => `missing ${missing.length === 1 ? "property" : "properties"} ${quoteAll(missing)}`);
      }
    }
    if (this.isQuiet && this.problems.length > 0) return;
    for (const [name, needs] of dependencies ?? []) {
      if (!map.has(name)) continue;
      if ("draft" in needs) this.#add(this.#also(needs));
      else this.#require(map, name, needs);
    }
    this.#checkProperties(map, rules);
    if (names !== undefined) {
      for (const name of map.keys()) {
        const problem = new Visit(names, name, [], undefined, 0, undefined, this.isQuiet).run();
        if (problem === undefined) continue;
        const causes = problem.kind === "group" ? problem.causes : [problem];
        this.problems.push({
          at: this.at,
          kind: "claim",
          text: `invalid propertyName ${quote(name)}`,
          causes,
        });
      }
    }
    for (const [name, schema] of rules.dependentSchemas ?? [])
      if (map.has(name)) this.#add(this.#also(schema));
    for (const [name, needs] of rules.dependentRequired ?? [])
      if (map.has(name)) this.#require(map, name, needs);
  }

  #checkProperties(map: GoMap, rules: ObjectRules): void {
    const { properties, patterns, additional } = rules;
    if (properties === undefined && patterns === undefined && additional === undefined) return;
    const foreign: string[] = [];
    for (const [name, item] of map) {
      if (this.isQuiet && this.problems.length > 0) return;
      let isEvaluated = false;
      const schema = properties?.get(name);
      if (schema !== undefined) {
        isEvaluated = true;
        this.#add(this.#into(schema, item, name));
      }
      for (const [pattern, below] of patterns ?? []) {
        if (!pattern.test(name)) continue;
        isEvaluated = true;
        this.#add(this.#into(below, item, name));
      }
      if (!isEvaluated && additional !== undefined) {
        isEvaluated = true;
        if (additional === false) foreign.push(name);
        else if (additional !== true) this.#add(this.#into(additional, item, name));
      }
      if (isEvaluated) (this.unevaluated as Set<string> | undefined)?.delete(name);
    }
    if (foreign.length > 0) this.#say(() => `additional properties ${quoteAll(foreign)} not allowed`);
  }

  #require(map: GoMap, name: string, needs: readonly string[]): void {
    const missing = needs.filter((need) => !map.has(need));
    if (missing.length > 0)
      this.#say(() => `properties ${quoteAll(missing)} required, if ${quote(name)} exists`);
  }

  #checkArray(list: readonly Value[], rules: ArrayRules): void {
    const { min, max, first = [], rest } = rules;
    if (min !== undefined && list.length < min)
      this.#say(() => `minItems: got ${count(list.length)}, want ${count(min)}`);
    if (max !== undefined && list.length > max)
      this.#say(() => `maxItems: got ${count(list.length)}, want ${count(max)}`);
    if (rules.areUnique) {
      const pair = firstEqual(list);
      if (pair !== undefined) this.#say(() => `items at ${count(pair[0])} and ${count(pair[1])} are equal`);
    }
    const head = Math.min(first.length, list.length);
    for (let i = 0; i < head; i++) this.#add(this.#into(first[i] as Schema, list[i] as Value, String(i)));
    if (rest === false && head < list.length) {
      this.#say(() => `last ${count(list.length - head)} additionalItem(s) not allowed`);
    } else if (typeof rest === "object") {
      for (let i = head; i < list.length; i++) this.#add(this.#into(rest, list[i] as Value, String(i)));
    }
    if (rules.contains !== undefined) this.#checkContains(list, rules.contains, rules);
  }

  #checkContains(list: readonly Value[], schema: Schema, { minContains, maxContains }: ArrayRules): void {
    const matched: number[] = [];
    const failed: Problem[] = [];
    for (const [i, item] of list.entries()) {
      const problem = this.#into(schema, item, String(i));
      if (problem !== undefined) failed.push(problem);
      else {
        matched.push(i);
        if (this.schema.draft >= 2020) (this.unevaluated as Set<number> | undefined)?.delete(i);
      }
    }
    const matching = (): string => `matched ${count(matched.length)} items at ${matched.join(" ")}`;
    if (minContains === undefined) {
      if (matched.length === 0) this.#say("no items match contains schema", failed);
    } else if (matched.length < minContains) {
      this.#say(
        () =>
          `min ${count(minContains)} items required to match contains schema, but ${matched.length === 0 ? "none matched" : matching()}`,
        failed,
      );
    }
    if (maxContains !== undefined && matched.length > maxContains) {
      this.#say(() => `max ${count(maxContains)} items required to match contains schema, but ${matching()}`);
    }
  }

  #checkText(text: string, { min, max, pattern }: TextRules): void {
    if (min !== undefined || max !== undefined) {
      const length = [...text].length;
      if (min !== undefined && length < min)
        this.#say(() => `minLength: got ${count(length)}, want ${count(min)}`);
      if (max !== undefined && length > max)
        this.#say(() => `maxLength: got ${count(length)}, want ${count(max)}`);
    }
    if (pattern !== undefined && !pattern.test(text)) {
      this.#say(() => `${quote(text)} does not match pattern ${quote(pattern.pattern)}`);
    }
  }

  #checkNumber(value: number | bigint, rules: NumberRules): void {
    const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = rules;
    const say = (word: string, limit: number): void =>
      this.#say(() => `${word}: got ${decimalText(value)}, want ${decimalText(limit)}`);
    if (minimum !== undefined && value < minimum) say("minimum", minimum);
    if (maximum !== undefined && value > maximum) say("maximum", maximum);
    if (exclusiveMinimum !== undefined && value <= exclusiveMinimum)
      say("exclusiveMinimum", exclusiveMinimum);
    if (exclusiveMaximum !== undefined && value >= exclusiveMaximum)
      say("exclusiveMaximum", exclusiveMaximum);
    if (multipleOf !== undefined && !isMultiple(value, multipleOf)) say("multipleOf", multipleOf);
  }

  #followDynamic(): void {
    const { recursiveReference, dynamicReference } = this.schema;
    if (recursiveReference !== undefined) {
      let target = recursiveReference;
      if (target.isRecursiveAnchor) {
        for (const one of outward(this)) {
          if (one.schema.resource.isRecursiveAnchor) target = one.schema;
        }
      }
      this.#add(this.#refer(target));
    }
    if (dynamicReference !== undefined) {
      const { anchor } = dynamicReference;
      let target = dynamicReference.schema;
      if (anchor !== "" && target.dynamicAnchor === anchor) {
        for (const one of outward(this)) {
          target = one.schema.resource.dynamicAnchors?.get(anchor) ?? target;
        }
      }
      this.#add(this.#refer(target));
    }
  }

  #checkLogic(rules: LogicRules): void {
    if (rules.not !== undefined && this.#also(rules.not, true) === undefined) this.#say("'not' failed");
    if (rules.allOf !== undefined) {
      const failed: Problem[] = [];
      for (const schema of rules.allOf) {
        const problem = this.#also(schema);
        if (problem === undefined) continue;
        failed.push(problem);
        if (this.isQuiet) break;
      }
      if (failed.length > 0) this.#say("'allOf' failed", failed);
    }
    if (rules.anyOf !== undefined) {
      const failed: Problem[] = [];
      let isMatched = false;
      for (const schema of rules.anyOf) {
        const problem = this.#also(schema);
        if (problem !== undefined) failed.push(problem);
        else {
          isMatched = true;
          if (this.#isEvaluated()) break;
        }
      }
      if (!isMatched) this.#say("'anyOf' failed", failed);
    }
    if (rules.oneOf !== undefined) this.#checkOneOf(rules.oneOf);
    if (rules.if !== undefined) {
      const next = this.#also(rules.if, true) === undefined ? rules.then : rules.else;
      if (next !== undefined) this.#add(this.#also(next));
    }
  }

  #checkOneOf(schemas: readonly Schema[]): void {
    const failed: Problem[] = [];
    let matched: number | undefined;
    for (const [i, schema] of schemas.entries()) {
      const problem = this.#also(schema, matched !== undefined);
      if (problem !== undefined) {
        if (matched === undefined) failed.push(problem);
      } else if (matched === undefined) matched = i;
      else return this.#say(`'oneOf' failed, subschemas ${count(matched)}, ${count(i)} matched`);
    }
    if (matched === undefined) this.#say("'oneOf' failed, none matched", failed);
  }

  #checkUnevaluated(): void {
    const { unevaluatedProperties, unevaluatedItems } = this.schema;
    const { value, unevaluated } = this;
    if (unevaluated === undefined) return;
    const schema = value instanceof GoMap ? unevaluatedProperties : unevaluatedItems;
    if (schema === undefined) return;
    for (const key of unevaluated) {
      const item = value instanceof GoMap ? value.get(String(key)) : (value as Value[])[Number(key)];
      this.#add(this.#into(schema, item as Value, String(key)));
    }
    unevaluated.clear();
  }

  #isEvaluated(): boolean {
    return this.unevaluated === undefined || this.unevaluated.size === 0;
  }

  /** Another schema looks at the same value; what it has evaluated counts when it has nothing against it. */
  #also(schema: Schema, isQuiet = false): Problem | undefined {
    const { value, at, depth, unevaluated } = this;
    const theirs = unevaluatedBy(schema, value, !this.#isEvaluated());
    const problem = new Visit(schema, value, at, this, depth, theirs, this.isQuiet || isQuiet).run();
    if (problem === undefined && unevaluated !== undefined) {
      for (const key of unevaluated)
        if (!(theirs as Set<unknown> | undefined)?.has(key)) (unevaluated as Set<unknown>).delete(key);
    }
    return problem;
  }

  #into(schema: Schema, item: Value, key: string): Problem | undefined {
    const theirs = unevaluatedBy(schema, item, false);
    return new Visit(schema, item, [...this.at, key], this, this.depth + 1, theirs, this.isQuiet).run();
  }

  #refer(schema: Schema): Problem | undefined {
    const problem = this.#also(schema);
    if (problem === undefined) return undefined;
    const causes = problem.kind === "group" ? problem.causes : [problem];
    return { at: this.at, kind: "reference", text: "validation failed", causes };
  }

  #add(problem: Problem | undefined): void {
    if (problem !== undefined) this.problems.push(problem);
  }

  #say(text: string | (() => string), causes: readonly Problem[] = []): void {
    this.problems.push(this.#claim(text, causes));
  }

  #claim(text: string | (() => string), causes: readonly Problem[] = []): Problem {
    if (this.isQuiet) return SOME_PROBLEM;
    return { at: this.at, kind: "claim", text: typeof text === "string" ? text : text(), causes };
  }
}

/** A visit and those that led to it. */
function* outward(visit: Visit): Generator<Visit> {
  for (let one: Visit | undefined = visit; one !== undefined; one = one.caller) yield one;
}

const SOME_PROBLEM: Problem = { at: [], kind: "claim", text: "", causes: [] };

/** What a visit has to account for, when somebody asks. */
function unevaluatedBy(schema: Schema, value: Value, isAsked: boolean): Unevaluated | undefined {
  if (value instanceof GoMap) {
    if (!isAsked && schema.unevaluatedProperties === undefined) return undefined;
    return schema.object?.additional === undefined ? new Set(value.keys()) : undefined;
  }
  if (!Array.isArray(value)) return undefined;
  if (!isAsked && schema.unevaluatedItems === undefined) return undefined;
  if (schema.array?.rest !== undefined) return undefined;
  const first = schema.array?.first?.length ?? 0;
  return new Set(value.keys().drop(first));
}

/** The order in which Helm names types. */
const ORDER = ["null", "boolean", "number", "integer", "string", "array", "object"];

function typeOf(value: Value): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (value instanceof GoMap) return "object";
  return isNumeric(value) ? "number" : typeof value;
}

function isNumeric(value: Value): value is number | bigint | GoNumber {
  return typeof value === "number" || typeof value === "bigint" || value instanceof GoNumber;
}

const numberOf = (value: number | bigint | GoNumber): number | bigint =>
  value instanceof GoNumber ? value.value : value;

function isWhole(value: Value): boolean {
  const number = isNumeric(value) ? numberOf(value) : undefined;
  return typeof number === "bigint" || Number.isInteger(number);
}

/** Whether a number is a whole multiple of another, as the decimals that they are written as. */
function isMultiple(value: number | bigint, of: number): boolean {
  const [dividend, places] = decimal(value);
  const [divisor, otherPlaces] = decimal(of);
  const shared = Math.max(places, otherPlaces);
  return (dividend * 10n ** BigInt(shared - places)) % (divisor * 10n ** BigInt(shared - otherPlaces)) === 0n;
}

/** A number as a whole one and how many of its digits stand behind the point. */
function decimal(value: number | bigint): [digits: bigint, places: number] {
  const [mantissa = "", exponent = "0"] = String(value).split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const places = fraction.length - Number(exponent);
  const digits = BigInt(whole + fraction);
  return places < 0 ? [digits * 10n ** BigInt(-places), 0] : [digits, places];
}

function equals(value: Value, other: Json): boolean {
  if (value instanceof GoMap) {
    if (!isObject(other) || Object.keys(other).length !== value.size) return false;
    for (const [key, item] of value) {
      if (!Object.hasOwn(other, key) || !equals(item, other[key] as Json)) return false;
    }
    return true;
  }
  if (Array.isArray(value)) {
    if (!Array.isArray(other) || other.length !== value.length) return false;
    return value.every((item, i) => equals(item, other[i] as Json));
  }
  if (isNumeric(value)) return typeof other === "number" && isEqualNumber(numberOf(value), other);
  return value === other;
}

function isEqualNumber(value: number | bigint, other: number): boolean {
  return typeof value === "number" ? value === other : Number.isInteger(other) && value === BigInt(other);
}

/** The places of the first item that is equal to one before it. */
function firstEqual(list: readonly Value[]): [earlier: number, later: number] | undefined {
  const seen = new Map<string, number>();
  for (const [i, item] of list.entries()) {
    const key = canonical(item);
    const earlier = seen.get(key);
    if (earlier !== undefined) return [earlier, i];
    seen.set(key, i);
  }
  return undefined;
}

/** One text for equal values. */
function canonical(value: Value): string {
  if (value instanceof GoMap) {
    const entries = [...value].map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`);
    return `{${entries.sort().join()}}`;
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!isNumeric(value)) return JSON.stringify(value);
  const number = numberOf(value);
  return typeof number === "number" && Number.isInteger(number) ? String(BigInt(number)) : String(number);
}

function display(value: Json): string {
  return typeof value === "string" ? quote(value) : value === null ? "<nil>" : String(value);
}

/** A number as Go's printer for people writes it: `70,000`, `1.5×10⁰⁷`. */
function decimalText(number: number | bigint): string {
  const [mantissa, exponent] = Number(number).toExponential().split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 6) return Number(number).toLocaleString("en", { maximumFractionDigits: 20 });
  const digits = String(Math.abs(power)).padStart(2, "0");
  return `${mantissa}×10${power < 0 ? "⁻" : ""}${digits.replace(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)] ?? "")}`;
}

const count = (number: number): string => number.toLocaleString("en");

const quoteAll = (names: readonly string[]): string => names.map(quote).join(", ");

/** Go's quoting, with the other quotes. */
function quote(text: string): string {
  const quoted = sprintf("%q", [text])
    .replaceAll(String.raw`\"`, '"')
    .replaceAll("'", String.raw`\'`);
  return `'${quoted.slice(1, -1)}'`;
}
