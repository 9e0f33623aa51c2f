import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fromBytes, toBytes } from "../bytes.ts";
import { printValue } from "../format.ts";
import { printJson } from "../json.ts";
import { TemplateSet } from "../template-set.ts";
import { GoMap, GoSlice, type MaybeValue, type Value } from "../value.ts";
import { sprigFunctions, type SprigOptions } from "./functions.ts";
import { GoTime } from "./go-time.ts";

type Text = string | { readonly bytes: string };
type Argument = Text | Value[] | { readonly int: string } | { readonly float: string };

interface Case {
  readonly call?: string;
  readonly args?: readonly Argument[];
  readonly template?: string;
  readonly output?: Text;
  readonly error?: string;
}

const functions = sprigFunctions();

test("every function gives what Sprig 3.3.0 gives", () => {
  const lines = readFileSync(new URL("testdata/cases.jsonl", import.meta.url), "utf8")
    .trim()
    .split("\n");
  const wrong: unknown[] = [];
  for (const line of lines) {
    const one = JSON.parse(line) as Case;
    const got = run(one);
    const want = one.error === undefined ? textOf(one.output ?? "") : errorOf(one.error);
    if (got !== want) wrong.push({ line, got, want });
  }
  assert.deepEqual(wrong, []);
});

function run(one: Case): string {
  try {
    return one.call === undefined ? render(one.template ?? "") : shown(call(one.call, one.args ?? []));
  } catch (error) {
    return errorOf(error instanceof Error ? error.message : String(error));
  }
}

function call(name: string, args: readonly Argument[]): MaybeValue {
  const found = functions.get(name);
  assert.ok(found, name);
  return found.call(...(args.map(argument) as never[]));
}

function argument(arg: Argument): Value {
  if (Array.isArray(arg)) return arg;
  if (typeof arg === "string" || "bytes" in arg) return textOf(arg);
  return "int" in arg ? BigInt(arg.int) : Number(arg.float.replace("Inf", "Infinity"));
}

function textOf(text: Text): string {
  return typeof text === "string" ? text : fromBytes(Buffer.from(text.bytes, "base64"));
}

/** As testdata/judge prints results; a plain array stands for what the engine makes a slice. */
function shown(value: MaybeValue): string {
  if (typeof value === "string") return fromBytes(toBytes(value));
  if (value instanceof GoTime) return value.format("2006-01-02T15:04:05.999999999 -0700 MST");
  return value instanceof GoMap && value.type === "map[string]interface {}"
    ? printJson(value)
    : printValue(value);
}

/** What only Go's runtime would say need not be the same. */
function errorOf(message: string): string {
  return `error ${message.replace(/(runtime error|reflect|interface conversion|assignment to entry in nil map).*/s, "$1")}`;
}

function render(template: string, options?: SprigOptions): string {
  const set = new TemplateSet("t", options === undefined ? functions : sprigFunctions(options));
  set.parse("t", template);
  return set.execute(
    "t",
    GoMap.of([
      ["n", 5],
      ["s", "str"],
      ["l", ["a", "b"]],
    ]),
    { missingKey: "default" },
  );
}

test("sprigFunctions() takes clock, zone and random bytes from its options", () => {
  const options: SprigOptions = {
    now: () => new Date("2024-07-01T10:00:00Z"),
    timeZone: "Europe/Prague",
    random: (count) => new Uint8Array(count).fill(7),
  };
  assert.equal(render('{{ now | date "2006-01-02 15:04 MST" }}', options), "2024-07-01 12:00 CEST");
  assert.equal(render("{{ now }}", options), "2024-07-01 12:00:00 +0200 CEST m=+0.000000001");
  assert.equal(render('{{ toDate "2006-01-02" "2024-01-01" | unixEpoch }}', options), "1704063600");
  assert.equal(render("{{ uuidv4 }}", options), "07070707-0707-4707-8707-070707070707");
  assert.equal(render("{{ randBytes 3 }}", options), "BwcH");
});

test("env and expandenv see the given environment only, and are missing without one", () => {
  const env = { NAME: "slipway", "*": "star" };
  assert.equal(render('{{ env "NAME" }}-{{ env "PATH" }}-{{ env "toString" }}', { env }), "slipway--");
  assert.equal(
    render('{{ expandenv "$NAME ${NAME}! $NOPE $* ${ $" }}', { env }),
    "slipway slipway!  star  $",
  );
  assert.equal(functions.has("env"), false);
  assert.throws(() => render('{{ expandenv "" }}'), /function "expandenv" not defined/);
});

test("version 2 reads numbers in base 10 and does not count from the end", () => {
  const template = '{{ int "017" }} {{ int "0x1f" }} {{ int "1.0" }} {{ add "08" 1 }} {{ trunc 2 "abc" }}';
  assert.equal(render(template, { version: 2 }), "17 0 0 9 ab");
  assert.equal(render(template, { version: 3 }), "15 31 1 1 ab");
  assert.throws(() => render('{{ trunc -1 "abc" }}', { version: 2 }), /slice bounds out of range \[:-1\]/);
});

