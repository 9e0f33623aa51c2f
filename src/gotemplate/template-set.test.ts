import assert from "node:assert/strict";
import { test } from "node:test";
import { errorChain } from "#errors";
import {
  define,
  defineWithContext,
  functionMap,
  GoMap,
  TemplateError,
  TemplateSet,
  type Limits,
  type Value,
} from "./index.ts";

const functions = functionMap(
  defineWithContext("include", "func(string, interface {}) (string, error)", (context, name, data) =>
    context.include(name, data),
  ),
  defineWithContext("tpl", "func(string, interface {}) (string, error)", (context, text, data) =>
    context.tpl(text, data),
  ),
  define(
    "set",
    "func(map[string]interface {}, string, interface {}) map[string]interface {}",
    (map, key, value) => map.set(key, value),
  ),
  define("typeOf", "func(map[string]interface {}) string", (map) => map.type),
);

function set(templates: Readonly<Record<string, string>>): TemplateSet {
  const made = new TemplateSet("gotpl", functions);
  for (const [name, text] of Object.entries(templates)) made.parse(name, text);
  return made;
}

function render(text: string, data: Value = null, limits: Partial<Limits> = {}): string {
  return set({ t: text }).execute("t", data, { missingKey: "zero", limits });
}

function failure(text: string, data: Value = null, limits: Partial<Limits> = {}): TemplateError {
  try {
    render(text, data, limits);
  } catch (error) {
    assert.ok(error instanceof TemplateError, String(error));
    return error;
  }
  assert.fail(`rendered: ${text}`);
}

const values = (entries: Record<string, Value>): GoMap => GoMap.of(Object.entries(entries));

test("parse() lets a later definition replace an earlier one, unless it is blank", () => {
  const made = set({
    a: '{{define "x"}}first{{end}}{{define "y"}}kept{{end}}',
    b: '{{define "x"}}second{{end}}{{define "y"}} {{end}}',
  });
  made.parse("c", '{{template "x"}} {{template "y"}}');
  assert.equal(made.execute("c", null), "second kept");
});

test("parse() adds nothing of a text that cannot be parsed", () => {
  const made = set({});
  assert.throws(() => made.parse("bad", '{{define "x"}}1{{end}}{{nope}}'), {
    message: 'template: bad:1: function "nope" not defined',
  });
  assert.equal(made.has("x"), false);
});

test("clone() sees the templates of the first set, which does not see its own", () => {
  const first = set({ a: '{{define "x"}}outer{{end}}' });
  const second = first.clone();
  second.parse("b", '{{define "x"}}inner{{end}}{{template "x"}}');
  first.parse("c", '{{template "x"}}');
  assert.equal(second.execute("b", null), "inner");
  assert.equal(first.execute("c", null), "outer");
  assert.deepEqual(second.names().sort(), ["a", "b", "c", "x"]);
});

test("tpl() runs a text that sees all templates; what it defines is gone afterwards", () => {
  const text = '{{define "x"}}outer{{end}}{{tpl .text .}} {{template "x"}}';
  const inner = '{{define "x"}}inner{{end}}{{include "x" .}}';
  assert.equal(render(text, values({ text: inner })), "inner outer");
});

test("functions that take an unnamed map share the named map that they are given", () => {
  const named = GoMap.of([], "chartutil.Values");
  assert.equal(render('{{typeOf .}}{{$_ := set . "a" 1}} {{.a}}', named), "map[string]interface {} 1");
  assert.equal(named.get("a"), 1n);
});

test("maps have no keys but their own", () => {
  assert.equal(render("{{.__proto__}}{{.constructor}}", values({})), "<no value><no value>");
  const data = values({});
  render('{{$_ := set . "__proto__" "x"}}', data);
  assert.equal(data.get("__proto__"), "x");
});

test("strings that are not UTF-8 keep their bytes", () => {
  assert.equal(render(String.raw`{{"\xe2\x82\xac"}} {{len "\xff"}} {{printf "%q" "\xff"}}`), '€ 1 "\\xff"');
});

test("an error names file, line, column and expression, and shows the lines around them", () => {
  const error = failure("a: 1\nb: é{{ .missing.deeper }}\n", values({ other: 1 }));
  assert.equal(
    error.message,
    'template: t:2:16: executing "t" at <.missing.deeper>: nil pointer evaluating interface {}.deeper',
  );
  assert.equal(error.facts.reason, "nil pointer evaluating interface {}.deeper");
  assert.deepEqual([error.place?.line, error.place?.column], [2, 16]);
  assert.match(error.place?.frame ?? "", /> 2 \| b: é/);
});

test("an error about a missing key names the nearest one", () => {
  const data = values({ image: values({ tag: "1" }), sealed: null });
  assert.equal(failure("{{.imge.tag}}", data).hint, 'There is no key "imge"; the nearest is "image"');
  assert.equal(failure("{{.sealed.tag}}", data).hint, '"sealed" is null');
  assert.equal(failure("{{.wholly.different}}", data).hint, 'There is no key "wholly"');
});

