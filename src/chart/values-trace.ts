import { SlipwayError, nearest } from "#errors";
import { GoMap, printJson, type Value } from "#gotemplate";
import { parseDocument, YamlError, type YamlNode } from "#yaml";
import { chartPath, copyChart, type Chart } from "./chart.ts";
import { coalesceValues } from "./coalesce.ts";
import { processDependencies } from "./dependencies.ts";
import { isTable, parseGoMap, textOf } from "./go-values.ts";
import { mergeValues, readPath, type ValuesFlags } from "./values.ts";

/** What one file or flag did to a value. */
export interface TraceStep {
  /** `values of chart shop/charts/web`, `--values prod.yaml`, `--set image.tag=2`. */
  readonly source: string;
  /** Where in a file the value, or what stands in its way, is written. */
  readonly place: { readonly file: string; readonly line: number } | undefined;
  /** `ignored`: it is named here, and stays as it was before. */
  readonly effect: "set" | "overrode" | "deleted" | "repeated" | "ignored";
  /** What templates would see had nothing followed; undefined when there is no such value. */
  readonly value: Value | undefined;
}

export interface ValueTrace {
  /** In the order in which they count: the later over the earlier. */
  readonly steps: readonly TraceStep[];
  /** What templates see. */
  readonly value: Value | undefined;
}

/**
 * Who gave a value: the chart itself, the charts above it, `import-values`, each file and each flag.
 *
 * @param path of the value as the root chart sees it, `web.image.tag` or `hosts[0].name`; `\.` is a dot in a name.
 * @throws {SlipwayError} VALUES_UNKNOWN_PATH when nothing names the value; those of mergeValues().
 */
export async function traceValue(chart: Chart, path: string, flags: ValuesFlags): Promise<ValueTrace> {
  const words = parsePath(path);
  const read = remembered(flags.read ?? readPath);
  const user = await userLayers(flags, read);
  const all = await mergeValues({ ...flags, read });
  const processed = processDependencies(chart, all);
  const steps: TraceStep[] = [];
  let before: Value | undefined;
  for (const layer of [...chartLayers(processed, words), ...user.map((one) => onChart(one, processed))]) {
    const after = valueAt(layer.seen, words);
    const step = stepOf(layer, words, before, after);
    if (step !== undefined) steps.push(step);
    before = after;
  }
  if (steps.length === 0) throw unknownPath(path, words, { chart, processed, all });
  return { steps, value: before };
}

type Word = string | number;

/** A file or a flag, or what a chart brings along. */
interface Layer {
  readonly source: string;
  /** What it alone says; undefined for what is computed of others. */
  readonly own: GoMap | undefined;
  /** The path of the values in `own`, where it is not that of the root chart. */
  readonly below?: number;
  readonly text?: { readonly file: string; readonly content: string };
}

interface SeenLayer extends Layer {
  /** What the root chart's templates would see with this layer and those before it. */
  readonly seen: GoMap;
}

/** The chart that a path leads into and the charts above it, the lowest first; then what they import. */
function chartLayers(processed: Chart, words: readonly Word[]): SeenLayer[] {
  const plain = withOwnValues(processed);
  const line = [plain];
  for (const word of words) {
    const child: Chart | undefined = line.at(-1)?.dependencies.find(({ metadata }) => metadata.name === word);
    if (child === undefined) break;
    line.push(child);
  }
  const values = line.map((one) => one.values);
  for (const one of line) one.values = new GoMap();
  const layers: SeenLayer[] = [];
  for (let depth = line.length - 1; depth >= 0; depth--) {
    const one = line[depth] as Chart;
    one.values = values[depth] as GoMap;
    layers.push({
      source: `values of chart ${chartPath(one)}`,
      own: one.values,
      below: depth,
      text: { file: `${folderPath(one)}/values.yaml`, content: valuesText(one) },
      seen: coalesceValues(plain, new GoMap()),
    });
  }
  layers.push({
    source: `import-values of chart ${chartPath(plain)}`,
    own: undefined,
    seen: coalesceValues(processed, new GoMap()),
  });
  return layers;
}

