import { BUILTINS } from "./builtins.ts";
import { compileTree } from "./compile.ts";
import { Execution, type CompiledTemplate, type ExecutionOptions, type Namespace } from "./execution.ts";
import type { FunctionMap } from "./function.ts";
import { isBlank } from "./node.ts";
import { nestingError, parseTemplate, type Tree } from "./parser.ts";
import { quote } from "./strconv.ts";
import { SlipwayError } from "#errors";
import type { Value } from "./value.ts";

/** Texts given to `tpl` whose trees are kept, counted in characters. */
const KEPT_TEXT = 16 * 1024 * 1024;

/**
 * Named templates that can call each other, as a Go template and its associated ones. They are parsed when they are
 * added, made ready when they first run, and can run any number of times.
 */
export class TemplateSet implements Namespace {
  /** How errors call the set: Helm's is `gotpl`. */
  readonly name: string;
  readonly #library: Library;
  readonly #outer: TemplateSet | undefined;
  readonly #own = new Map<string, LazyTemplate>();
  /** What withText() made of texts that the library still keeps. */
  readonly #withTexts = new WeakMap<ReadonlyMap<string, LazyTemplate>, WithText>();

  /**
   * @param functions beside Go's builtins, which they shadow.
   * @param outer a set of the same functions whose templates this one sees.
   */
  constructor(name: string, functions: FunctionMap, outer?: TemplateSet) {
    this.name = name;
    this.#library = outer === undefined ? new Library(functions) : outer.#library;
    this.#outer = outer;
  }

  /** A set that sees all of this one; what is added to it, this one does not see. It costs next to nothing. */
  clone(): TemplateSet {
    return new TemplateSet(this.name, this.#library.functions, this);
  }

  /**
   * Adds the template of that name and those that the text defines. A later definition replaces an earlier one unless
   * it is blank.
   *
   * @throws {TemplateError} when the text is no template; nothing is added.
   */
  parse(name: string, text: string): void {
    this.#add(this.#library.parse(name, text).values());
  }

  has(name: string): boolean {
    return this.#lookup(name) !== undefined;
  }

  /** The names of all templates, in no order. */
  names(): string[] {
    return [...new Set([...(this.#outer?.names() ?? []), ...this.#own.keys()])];
  }

  /**
   * Runs a template and returns what it writes.
   *
   * @throws {TemplateError} when it fails, or reaches one of the limits.
   * @throws {SlipwayError} TEMPLATE_EXECUTION when there is no such template.
   */
  execute(name: string, data: Value, options: ExecutionOptions = {}): string {
    const template = this.find(name);
    if (template === undefined) {
      const message = `template: no template ${quote(name)} associated with template ${quote(this.name)}`;
      throw new SlipwayError("TEMPLATE_EXECUTION", message);
    }
    return new Execution(this, template, options).start(data);
  }

  find(name: string): CompiledTemplate | undefined {
    return this.#lookup(name)?.get();
  }

  withText(text: string): WithText {
    const templates = this.#library.tpl(this.name, text);
    let made = this.#withTexts.get(templates);
    if (made === undefined) {
      const namespace = new TemplateSet(this.name, this.#library.functions, this);
      namespace.#add(templates.values());
      const main = templates.get(this.name);
      if (main === undefined) throw new Error(`a text without a template of its own: ${text}`);
      made = { namespace, main: main.get() };
      this.#withTexts.set(templates, made);
    }
    return made;
  }

  #add(templates: Iterable<LazyTemplate>): void {
    for (const template of templates) {
      const { name } = template.tree;
      if (!isBlank(template.tree.root) || this.#lookup(name) === undefined) this.#own.set(name, template);
    }
  }

  #lookup(name: string): LazyTemplate | undefined {
    const own = this.#own.get(name);
    return own !== undefined || this.#outer === undefined ? own : this.#outer.#lookup(name);
  }
}

type WithText = ReturnType<Namespace["withText"]>;

/** Parses and compiles for a set and all its clones, which have the same functions. */
class Library {
  readonly functions: FunctionMap;
  #texts = new Map<string, ReadonlyMap<string, LazyTemplate>>();
  #room = KEPT_TEXT;

  constructor(functions: FunctionMap) {
    this.functions = new Map([...BUILTINS, ...functions]);
  }

  parse(name: string, text: string): Map<string, LazyTemplate> {
    const templates = new Map<string, LazyTemplate>();
    for (const tree of parseTemplate(name, text, this.functions).values()) {
      templates.set(tree.name, new LazyTemplate(tree, this.functions));
    }
    return templates;
  }

  /** As parse(), for a text that may come again. */
  tpl(name: string, text: string): ReadonlyMap<string, LazyTemplate> {
    let templates = this.#texts.get(text);
    if (templates === undefined) {
      templates = this.parse(name, text);
      this.#room -= text.length;
      if (this.#room < 0) {
        this.#texts.clear();
        this.#room = KEPT_TEXT;
      }
      this.#texts.set(text, templates);
    }
    return templates;
  }
}

/** A template that is compiled when it is first needed, because most definitions of a library never are. */
class LazyTemplate {
  readonly tree: Tree;
  readonly #functions: FunctionMap;
  #compiled: CompiledTemplate | undefined;

  constructor(tree: Tree, functions: FunctionMap) {
    this.tree = tree;
    this.#functions = functions;
  }

  get(): CompiledTemplate {
    this.#compiled ??= this.#compile();
    return this.#compiled;
  }

  #compile(): CompiledTemplate {
    try {
      return compileTree(this.tree, this.#functions);
    } catch (error) {
      throw error instanceof RangeError ? nestingError(this.tree.name, this.tree.source, error) : error;
    }
  }
}