test("what would fill the memory is an error", () => {
  const limits = { items: 100, characters: 1000 };
  const templates = [
    "{{ until 101 }}",
    "{{ untilStep 0 9223372036854775807 1 }}",
    "{{ seq 0 1000 }}",
    "{{ concat (until 50) (until 51) }}",
    '{{ repeat 1001 "x" }}',
    '{{ repeat 9223372036854775807 "x" }}',
    '{{ indent 9223372036854775807 "x" }}',
    '{{ nindent 200 (repeat 10 "\\n") }}',
    '{{ repeat 500 "a" | replace "a" "bbb" }}',
    '{{ repeat 500 "a" | wrapWith 1 "----" }}',
    "{{ randAlphaNum 1001 }}",
    "{{ randBytes 1001 }}",
  ];
  for (const template of templates) {
    assert.throws(() => render(template, { limits }), /more than the limit of 1000?$/, template);
  }
  assert.equal(render("{{ until 100 | len }}", { limits }), "100");
});

test("a text that is too long for a function is an error, and no text is gone through again and again", () => {
  const limits = { slowCharacters: 1000, patternCharacters: 100 };
  const long = '(repeat 1001 "a")';
  for (const call of [
    `shuffle ${long}`,
    `split "," ${long}`,
    `splitList "" ${long}`,
    `swapcase ${long}`,
    `wrap 80 ${long}`,
    `b32enc ${long}`,
    `regexReplaceAll "a" ${long} "b"`,
    `regexMatch (repeat 101 "a") "a"`,
    `mustRegexMatch (repeat 101 "a") "a"`,
  ]) {
    assert.throws(() => render(`{{ ${call} }}`, { limits }), /more than the limit of (1000|100)$/, call);
  }
  assert.equal(render(`{{ regexQuoteMeta ${long} | len }}`, { limits }), "1001");
  const times = (count: number, text: string): string => `(repeat ${count} ${JSON.stringify(text)})`;
  for (const [call, expected] of [
    [`trim (print "x" ${times(1_000_000, " ")} "x") | len`, "1000002"],
    [`base (print ${times(1_000_000, "/")} "x")`, "x"],
    [`dir (print ${times(1_000_000, "../")} "x") | len`, "2999999"],
    [`clean ${times(1_000_000, "a/../")}`, "."],
    [`shuffle ${times(1_000_000, "a")} | len`, "1000000"],
  ] as const) {
    assert.equal(render(`{{ ${call} }}`), expected, call);
  }
});

test("values that share parts, and are endless to whoever walks them, end in an error", () => {
  const doubled = (name: string): string =>
    `{{ $${name} := dict "x" 1 }}{{ range until 40 }}{{ $${name} = dict "a" $${name} "b" $${name} }}{{ end }}`;
  const uses = ["deepCopy $d", "deepEqual $d $e", "merge $d $e", "print $d"];
  for (const use of uses) {
    assert.throws(() => render(`${doubled("d")}${doubled("e")}{{ $x := ${use} }}`), /too large/, use);
  }
});

test("dicts that contain themselves end in an error", () => {
  const cycle = '{{ $d := dict "a" 1 }}{{ $_ := set $d "self" $d }}';
  for (const use of ["deepCopy $d", "merge $d $d", "mergeOverwrite (dict) $d | deepCopy", "mustToJson $d"]) {
    assert.throws(() => render(`${cycle}{{ $x := ${use} }}`), /nested|cycle/, use);
  }
});

test("merge() shares what only the source has and changes the target", () => {
  const template =
    '{{ $s := dict "x" (dict "a" 1) }}{{ $t := dict "y" 1 }}{{ $_ := merge $t $s }}{{ $_ = set $t.x "b" 2 }}{{ $s | toJson }}{{ $t | toJson }}';
  assert.equal(render(template), '{"x":{"a":1,"b":2}}{"x":{"a":1,"b":2},"y":1}');
});

test("sortAlpha() sorts a list of texts where it is and other lists in a copy", () => {
  assert.equal(render('{{ $l := splitList "," "b,a" }}{{ $_ := sortAlpha $l }}{{ $l }}'), "[a b]");
  assert.equal(render('{{ $l := list "b" "a" }}{{ $_ := sortAlpha $l }}{{ $l }}'), "[b a]");
});

test("results keep Go's types", () => {
  assert.ok(call("rest", [[]]) instanceof GoSlice);
  assert.equal(
    render('{{ printf "%T %T %T" (add 1) (until 1) (split "," "a") }}'),
    "int64 []int map[string]string",
  );
  assert.equal(render('{{ list (rest (list)) (regexFindAll "x" "a" -1) | toJson }}'), "[null,null]");
});
