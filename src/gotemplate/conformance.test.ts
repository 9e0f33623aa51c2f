import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  define,
  defineWithContext,
  functionMap,
  GoBytes,
  GoMap,
  GoNumber,
  GoSlice,
  int64,
  sprint,
  TemplateSet,
  toBytes,
  type Value,
} from "./index.ts";
import { quote } from "./strconv.ts";

const testdata = new URL("testdata/", import.meta.url);
const shared: unknown = JSON.parse(readFileSync(new URL("shared.json", testdata), "utf8"));

interface TemplateCase {
  readonly templates: Readonly<Record<string, string>>;
  readonly main: string;
  readonly missingKey?: "zero" | "error";
  readonly data?: unknown;
  readonly output?: string;
  readonly error?: string;
}

for (const file of ["templates.jsonl", "printf.jsonl"]) {
  test(`templates write and fail as Go's: ${file}`, () => {
    const wrong: unknown[] = [];
    for (const { output, error, ...input } of read<TemplateCase>(file)) {
      const got = run(input);
      if (got !== (error ?? output)) wrong.push({ ...input, got, want: error ?? output });
    }
    assert.deepEqual(wrong, []);
  });
}

function read<Case>(file: string): Case[] {
  const lines = readFileSync(new URL(file, testdata), "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as Case);
}

function run({ templates, main, missingKey, data }: TemplateCase): string {
  const set = new TemplateSet("gotpl", functions);
  try {
    for (const name of Object.keys(templates).sort()) set.parse(name, templates[name] ?? "");
    const dot = typed(data === "shared" ? shared : (data ?? null));
    return quote(set.execute(main, dot, { missingKey: missingKey ?? "default" }));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The functions that testdata/judge/main.go has. */
const functions = functionMap(
  define("list", "func(...interface {}) []interface {}", (...items) => items),
  define("dict", "func(...interface {}) map[string]interface {}", (...items) => {
    const map = new GoMap();
    for (let at = 0; at + 1 < items.length; at += 2) map.set(sprint([items[at]]), items[at + 1] ?? null);
    return map;
  }),
  define("i64", "func(int) int64", (number) => number),
  define("u8", "func(uint8) uint8", (number) => number),
  define("f32", "func(float32) float32", (number) => number),
  define("strs", "func(...string) []string", (...texts) =>
    texts.length > 0 ? texts : GoSlice.nil("[]string"),
  ),
  define("failing", "func(string) (string, error)", (text) => {
    throw new Error(text);
  }),
  define("id", "func(interface {}) interface {}", (value) => value),
  define("str", "func(string) string", (text) => text),
  define("num", "func(int) int", (number) => number),
  define("flt", "func(float64) float64", (number) => number),
  define("boo", "func(bool) bool", (flag) => flag),
  define("mp", "func(map[string]interface {}) int", (map) => BigInt(map.size)),
  define("sl", "func([]interface {}) int", (list) => BigInt(list.length)),
  define("two", "func(string, int) string", (text, number) => `${text}/${number}`),
  define("vari", "func(int, ...string) string", (first, ...rest) =>
    sprint([first, GoSlice.typed("[]string", rest)]),
  ),
  define("epoch", "func() time.Time", () => epoch),
  defineWithContext("include", "func(string, interface {}) (string, error)", (context, name, data) =>
    context.include(name, data),
  ),
);

const epoch = {
  goType: "time.Time",
  field: () => undefined,
  method: (name: string) => epochMethods.get(name),
  print: () => "1970-01-01 00:00:00 +0000 UTC",
};

const epochMethods = functionMap(
  define("Unix", "func() int64", () => 0n),
  define("Year", "func() int", () => 1970n),
  define("Format", "func(string) string", (layout) => layout),
);

/** Reads `{"$int": 1}` and the like as the Go value that it stands for. */
function typed(value: unknown): Value {
  if (Array.isArray(value)) return value.map(typed);
  if (typeof value !== "object" || value === null) return value as Value;
  for (const [key, inner] of Object.entries(value)) {
    const special = SPECIAL[key];
    if (special !== undefined) return special(inner as never);
  }
  return GoMap.of(Object.entries(value).map(([key, item]) => [key, typed(item)] as const));
}

const SPECIAL: Readonly<Record<string, (value: never) => Value>> = {
  $int: (value: number) => BigInt(value),
  $i64: (value: number) => int64(value),
  $u8: (value: number) => new GoNumber("uint8", BigInt(value)),
  $f32: (value: number) => new GoNumber("float32", Math.fround(value)),
  $bytes: (value: string) => new GoBytes(toBytes(value)),
  $strs: (value: string[]) => GoSlice.typed("[]string", value),
  $smap: (value: Record<string, string>) => GoMap.of(Object.entries(value), "map[string]string"),
  $nilmap: () => GoMap.nil(),
  $nilslice: () => GoSlice.nil(),
};
