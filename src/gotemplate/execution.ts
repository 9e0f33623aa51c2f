import { SlipwayError } from "#errors";
import type { TemplateContext } from "./function.ts";
import { elementType, typeName, zeroOf } from "./inspect.ts";
import type { Node } from "./node.ts";
import { printPointee } from "./format.ts";
import { dotHint, missingKeyHint, unknownNameHint } from "./hints.ts";
import { quote } from "./strconv.ts";
import { executionError, type TemplateError } from "./template-error.ts";
import { GoMap, type MaybeValue, type Value } from "./value.ts";

/** What a template may use before it is stopped. */
export interface Limits {
  /** Characters that it writes, and that one string in it has. 128 Mi unless told. */
  readonly outputLength: number;
  /** Loop rounds and calls of templates and functions. 20 million unless told. */
  readonly steps: number;
  /** How long it may run. Two minutes unless told. */
  readonly timeMs: number;
  /** How often one template may include itself before it has left again: Helm's 1000 unless told. */
  readonly nestedIncludes: number;
}

export const DEFAULT_LIMITS: Limits = {
  outputLength: 128 * 1024 * 1024,
  steps: 20_000_000,
  timeMs: 120_000,
  nestedIncludes: 1000,
};

/** What `.Values.x` is when there is no x: a zero value, nothing, or an error. */
export type MissingKey = "zero" | "default" | "error";

/** A template ready to run. */
export interface CompiledTemplate {
  readonly name: string;
  /** How many variables it has. */
  readonly slots: number;
  readonly body: Execute;
}

/** 0 goes on, 1 leaves the loop, 2 begins its next round. */
export type Jump = 0 | 1 | 2;
export type Execute = (run: Execution, dot: MaybeValue) => Jump;
/** `final` is what the command before it in the pipeline gave. */
export type Evaluate = (run: Execution, dot: MaybeValue, final: MaybeValue) => MaybeValue;

/** The templates that an execution sees. */
export interface Namespace {
  readonly name: string;
  find(name: string): CompiledTemplate | undefined;
  /** The names of all templates, in no order. */
  names(): string[];
  /** A namespace with all of this and what the text defines; the text itself is the template of its name. */
  withText(text: string): { readonly namespace: Namespace; readonly main: CompiledTemplate };
}

export interface ExecutionOptions {
  /** `default` unless told. */
  readonly missingKey?: MissingKey;
  readonly limits?: Partial<Limits>;
  /** Handed to the functions that want the context. */
  readonly state?: unknown;
}

/** Deeper than this, running out of stack is taken for a template that never stops including itself. */
const SUSPICIOUS_NESTING = 50;
/** Few, since a step may be the making of a key. */
const STEPS_PER_CHECK = 64;
/** The depth that Go allows. Our stack ends earlier; the error says the same. */
const GO_DEPTH = 100_000;

/** One run of a template: what it has written, where it is, what its variables are. */
export class Execution implements TemplateContext {
  out = "";
  /** The node under way, which an error names. Set at the same places as in Go, so that errors name the same. */
  node: Node | undefined;
  vars: MaybeValue[] = [];
  /** What the elements of the innermost range are declared to be. */
  elementType: string | undefined;
  template: CompiledTemplate;
  namespace: Namespace;
  readonly missingKey: MissingKey;
  readonly state: unknown;
  readonly limits: Limits;
  readonly #included = new Map<string, number>();
  readonly #startedAt = process.hrtime.bigint();
  #steps = 0;
  /** How many templates are under way in each other. */
  #depth = 0;
  /** Steps left until the limits are looked at. */
  budget = STEPS_PER_CHECK;

  constructor(namespace: Namespace, template: CompiledTemplate, options: ExecutionOptions) {
    this.namespace = namespace;
    this.template = template;
    this.missingKey = options.missingKey ?? "default";
    this.state = options.state;
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
  }

  /** Runs the template that it was made for and returns what it wrote. */
  start(data: MaybeValue): string {
    try {
      return this.#capture(this.template, data ?? undefined);
    } catch (error) {
      throw error instanceof RangeError ? this.error(rangeProblem(error), { cause: error }) : error;
    }
  }

  include(name: string, data: Value): string {
    const template = this.namespace.find(name);
    if (template === undefined) {
      throw new UnknownTemplate(name, this.namespace.name);
    }
    const nested = this.#included.get(name) ?? 0;
    if (nested > this.limits.nestedIncludes) throw nestedProblem(name);
    this.#included.set(name, nested + 1);
    const caller = this.template;
    let text: string;
    try {
      text = this.#capture(template, data ?? undefined);
    } catch (error) {
      this.template = caller;
      throw error instanceof RangeError && nested > SUSPICIOUS_NESTING ? nestedProblem(name) : error;
    }
    this.#included.set(name, nested);
    return text;
  }

  tpl(text: string, data: Value): string {
    if (!text.includes("{{")) return text;
    const outer = this.namespace;
    const caller = this.template;
    const { namespace, main } = outer.withText(text);
    this.namespace = namespace;
    try {
      return this.#capture(main, data ?? undefined);
    } finally {
      this.namespace = outer;
      this.template = caller;
    }
  }

