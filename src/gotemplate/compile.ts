import { AND, CALL, OR } from "./builtins.ts";
import { conversionTo, failing, literal, literalArgument, resultAs, type Conversion } from "./arguments.ts";
import {
  declaredType,
  type CompiledTemplate,
  type Evaluate,
  type Execute,
  type Execution,
  type Jump,
} from "./execution.ts";
import type { FunctionMap, TemplateFunction } from "./function.ts";
import { goType, type GoType } from "./go-type.ts";
import { elementType, isObject, sortedKeys, truth } from "./inspect.ts";
import {
  nodeText,
  type ActionNode,
  type BranchNode,
  type CommandNode,
  type FieldNode,
  type IdentifierNode,
  type ListNode,
  type Node,
  type OperandNode,
  type PipeNode,
  type StatementNode,
  type TemplateNode,
  type VariableNode,
} from "./node.ts";
import { dotHint, noMapHint } from "./hints.ts";
import type { Tree } from "./parser.ts";
import { quote } from "./strconv.ts";
import { sprintf } from "./format.ts";
import { GoBytes, GoMap, GoNumber, GoSlice, type MaybeValue, type Value } from "./value.ts";

// Most of this runs once for each part of a chart, before V8 makes code of it, where the iterators behind
// destructuring and for-of take longer than the work: so items are taken by their numbers.

/** Makes closures of a tree. Variables become numbered slots; functions are bound. */
export function compileTree(tree: Tree, functions: FunctionMap): CompiledTemplate {
  const compiler = new Compiler(functions);
  const body = compiler.list(tree.root);
  return { name: tree.name, slots: compiler.slots, body };
}

interface Variable {
  readonly name: string;
  readonly slot: number;
  /** The slot of its declared type, where a range sets it. */
  readonly typeSlot: number | undefined;
}

class Compiler {
  slots = 1;
  readonly #functions: FunctionMap;
  #variables: Variable[] = [{ name: "$", slot: 0, typeSlot: undefined }];
  /** Whether dot is an element of the innermost range, whose type may be only declared. */
  #isDotElement = false;

  constructor(functions: FunctionMap) {
    this.#functions = functions;
  }

  list(list: ListNode): Execute {
    const parts = list.nodes.map((node) => this.#statement(node));
    const first = parts[0];
    const second = parts[1];
    if (first === undefined) return () => 0;
    if (second === undefined) return first;
    if (parts.length === 2) return (run, dot) => first(run, dot) || second(run, dot);
    return (run, dot) => {
      let jump: Jump = 0;
      for (let at = 0; jump === 0 && at < parts.length; at++) jump = parts[at]?.(run, dot) ?? 0;
      return jump;
    };
  }

  #statement(node: StatementNode): Execute {
    switch (node.type) {
      case "text": {
        const { text } = node;
        return (run) => {
          run.out += text;
          return 0;
        };
      }
      case "action":
        return this.#action(node);
      case "if":
      case "with":
        return this.#ifOrWith(node);
      case "range":
        return this.#range(node);
      case "template":
        return this.#template(node);
      case "break":
        return () => 1;
      case "continue":
        return () => 2;
      default:
        return node satisfies never;
    }
  }

