import { nearest, SlipwayError, sourceFrame } from "#errors";
import type { YamlMap, YamlNode, YamlPair } from "#yaml";

/** Where a document stands, for errors about it. */
export interface Source {
  /** As shown to the user. */
  readonly file: string;
  /** The whole rendered text. */
  readonly text: string;
  /** Lines of it before the document. */
  readonly lineOffset: number;
}

/**
 * One mapping of werf.yaml, read key by key. Every reader takes its key off the list of keys to account for, and
 * `done()` complains about those that nobody asked for.
 */
export class Section {
  readonly #node: YamlMap;
  readonly #source: Source;
  readonly #path: string;
  readonly #known: string[] = [];

  constructor(node: YamlMap, source: Source, path: string) {
    this.#node = node;
    this.#source = source;
    this.#path = path;
  }

  /** Whether the key stands there, even with nothing behind it. */
  has(key: string): boolean {
    return this.#entry(key) !== undefined;
  }

  /** Whether the key stands there with something behind it. */
  isSet(key: string): boolean {
    const value = this.#entry(key)?.value;
    return value !== undefined && !isNull(value);
  }

  /** A scalar as it is written; undefined when absent or null. */
  text(key: string): string | undefined {
    const node = this.#value(key);
    if (node === undefined || isNull(node)) return undefined;
    if (node.kind !== "scalar") throw this.#wrong(key, node, "text", `Write one value: ${key}: VALUE`);
    return node.text;
  }

  /** As text(), for values where `""` means nothing. */
  filledText(key: string): string | undefined {
    const text = this.text(key);
    return text === "" ? undefined : text;
  }

  flag(key: string, otherwise = false): boolean {
    const node = this.#value(key);
    if (node === undefined || isNull(node)) return otherwise;
    if (node.kind === "scalar" && typeof node.value === "boolean") return node.value;
    throw this.#wrong(key, node, "true or false", `Write, without quotes: ${key}: true`);
  }

  integer(key: string): number | undefined {
    const node = this.#value(key);
    if (node === undefined || isNull(node)) return undefined;
    const value = node.kind === "scalar" ? node.value : undefined;
    if ((typeof value === "bigint" || typeof value === "number") && Number.isSafeInteger(Number(value))) {
      return Number(value);
    }
    throw this.#wrong(key, node, "a whole number", `Write, without quotes: ${key}: 1`);
  }

  /** A string, or a list of strings. */
  texts(key: string): readonly string[] {
    const node = this.#value(key);
    if (node === undefined || isNull(node)) return [];
    const items = node.kind === "list" ? node.items : [node];
    return items.map((item) => {
      if (item.kind === "scalar" && typeof item.value === "string") return item.text;
      throw this.error(
        `\`${this.#at(key)}\`: single string or array of strings expected, got ${describe(item)}`,
        {
          node: item,
          hint:
            item.kind === "scalar"
              ? `Put it in quotes: "${item.text}"`
              : `Write \`${key}: TEXT\`, or a list with one text behind each \`- \`; quotes keep \`: \` part of a text`,
        },
      );
    });
  }