  /** Runs a template as `{{template}}` does: it writes where its caller writes. */
  call(template: CompiledTemplate, dot: MaybeValue): void {
    const { template: callerTemplate, vars, node } = this;
    if (--this.budget <= 0) this.checkLimits();
    this.template = template;
    this.vars = newVariables(template.slots, dot);
    this.#depth++;
    template.body(this, dot);
    this.#depth--;
    this.template = callerTemplate;
    this.vars = vars;
    this.node = node;
  }

  #capture(template: CompiledTemplate, dot: MaybeValue): string {
    const { out } = this;
    this.out = "";
    this.call(template, dot);
    const written = this.out;
    if (written.length > this.limits.outputLength) throw this.error(this.#tooLong());
    this.out = out;
    return written;
  }

  /** Counts rounds and calls, and stops a template that takes too much of anything. */
  checkLimits(): void {
    this.#steps += STEPS_PER_CHECK;
    this.budget = STEPS_PER_CHECK;
    const { steps, timeMs, outputLength } = this.limits;
    if (this.#steps > steps) throw this.error(`the template takes more than ${steps} steps`);
    if (Number(process.hrtime.bigint() - this.#startedAt) / 1e6 > timeMs)
      throw this.error(`the template takes longer than ${timeMs / 1000} seconds`);
    if (this.out.length > outputLength) throw this.error(this.#tooLong());
  }

  #tooLong(): string {
    return `the template writes more than ${this.limits.outputLength} characters`;
  }

  /** Writes the value of an action. */
  print(value: MaybeValue): void {
    if (value === null || value === undefined) {
      this.out += "<no value>";
      return;
    }
    try {
      this.out += printPointee(value);
    } catch (error) {
      throw error instanceof RangeError
        ? error
        : this.error(String(error instanceof Error ? error.message : error), { cause: error });
    }
  }

  error(
    reason: string,
    options: { hint?: string | undefined; cause?: unknown } = {},
  ): TemplateError | SlipwayError {
    return this.node === undefined
      ? new SlipwayError("TEMPLATE_EXECUTION", `template: ${this.template.name}: ${reason}`)
      : executionError(this.node, this.template.name, reason, options);
  }

  fail(reason: string): never {
    throw this.error(reason);
  }

  /** The error of a function that threw. Running out of stack in nested templates is told by whoever began them. */
  callError(error: unknown, node: Node, name: string): unknown {
    const isRange = error instanceof RangeError;
    if (isRange && isOutOfStack(error) && this.#depth > SUSPICIOUS_NESTING) return error;
    this.node = node;
    const text = isRange
      ? "a value is too large or nested too deeply"
      : error instanceof Error
        ? error.message
        : String(error);
    const hint = error instanceof UnknownTemplate ? this.nearestTemplate(error.template) : undefined;
    return this.error(`error calling ${name}: ${text}`, { cause: error, hint });
  }

  /** What to say of a template that is not there. */
  nearestTemplate(name: string): string | undefined {
    return unknownNameHint("template", name, this.namespace.names());
  }

  /** What a map gives for a key that it lacks. */
  missing(map: GoMap, key: string): MaybeValue {
    if (this.missingKey === "error") {
      throw this.error(`map has no entry for key ${quote(key)}`, {
        hint: missingKeyHint(key, [...map.keys()]),
      });
    }
    if (this.missingKey === "default") return undefined;
    return map.type === "map[string]interface {}" ? null : zeroOf(elementType(map));
  }

  /** The error of a field that nil does not have: its holder lacks the key, or has a null. */
  nilError(
    holder: MaybeValue,
    path: readonly string[],
    at: number,
    node: Node,
  ): TemplateError | SlipwayError {
    const key = path[at - 1];
    const reason = `nil pointer evaluating interface {}.${path[at] ?? ""}`;
    if (key === undefined || !(holder instanceof GoMap)) return this.error(reason);
    const isOfDot = at === 1 && node.type === "field";
    if (holder.has(key)) return this.error(reason, { hint: `${quote(key)} is null` });
    return this.error(reason, {
      hint: isOfDot ? dotHint(holder, key, this.vars[0]) : missingKeyHint(key, [...holder.keys()]),
    });
  }
}

/** The variables of a template, `$` first. */
function newVariables(slots: number, dot: MaybeValue): MaybeValue[] {
  const vars: MaybeValue[] = [dot];
  for (let at = 1; at < slots; at++) vars.push(undefined);
  return vars;
}

/** What `include` throws for a name that no template has. */
class UnknownTemplate extends Error {
  readonly template: string;

  constructor(template: string, namespace: string) {
    super(`template: no template ${quote(template)} associated with template ${quote(namespace)}`);
    this.template = template;
  }
}

function nestedProblem(name: string): Error {
  return new Error(`rendering template has a nested reference name: ${name}: unable to execute template`);
}

function isOutOfStack(error: RangeError): boolean {
  return error.message.includes("call stack");
}

function rangeProblem(error: RangeError): string {
  return isOutOfStack(error) ? `exceeded maximum template depth (${GO_DEPTH})` : "a value is too large";
}

/** The type that an error calls a value by: what its holder declares, where that is an interface. */
export function declaredType(value: MaybeValue, holderType: string | undefined): string {
  return value === null || holderType === "interface {}" ? "interface {}" : typeName(value);
}