  #action(node: ActionNode): Execute {
    const pipe = this.#pipe(node.pipe);
    if (node.pipe.declared.length > 0) {
      return (run, dot) => {
        pipe(run, dot, undefined);
        return 0;
      };
    }
    return (run, dot) => {
      const value = pipe(run, dot, undefined);
      if (typeof value === "string") run.out += value;
      else {
        run.node = node;
        run.print(value);
      }
      return 0;
    };
  }

  #ifOrWith(node: BranchNode): Execute {
    const scope = this.#variables.length;
    const pipe = this.#pipe(node.pipe);
    const isWith = node.type === "with";
    const list = isWith ? this.#withDot(false, () => this.list(node.list)) : this.list(node.list);
    const otherwise = node.elseList === undefined ? undefined : this.list(node.elseList);
    this.#variables.length = scope;
    return (run, dot) => {
      const value = pipe(run, dot, undefined);
      if (truth(value)) return list(run, isWith ? value : dot);
      return otherwise === undefined ? 0 : otherwise(run, dot);
    };
  }

  #withDot<T>(isElement: boolean, work: () => T): T {
    const outer = this.#isDotElement;
    this.#isDotElement = isElement;
    const result = work();
    this.#isDotElement = outer;
    return result;
  }

  #range(node: BranchNode): Execute {
    const scope = this.#variables.length;
    const { pipe } = node;
    const source = this.#pipe(pipe);
    const [setIndex, setElement] = this.#rangeVariables(pipe);
    const list = this.#withDot(true, () => this.list(node.list));
    const otherwise = node.elseList === undefined ? undefined : this.list(node.elseList);
    this.#variables.length = scope;
    const hasTwo = pipe.declared.length > 1;

    /** One round; true leaves the loop. */
    const round = (run: Execution, index: MaybeValue, element: MaybeValue): boolean => {
      if (--run.budget <= 0) run.checkLimits();
      setElement?.(run, element);
      setIndex?.(run, index);
      return list(run, element) === 1;
    };
    const rounds = (run: Execution, value: MaybeValue): boolean => {
      if (Array.isArray(value)) {
        const { length } = value;
        for (let at = 0; at < length; at++) {
          if (round(run, setIndex === undefined ? undefined : BigInt(at), value[at])) break;
        }
        return length > 0;
      }
      if (value instanceof GoMap) {
        const keys = sortedKeys(value);
        const items = keys.map((key) => value.get(key));
        for (let at = 0; at < keys.length; at++) if (round(run, keys[at], items[at])) break;
        return keys.length > 0;
      }
      if (value === undefined || value === null) return false;
      if (value instanceof GoBytes) {
        value.bytes.every((byte, at) => !round(run, BigInt(at), new GoNumber("uint8", BigInt(byte))));
        return value.bytes.length > 0;
      }
      const whole = value instanceof GoNumber ? value.value : value;
      if (typeof whole === "bigint") {
        if (hasTwo) run.fail(`can't use ${sprintf("%v", [value])} to iterate over more than one variable`);
        for (let at = 0n; at < whole; at++) {
          if (
            round(run, undefined, value instanceof GoNumber ? new GoNumber(value.kind, at, value.type) : at)
          )
            break;
        }
        return whole > 0n;
      }
      if (isObject(value)) {
        const items =
          value.fields !== undefined && value.goKind === "map" ? GoMap.of(value.fields()) : undefined;
        if (items !== undefined) return rounds(run, items);
      }
      return run.fail(`range can't iterate over ${sprintf("%v", [value])}`);
    };
    return (run, dot) => {
      run.node = node;
      const value = source(run, dot, undefined);
      const outerType = run.elementType;
      run.elementType = isContainer(value) ? elementType(value).text : undefined;
      const hasRun = rounds(run, value);
      run.elementType = outerType;
      return hasRun || otherwise === undefined ? 0 : otherwise(run, dot);
    };
  }

  /** How a round of a range sets its index and element. */
  #rangeVariables(pipe: PipeNode): [index: SetVariable | undefined, element: SetVariable | undefined] {
    const first = pipe.declared[0];
    const second = pipe.declared[1];
    if (first === undefined) return [undefined, undefined];
    if (second === undefined) return [undefined, this.#setter(first, pipe.isAssign, true)];
    return [this.#setter(first, pipe.isAssign, false), this.#setter(second, pipe.isAssign, true)];
  }

  #setter(variable: VariableNode, isAssign: boolean, isElement: boolean): SetVariable {
    const name = variable.names[0] ?? "";
    const at = this.#variables.findLastIndex((one) => one.name === name);
    const known = this.#variables[at];
    if (known === undefined) return (run) => run.fail(`undefined variable: ${name}`);
    const { slot } = known;
    if (isAssign || !isElement) {
      return (run, value) => {
        run.vars[slot] = value;
      };
    }
    const typeSlot = this.slots++;
    this.#variables[at] = { name, slot, typeSlot };
    return (run, value) => {
      run.vars[slot] = value;
      run.vars[typeSlot] = run.elementType;
    };
  }

  #template(node: TemplateNode): Execute {
    const pipe = node.pipe === undefined ? undefined : this.#pipe(node.pipe);
    const { name } = node;
    return (run, dot) => {
      run.node = node;
      const template = run.namespace.find(name);
      if (template === undefined)
        throw run.error(`template ${quote(name)} not defined`, { hint: run.nearestTemplate(name) });
      run.call(template, pipe === undefined ? undefined : pipe(run, dot, undefined));
      return 0;
    };
  }

  /** A pipeline; nil that comes out of it is no value at all. */
  #pipe(pipe: PipeNode): Evaluate {
    const commands = pipe.commands.map((command, at) => this.#command(command, at > 0, pipe));
    const value = chained(commands);
    if (pipe.declared.length === 0) return value;
    const setters = pipe.declared.map((variable) => this.#declaration(variable, pipe.isAssign));
    const set = setters[0];
    if (set !== undefined && setters.length === 1) {
      return (run, dot) => {
        const result = value(run, dot, undefined);
        set(run, result);
        return result;
      };
    }
    return (run, dot) => {
      const result = value(run, dot, undefined);
      for (const each of setters) each(run, result);
      return result;
    };
  }

  #declaration(variable: VariableNode, isAssign: boolean): SetVariable {
    const name = variable.names[0] ?? "";
    if (!isAssign) {
      const slot = this.slots++;
      this.#variables.push({ name, slot, typeSlot: undefined });
      return (run, value) => {
        run.vars[slot] = value;
      };
    }
    const known = this.#variables.findLast((one) => one.name === name);
    if (known === undefined) return (run) => run.fail(`undefined variable: ${name}`);
    const { slot, typeSlot } = known;
    if (typeSlot === undefined) {
      return (run, value) => {
        run.vars[slot] = value;
      };
    }
    return (run, value) => {
      run.vars[slot] = value;
      run.vars[typeSlot] = undefined;
    };
  }

  #command(command: CommandNode, hasFinal: boolean, pipe: PipeNode): Evaluate {
    const first = command.args[0];
    const rest = command.args.length > 1 ? command.args.slice(1) : NO_OPERANDS;
    if (first === undefined) return failing(undefined, "empty command");
    switch (first.type) {
      case "field":
        return this.#field(first, rest, hasFinal);
      case "chain":
        return this.#chain(first, rest, hasFinal);
      case "identifier":
        return this.#function(first, command, rest, hasFinal);
      case "pipe":
        if (rest.length > 0 || hasFinal) return this.#notAFunction(first, hasFinal ? undefined : pipe);
        return this.#pipe(first);
      case "variable":
        return this.#variable(first, rest, hasFinal);
      default:
    }
    if (rest.length > 0 || hasFinal) return this.#notAFunction(first, first);
    if (first.type === "dot") {
      return (run, dot) => {
        run.node = first;
        return dot;
      };
    }
    return first.type === "nil" ? failing(first, "nil is not a command") : literal(first);
  }

  #notAFunction(first: OperandNode, node: OperandNode | undefined): Evaluate {
    return failing(node, `can't give argument to non-function ${nodeText(first)}`);
  }

  #field(node: FieldNode, rest: readonly OperandNode[], hasFinal: boolean): Evaluate {
    const path = node.names;
    const isElement = this.#isDotElement;
    if (rest.length === 0 && !hasFinal) {
      return (run, dot) => {
        run.node = node;
        return walk(run, dot, path, 0, node, isElement ? run.elementType : undefined);
      };
    }
    const args = this.#lateArguments(rest, hasFinal);
    return (run, dot, final) => {
      run.node = node;
      return walkAndCall(run, dot, path, 0, node, isElement ? run.elementType : undefined, dot, args, final);
    };
  }

  #variable(node: VariableNode, rest: readonly OperandNode[], hasFinal: boolean): Evaluate {
    const path = node.names;
    const name = path[0] ?? "";
    const known = this.#variables.findLast((one) => one.name === name);
    if (known === undefined) return failing(node, `undefined variable: ${name}`);
    const { slot, typeSlot } = known;
    if (path.length === 1) {
      if (rest.length > 0 || hasFinal) return this.#notAFunction(node, node);
      return (run) => {
        run.node = node;
        return run.vars[slot];
      };
    }
    const typeOfVariable = (run: Execution): string | undefined => {
      const type = typeSlot === undefined ? undefined : run.vars[typeSlot];
      return typeof type === "string" ? type : undefined;
    };
    if (rest.length === 0 && !hasFinal) {
      return (run) => {
        run.node = node;
        return walk(
          run,
          run.vars[slot],
          path,
          1,
          node,
          typeSlot === undefined ? undefined : typeOfVariable(run),
        );
      };
    }
    const args = this.#lateArguments(rest, hasFinal);
    return (run, dot, final) => {
      run.node = node;
      return walkAndCall(run, run.vars[slot], path, 1, node, typeOfVariable(run), dot, args, final);
    };
  }

  #chain(
    node: Extract<OperandNode, { type: "chain" }>,
    rest: readonly OperandNode[],
    hasFinal: boolean,
  ): Evaluate {
    const path = node.fields;
    if (node.node.type === "nil")
      return failing(node, `indirection through explicit nil in ${nodeText(node)}`);
    const start = this.#anyArgument(node.node);
    if (rest.length === 0 && !hasFinal) {
      return (run, dot) => {
        run.node = node;
        return walk(run, start(run, dot, undefined), path, 0, node, undefined);
      };
    }
    const args = this.#lateArguments(rest, hasFinal);
    return (run, dot, final) => {
      run.node = node;
      return walkAndCall(run, start(run, dot, undefined), path, 0, node, undefined, dot, args, final);
    };
  }

  #function(node: IdentifierNode, call: Node, rest: readonly OperandNode[], hasFinal: boolean): Evaluate {
    const { name } = node;
    const one = this.#functions.get(name);
    if (one === undefined) return failing(node, `${quote(name)} is not a defined function`);
    if (one === AND || one === OR) return this.#andOr(node, one, rest, hasFinal);
    const problem = countProblem(one, rest.length, hasFinal);
    if (problem !== undefined) return failing(node, problem);
    return callOf(
      one,
      this.#arguments(one, rest, hasFinal),
      node,
      call,
      one === CALL ? calleeName(rest) : undefined,
    );
  }

  /** `and` and `or` evaluate no more arguments than they need. */
  #andOr(
    node: IdentifierNode,
    one: TemplateFunction,
    rest: readonly OperandNode[],
    hasFinal: boolean,
  ): Evaluate {
    const problem = countProblem(one, rest.length, hasFinal);
    if (problem !== undefined) return failing(node, problem);
    const args = rest.map((arg) => this.#argument(arg, ANY_VALUE));
    const stopsAt = one === OR;
    return (run, dot, final) => {
      run.node = node;
      let value: MaybeValue;
      for (const arg of args) {
        value = arg(run, dot, undefined);
        if (truth(value) === stopsAt) return value;
      }
      return hasFinal ? final : value;
    };
  }

  #arguments(one: TemplateFunction, rest: readonly OperandNode[], hasFinal: boolean): Arguments {
    const values = rest.map((arg, at) => this.#argument(arg, one.params[at] ?? one.variadic ?? ANY_VALUE));
    if (!hasFinal) return { values, final: undefined };
    return { values, final: conversionTo(one.params[rest.length] ?? one.variadic ?? ANY_VALUE) };
  }

  /** Arguments of a method, whose types are only known when it is found. */
  #lateArguments(rest: readonly OperandNode[], hasFinal: boolean): LateArguments {
    const variables = [...this.#variables];
    const isElement = this.#isDotElement;
    const compiled = new Map<readonly GoType[], Arguments>();
    return {
      count: rest.length,
      hasFinal,
      forMethod: (method) => {
        let args = compiled.get(method.params);
        if (args === undefined) {
          const now = this.#variables;
          this.#variables = [...variables];
          args = this.#withDot(isElement, () => this.#arguments(method, rest, hasFinal));
          this.#variables = now;
          compiled.set(method.params, args);
        }
        return args;
      },
    };
  }

  #argument(node: OperandNode, type: GoType): Evaluate {
    switch (node.type) {
      case "bool":
      case "number":
      case "string":
      case "nil":
        return literalArgument(node, type);
      default:
    }
    const value = this.#anyArgument(node);
    if (type === ANY_VALUE) return value;
    const conversion = conversionTo(type);
    return (run, dot) => conversion(run, value(run, dot, undefined));
  }

  #anyArgument(node: OperandNode): Evaluate {
    switch (node.type) {
      case "dot":
        return (run, dot) => {
          run.node = node;
          return dot;
        };
      case "field":
        return this.#field(node, [], false);
      case "variable":
        return this.#variable(node, [], false);
      case "pipe":
        return this.#pipe(node);
      case "identifier":
        return this.#function(node, node, [], false);
      case "chain":
        return this.#chain(node, [], false);
      case "nil":
        return failing(node, "nil is not a command");
      default:
        return literal(node);
    }
  }
}