  /** A mapping of names to scalars as they are written. */
  textMap(key: string): Readonly<Record<string, string>> {
    const node = this.#value(key);
    if (node === undefined || isNull(node)) return {};
    if (node.kind !== "map") {
      throw this.#wrong(key, node, "a mapping of names to text", `Below ${key}:, write lines of NAME: TEXT`);
    }
    return Object.fromEntries(
      node.pairs.map((entry) => {
        if (entry.value.kind !== "scalar") {
          throw this.#wrong(
            `${key}.${entry.name}`,
            entry.value,
            "text",
            `Write one value: ${entry.name}: VALUE`,
          );
        }
        return [entry.name, isNull(entry.value) ? "" : entry.value.text];
      }),
    );
  }

  /** The mapping behind a key; undefined when absent or null. */
  section(key: string): Section | undefined {
    const node = this.#value(key);
    if (node === undefined || isNull(node)) return undefined;
    if (node.kind !== "map")
      throw this.#wrong(key, node, "a mapping", `Below ${key}:, write lines of KEY: VALUE`);
    return new Section(node, this.#source, this.#at(key));
  }

  /** The mappings in the list behind a key. */
  sections(key: string): readonly Section[] {
    const node = this.#value(key);
    if (node === undefined || isNull(node)) return [];
    const hint = `Below ${key}:, begin each entry with \`- KEY: VALUE\``;
    if (node.kind !== "list") throw this.#wrong(key, node, "a list", hint);
    return node.items.map((item, index) => {
      const entry = `${key}[${index}]`;
      if (item.kind !== "map") throw this.#wrong(entry, item, "a mapping", hint);
      return new Section(item, this.#source, this.#at(entry));
    });
  }

  /** What stands behind a key, whatever it is. */
  node(key: string): YamlNode | undefined {
    return this.#value(key);
  }

  /** @throws {SlipwayError} CONFIG_INVALID when there are keys that no reader asked for. */
  done(): void {
    const unknown = this.#node.pairs.filter((entry) => !this.#known.includes(entry.name));
    const [first] = unknown;
    if (first === undefined) return;
    const names = unknown.map((entry) => `\`${entry.name}\``).join(", ");
    const meant = nearest(first.name, this.#known);
    const where = this.#path === "" ? "" : ` in \`${this.#path}\``;
    throw this.error(`unknown fields${where}: ${names}`, {
      node: first.key,
      hint:
        meant === undefined
          ? `Known here: ${this.#known.toSorted().join(", ")}`
          : `Did you mean \`${meant}\`? Known here: ${this.#known.toSorted().join(", ")}`,
    });
  }

  /**
   * An error about a key that has to be there. When a key that stands there looks like a slip of the pen for it, the error is
   * about that one.
   */
  missing(key: string, message: string, hint: string): SlipwayError {
    const meant = nearest(
      key,
      this.#node.pairs.map((entry) => entry.name).filter((name) => !this.#known.includes(name)),
    );
    if (meant === undefined) return this.error(message, { key, hint });
    return this.error(message, { key: meant, hint: `Did you mean \`${key}\` instead of \`${meant}\`?` });
  }

  /** An error about this section, or about a key or a node of it, with its place in the file. */
  error(
    message: string,
    about: {
      readonly key?: string;
      readonly node?: YamlNode;
      readonly hint?: string;
    } = {},
  ): SlipwayError {
    const entry = about.key === undefined ? undefined : this.#entry(about.key);
    return configError(message, this.#source, about.node ?? entry?.key ?? this.#node, about.hint);
  }

  #wrong(key: string, node: YamlNode, wanted: string, hint: string): SlipwayError {
    return this.error(`\`${this.#at(key)}\` should be ${wanted}`, { node, hint });
  }

  #value(key: string): YamlNode | undefined {
    if (!this.#known.includes(key)) this.#known.push(key);
    return this.#entry(key)?.value;
  }

  #entry(key: string): YamlPair | undefined {
    return this.#node.pairs.find((entry) => entry.name === key);
  }

  #at(key: string): string {
    return this.#path === "" ? key : `${this.#path}.${key}`;
  }
}

/** An error about a place in a document of the rendered werf.yaml. */
export function configError(
  message: string,
  source: Source,
  place: { readonly line: number; readonly column?: number },
  hint?: string,
): SlipwayError {
  const line = source.lineOffset + place.line;
  return new SlipwayError("CONFIG_INVALID", `${message.charAt(0).toUpperCase()}${message.slice(1)}`, {
    ...(hint === undefined ? {} : { hint }),
    place: {
      file: source.file,
      line,
      ...(place.column === undefined ? {} : { column: place.column }),
      frame: sourceFrame(source.text, line),
    },
  });
}

function isNull(node: YamlNode): boolean {
  return node.kind === "scalar" && node.value === null;
}

function describe(node: YamlNode): string {
  return node.kind === "scalar" ? `\`${node.text}\`` : `a ${node.kind}`;
}