test("an error about the dot says where the key is", () => {
  const data = values({
    Values: values({ tag: "1" }),
    list: ["a"],
    pods: [values({ name: "a" })],
    Chart: "x",
  });
  assert.equal(
    failure("{{range .list}}{{.Values.tag}}{{end}}", data).hint,
    "The dot is another value here; write $.Values",
  );
  assert.equal(
    failure("{{range .pods}}{{.Values.tag}}{{end}}", data).hint,
    "The dot is another value here; write $.Values",
  );
  assert.equal(
    failure("{{range .pods}}{{.nam.x}}{{end}}", data).hint,
    'There is no key "nam"; the nearest is "name"',
  );
  assert.equal(failure("{{.Values.Chart.x}}", data).hint, 'There is no key "Chart"');
});

test("an error about a value that is no map says what it is", () => {
  const data = values({ image: "web", size: 1, list: ["a"] });
  assert.equal(failure("{{.image.tag}}", data).hint, '"image" is a string and has no keys');
  assert.equal(failure("{{.list.tag}}", data).hint, '"list" is a list and has no keys');
  assert.equal(failure("{{$x := .image}}{{$x.tag}}", data).hint, '"$x" is a string and has no keys');
  assert.equal(failure('{{("a").tag}}', data).hint, undefined);
});

test("an error about an unknown template or function names the nearest", () => {
  assert.equal(
    failure('{{define "web.name"}}{{end}}{{include "web.nam" .}}').hint,
    'The nearest template is "web.name"',
  );
  assert.equal(
    failure('{{define "web.name"}}{{end}}{{template "web.nam" .}}').hint,
    'The nearest template is "web.name"',
  );
  assert.equal(failure('{{include "other" .}}').hint, undefined);
  assert.equal(failure("{{printn 1}}").hint, 'The nearest function is "print"');
  assert.equal(failure("{{wholly 1}}").hint, undefined);
});

test("the causes of an error are the includes that led to it", () => {
  const error = failure(
    '{{define "a"}}{{include "b" .}}{{end}}{{define "b"}}{{.x.y}}{{end}}{{include "a" .}}',
    values({}),
  );
  const chain = errorChain(error).map((one) => (one as TemplateError).facts.expression);
  assert.deepEqual(chain, ['include "a" .', 'include "b" .', ".x.y"]);
});

test("a template that includes itself for ever fails as in Helm", () => {
  const error = failure('{{define "r"}}{{include "r" .}}{{end}}{{include "r" .}}', null, {
    nestedIncludes: 60,
  });
  assert.match(
    error.message,
    /: rendering template has a nested reference name: r: unable to execute template$/,
  );
  assert.match(
    failure('{{define "r"}}{{template "r" .}}{{end}}{{template "r" .}}').message,
    /exceeded maximum template depth/,
  );
  assert.match(
    failure("{{tpl .x .}}", values({ x: "{{tpl .x .}}" })).message,
    /exceeded maximum template depth/,
  );
});

test("a template stops at its limits", () => {
  assert.match(
    failure("{{range 100000000}}{{end}}", null, { steps: 10_000 }).message,
    /takes more than 10000 steps$/,
  );
  assert.match(
    failure("{{range 100000000}}{{end}}", null, { timeMs: 0 }).message,
    /takes longer than 0 seconds$/,
  );
  assert.match(
    failure("{{print 1}}".repeat(100), null, { timeMs: 0 }).message,
    /takes longer than 0 seconds$/,
  );
  assert.match(
    failure("{{range 100000}}text{{end}}", null, { outputLength: 1000 }).message,
    /writes more than 1000 characters$/,
  );
  assert.match(
    failure('{{$x := "12345678"}}{{range 99}}{{$x = print $x $x}}{{end}}').message,
    /error calling print: /,
  );
});

test("what is nested beyond the stack is an error, not a crash", () => {
  const deep = 50_000;
  for (const text of [
    `{{${"(".repeat(deep)}1${")".repeat(deep)}}}`,
    "{{if 1}}".repeat(deep) + "{{end}}".repeat(deep),
    `{{if 0}}${"{{else if 0}}".repeat(deep)}{{end}}`,
  ]) {
    assert.equal(failure(text).message, "template: t:1: nesting is too deep");
  }
  const data = values({});
  data.set("self", data);
  assert.match(failure("{{.}}", data).message, /nested more than 1000 deep cannot be printed$/);
});

test("no text makes the parser or a run throw anything but a TemplateError", () => {
  const pieces = [
    "{{",
    "}}",
    "{{- ",
    " -}}",
    "(",
    ")",
    "|",
    ".",
    ".a",
    "$",
    "$x",
    ":=",
    "=",
    ",",
    '"s"',
    '"',
    "`",
    "'a'",
    "'",
    "\\",
    "1",
    "0x",
    "1e",
    "-",
    " ",
    "\n",
    "é",
    "\udc80",
    "😀",
    "nil",
    "true",
    "if ",
    "else ",
    "end",
    "range ",
    "with ",
    "define ",
    "template ",
    "block ",
    "break",
    "continue",
    "print ",
    "index ",
    "printf ",
    "/*",
    "*/",
    "text",
    "\0",
  ];
  let seed = 7;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % below;
  };
  for (let round = 0; round < 4000; round++) {
    let text = "";
    for (let count = random(14); count >= 0; count--) text += pieces[random(pieces.length)] ?? "";
    try {
      render(text, values({ a: "1" }), { steps: 1000 });
    } catch (error) {
      assert.ok(error instanceof TemplateError, `${JSON.stringify(text)} → ${String(error)}`);
    }
  }
});