type SetVariable = (run: Execution, value: MaybeValue) => void;

const NO_OPERANDS: readonly OperandNode[] = [];
const ANY_VALUE = goType("reflect.Value");

function chained(commands: readonly Evaluate[]): Evaluate {
  const first = commands[0];
  const second = commands[1];
  const third = commands[2];
  if (first === undefined) return () => undefined;
  if (second === undefined) return (run, dot) => first(run, dot, undefined) ?? undefined;
  if (third === undefined) {
    return (run, dot) => second(run, dot, first(run, dot, undefined) ?? undefined) ?? undefined;
  }
  return (run, dot) => {
    let value = second(run, dot, first(run, dot, undefined) ?? undefined) ?? undefined;
    for (let at = 2; at < commands.length; at++) value = commands[at]?.(run, dot, value) ?? undefined;
    return value;
  };
}

/** Follows field names; the type is that under which the first value is declared, where that is not its own. */
function walk(
  run: Execution,
  start: MaybeValue,
  path: readonly string[],
  from: number,
  node: Node,
  type: string | undefined,
  to = path.length,
): MaybeValue {
  let value = start;
  let holder: MaybeValue;
  for (let at = from; at < to; at++) {
    const name = path[at] ?? "";
    let next: MaybeValue;
    if (value instanceof GoMap && !hasMethod(value, name)) {
      next = value.get(name) ?? (value.has(name) ? null : run.missing(value, name));
    } else {
      next = slowField(run, value, holder, path, at, node, at === from ? type : undefined);
    }
    holder = value;
    value = next;
  }
  return value;
}