/** A copy in which every chart has what its own file says, without what it imports. */
function withOwnValues(processed: Chart): Chart {
  const copy = copyChart(processed);
  const restore = (chart: Chart): void => {
    chart.values = parseGoMap(valuesText(chart));
    chart.dependencies.forEach(restore);
  };
  restore(copy);
  return copy;
}

/** As chartPath(), by the folder that a chart lies in: under an alias it keeps its own. */
function folderPath(chart: Chart): string {
  const { parent } = chart;
  if (parent === undefined) return chart.metadata.name;
  const definition = chart.raw.find(({ name }) => name === "Chart.yaml")?.data;
  const folder = parent.raw.find(({ data }) => data === definition)?.name.split("/")[1];
  return `${folderPath(parent)}/charts/${folder ?? chart.metadata.name}`;
}

function valuesText(chart: Chart): string {
  const file = chart.raw.find(({ name }) => name === "values.yaml");
  return file === undefined ? "" : textOf(file.data);
}

interface UserLayer extends Layer {
  /** The values of the flags up to and with this one. */
  readonly upTo: GoMap;
}

function onChart(layer: UserLayer, processed: Chart): SeenLayer {
  return { ...layer, seen: coalesceValues(processed, layer.upTo) };
}

const SET_FLAGS = [
  ["setJson", "--set-json"],
  ["set", "--set"],
  ["setString", "--set-string"],
  ["setFile", "--set-file"],
  ["setLiteral", "--set-literal"],
] as const;

async function userLayers(flags: ValuesFlags, read: NonNullable<ValuesFlags["read"]>): Promise<UserLayer[]> {
  const layers: UserLayer[] = [];
  let known: ValuesFlags = { read };
  for (const file of flags.files ?? []) {
    known = { ...known, files: [...(known.files ?? []), file] };
    const content = textOf(Buffer.from(await read(file)));
    layers.push({
      source: `--values ${file}`,
      own: await mergeValues({ files: [file], read }),
      text: { file, content },
      upTo: await mergeValues(known),
    });
  }
  for (const [key, flag] of SET_FLAGS) {
    for (const line of flags[key] ?? []) {
      known = { ...known, [key]: [...(known[key] ?? []), line] };
      layers.push({
        source: `${flag} ${line}`,
        own: await mergeValues({ [key]: [line], read }),
        upTo: await mergeValues(known),
      });
    }
  }
  return layers;
}

function stepOf(
  layer: SeenLayer,
  words: readonly Word[],
  before: Value | undefined,
  after: Value | undefined,
): TraceStep | undefined {
  const changed = printed(before) !== printed(after);
  const named = layer.own === undefined ? undefined : mention(layer.own, words.slice(layer.below ?? 0));
  if (!changed && named === undefined) return undefined;
  const effect =
    after === undefined && before !== undefined
      ? "deleted"
      : changed
        ? before === undefined
          ? "set"
          : "overrode"
        : named?.isWhole === true && printed(named.value) === printed(after)
          ? "repeated"
          : "ignored";
  return { source: layer.source, place: placeIn(layer, spelling(layer, words, after)), effect, value: after };
}

/**
 * The path in a layer itself of what it gave: `web.global.zone` is `global.zone` where a chart above handed it down.
 */
function spelling(
  { own, below = 0 }: Layer,
  words: readonly Word[],
  value: Value | undefined,
): readonly Word[] {
  const path = words.slice(below);
  const at = path.indexOf("global");
  for (let kept = at; own !== undefined && kept >= 0; kept--) {
    const shorter = [...path.slice(0, kept), ...path.slice(at)];
    const given = valueAt(own, shorter);
    if (given !== undefined && printed(given) === printed(value)) return shorter;
  }
  return path;
}