/** A field of anything but a plain map, a method without arguments, or the error that there is neither. */
function slowField(
  run: Execution,
  value: MaybeValue,
  holder: MaybeValue,
  path: readonly string[],
  at: number,
  node: Node,
  type: string | undefined,
): MaybeValue {
  const name = path[at] ?? "";
  if (value === undefined) {
    if (run.missingKey === "error") run.fail(`nil data; no entry for key ${quote(name)}`);
    return undefined;
  }
  if (value === null) throw run.nilError(holder, path, at, node);
  const method = methodOf(value, name);
  if (method !== undefined) return callMethod(run, method, name, node);
  const field = isObject(value) ? value.field(name) : undefined;
  if (field !== undefined) return field;
  if (isObject(value) && [...(value.fields?.() ?? [])].some(([own]) => own === name)) {
    return run.fail(`${name} is an unexported field of struct type ${value.goType}`);
  }
  const declared = isContainer(holder) ? elementType(holder).text : type;
  throw run.error(`can't evaluate field ${name} in type ${declaredType(value, declared)}`, {
    hint: hintOf(run, value, path, at, node),
  });
}

/** What to say of a value without that field, which is the dot itself or has a name in the path. */
function hintOf(
  run: Execution,
  value: MaybeValue,
  path: readonly string[],
  at: number,
  node: Node,
): string | undefined {
  const name = path[at] ?? "";
  if (at === 0) return node.type === "field" ? dotHint(value, name, run.vars[0]) : undefined;
  return noMapHint(path[at - 1] ?? "", value);
}

function isContainer(value: MaybeValue): value is GoMap | Value[] {
  return value instanceof GoMap || Array.isArray(value);
}

function methodOf(value: NonNullable<Value>, name: string): TemplateFunction | undefined {
  if (value instanceof GoMap || value instanceof GoSlice) {
    return hasMethod(value, name) ? value.methods?.[name] : undefined;
  }
  if (value instanceof GoNumber) return value.traits?.method?.(value, name);
  return isObject(value) ? value.method(name) : undefined;
}

function hasMethod(value: GoMap | GoSlice, name: string): boolean {
  return value.methods !== undefined && Object.hasOwn(value.methods, name);
}

function callMethod(run: Execution, method: TemplateFunction, name: string, node: Node): MaybeValue {
  const problem = countProblem(method, 0, false, name);
  if (problem !== undefined) run.fail(problem);
  return callOf(
    method,
    { values: [], final: undefined },
    undefined,
    node,
    undefined,
    name,
  )(run, undefined, undefined);
}

/** As walk(), where the last name is called with arguments. */
function walkAndCall(
  run: Execution,
  start: MaybeValue,
  path: readonly string[],
  from: number,
  node: Node,
  type: string | undefined,
  dot: MaybeValue,
  args: LateArguments,
  final: MaybeValue,
): MaybeValue {
  const last = path.length - 1;
  const value = walk(run, start, path, from, node, type, last);
  const name = path[last] ?? "";
  const method = value === undefined || value === null ? undefined : methodOf(value, name);
  if (method !== undefined) {
    const problem = countProblem(method, args.count, args.hasFinal, name);
    if (problem !== undefined) run.fail(problem);
    return callOf(method, args.forMethod(method), undefined, node, undefined, name)(run, dot, final);
  }
  if (value instanceof GoMap) return run.fail(`${name} is not a method but has arguments`);
  if (isObject(value) && value.field(name) !== undefined) {
    return run.fail(`${name} has arguments but cannot be invoked as function`);
  }
  const holder = last > from ? walk(run, start, path, from, node, type, last - 1) : undefined;
  return slowField(run, value, holder, path, last, node, last === from ? type : undefined);
}