/** What a layer says at a path, or above it where that leaves no room for the path. */
function mention(values: GoMap, words: readonly Word[]): { value: Value; isWhole: boolean } | undefined {
  let at: Value = values;
  for (const word of words) {
    const next = childOf(at, word);
    if (next === undefined) return isTable(at) ? undefined : { value: at, isWhole: false };
    at = next;
  }
  return { value: at, isWhole: true };
}

function childOf(value: Value, word: Word): Value | undefined {
  if (Array.isArray(value) && typeof word === "number") return value[word];
  return isTable(value) && typeof word === "string" ? value.get(word) : undefined;
}

function valueAt(values: GoMap, words: readonly Word[]): Value | undefined {
  let at: Value | undefined = values;
  for (const word of words) at = at === undefined ? undefined : childOf(at, word);
  return at;
}

function printed(value: Value | undefined): string {
  return value === undefined ? "" : printJson(value);
}

function placeIn({ text }: Layer, words: readonly Word[]): TraceStep["place"] {
  if (text === undefined) return undefined;
  let at = documentOf(text.content);
  let line: number | undefined;
  for (const word of words) {
    if (at?.kind === "map") {
      const pair = at.pairs.find(({ name }) => name === word);
      line = pair?.key.line ?? line;
      at = pair?.value;
    } else if (at?.kind === "list" && typeof word === "number") {
      at = at.items[word];
      line = at?.line ?? line;
    } else break;
  }
  return line === undefined ? undefined : { file: text.file, line };
}

/** Without the places of a text that only the more lenient reader takes, such as one with a key twice. */
function documentOf(content: string): YamlNode | undefined {
  try {
    return parseDocument(content);
  } catch (error) {
    if (error instanceof YamlError) return undefined;
    throw error;
  }
}

function parsePath(path: string): Word[] {
  const words: Word[] = [];
  for (const [, name, index] of path
    .replace(/^\$?\.Values\./, "")
    .matchAll(/\[(?=\d+\])|(?:\.|^)((?:[^.[\\]|\\.)+)|(\d+)\]/g)) {
    if (name !== undefined) words.push(name.replaceAll(/\\(.)/g, "$1"));
    if (index !== undefined) words.push(Number(index));
  }
  if (words.length > 0) return words;
  throw new SlipwayError("VALUES_UNKNOWN_PATH", `"${path}" is no path of a value`, {
    hint: "Write it as templates do after .Values, such as image.tag or hosts[0].name",
  });
}

interface Known {
  readonly chart: Chart;
  /** With the dependencies that are on. */
  readonly processed: Chart;
  readonly all: GoMap;
}

function unknownPath(path: string, words: readonly Word[], { chart, processed, all }: Known): SlipwayError {
  let at: Value = coalesceValues(processed, all);
  const found: Word[] = [];
  for (const word of words) {
    const next = childOf(at, word);
    if (next === undefined) break;
    found.push(word);
    at = next;
  }
  const missing = words[found.length];
  const close = isTable(at) && typeof missing === "string" ? nearest(missing, [...at.keys()]) : undefined;
  const hint =
    close !== undefined
      ? `Did you mean ${[...found, close].join(".")}?`
      : found.length === 0 && isSwitchedOff(chart, processed, missing)
        ? `The dependency ${missing} is off: its condition or its tags say so`
        : undefined;
  return new SlipwayError(
    "VALUES_UNKNOWN_PATH",
    `Neither the chart nor a flag gives ${path}`,
    hint === undefined ? {} : { hint },
  );
}

function isSwitchedOff(chart: Chart, processed: Chart, name: Word | undefined): boolean {
  const declared = chart.metadata.dependencies.find((one) => (one.alias || one.name) === name);
  const isThere = chart.dependencies.some(({ metadata }) => metadata.name === declared?.name);
  return isThere && !processed.dependencies.some(({ metadata }) => metadata.name === name);
}

function remembered(read: NonNullable<ValuesFlags["read"]>): NonNullable<ValuesFlags["read"]> {
  const known = new Map<string, Promise<Uint8Array>>();
  return (name) => {
    const content = known.get(name) ?? read(name);
    known.set(name, content);
    return content;
  };
}