interface Arguments {
  readonly values: readonly Evaluate[];
  /** Converts what the pipeline passes on as the last argument. */
  readonly final: Conversion | undefined;
}

interface LateArguments {
  readonly count: number;
  readonly hasFinal: boolean;
  forMethod(method: TemplateFunction): Arguments;
}

function countProblem(
  one: TemplateFunction,
  given: number,
  hasFinal: boolean,
  name = one.name,
): string | undefined {
  const count = given + (hasFinal ? 1 : 0);
  const wanted = one.params.length;
  if (one.variadic !== undefined) {
    return count < wanted
      ? `wrong number of args for ${name}: want at least ${wanted} got ${given}`
      : undefined;
  }
  return count === wanted ? undefined : `wrong number of args for ${name}: want ${wanted} got ${count}`;
}

/** What `call` calls its function in errors; empty when the pipeline gives it. */
function calleeName(rest: readonly OperandNode[]): string {
  const [first] = rest;
  return first === undefined ? "" : nodeText(first);
}

/** The call of a function: evaluates the arguments from left to right, then calls. */
function callOf(
  one: TemplateFunction,
  args: Arguments,
  atFirst: Node | undefined,
  node: Node,
  callee: string | undefined,
  name = one.name,
): Evaluate {
  const { values, final: convert } = args;
  const { call } = one;
  const adapt = resultAs(one.result);
  const finish = (run: Execution, result: MaybeValue): MaybeValue => {
    if (--run.budget <= 0) run.checkLimits();
    if (typeof result === "string") {
      if (result.length > run.limits.outputLength) run.fail(`error calling ${name}: the text is too long`);
      return result;
    }
    return adapt === undefined ? result : adapt(result);
  };
  const count = values.length + (convert === undefined ? 0 : 1);
  const first = values[0];
  const second = values[1];
  if (!one.wantsContext && callee === undefined && count === 1) {
    return (run, dot, final) => {
      if (atFirst !== undefined) run.node = atFirst;
      const value = convert === undefined ? first?.(run, dot, undefined) : convert(run, final);
      let result: MaybeValue;
      try {
        result = call(value);
      } catch (error) {
        throw run.callError(error, node, name);
      }
      return finish(run, result);
    };
  }
  if (!one.wantsContext && callee === undefined && count === 2 && first !== undefined) {
    return (run, dot, final) => {
      if (atFirst !== undefined) run.node = atFirst;
      const value = first(run, dot, undefined);
      const other = convert === undefined ? second?.(run, dot, undefined) : convert(run, final);
      let result: MaybeValue;
      try {
        result = call(value, other);
      } catch (error) {
        throw run.callError(error, node, name);
      }
      return finish(run, result);
    };
  }
  if (one.wantsContext && count === 2 && first !== undefined) {
    return (run, dot, final) => {
      if (atFirst !== undefined) run.node = atFirst;
      const value = first(run, dot, undefined);
      const other = convert === undefined ? second?.(run, dot, undefined) : convert(run, final);
      let result: MaybeValue;
      try {
        result = call(run, value, other);
      } catch (error) {
        throw run.callError(error, node, name);
      }
      return finish(run, result);
    };
  }
  return (run, dot, final) => {
    if (atFirst !== undefined) run.node = atFirst;
    const list: unknown[] = one.wantsContext ? [run] : [];
    if (callee !== undefined) list.push(callee);
    for (let at = 0; at < values.length; at++) list.push(values[at]?.(run, dot, undefined));
    if (convert !== undefined) list.push(convert(run, final));
    let result: MaybeValue;
    try {
      result = call(...list);
    } catch (error) {
      throw run.callError(error, node, name);
    }
    return finish(run, result);
  };
}
