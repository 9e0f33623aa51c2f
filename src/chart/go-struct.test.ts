import assert from "node:assert/strict";
import { test } from "node:test";
import { parseYaml } from "#yaml";
import { anything, flag, list, mapOf, orNull, pointer, readStruct, struct, text, time } from "./go-struct.ts";

interface Person {
  name: string;
  isAlive: boolean;
}
interface Book {
  title: string;
  tags: string[];
  labels: Map<string, string>;
  authors: (Person | null)[];
  notes: unknown[];
  printed: string;
  owner: Person | null;
}

const PERSON = struct<Person>("lib.Person", { name: text, isAlive: flag }, { isAlive: "alive" });
const BOOK = struct<Book>("lib.Book", {
  title: text,
  tags: list(text),
  labels: mapOf(text),
  authors: list(pointer(PERSON)),
  notes: list(anything),
  printed: time,
  owner: orNull(PERSON),
});

function read(...texts: readonly string[]): Book {
  const book = BOOK.zero();
  for (const one of texts) readStruct(parseYaml(one, { integers: "bigint" }), BOOK, book);
  return book;
}

test("readStruct() takes keys in any case, the last in the order of their bytes", () => {
  assert.equal(read("TITLE: a").title, "a");
  assert.equal(read("title: a\nTITLE: b\nTitle: c").title, "a");
  assert.equal(read("tag\u017f: [a]").tags[0], "a");
  assert.equal(read("title: a\nTitle: null").title, "a");
});

test("readStruct() lets what is read fall upon what is there", () => {
  assert.deepEqual(
    read("labels: {a: x, b: y}", "labels: {b: z}").labels,
    new Map(Object.entries({ a: "x", b: "z" })),
  );
  assert.deepEqual(
    read("authors: [{name: ada, alive: true}, {name: bob}]", "authors: [{name: cy}]").authors,
    [{ name: "cy", isAlive: true }],
  );
  assert.deepEqual(read("tags: [a]", "tags: null").tags, []);
  assert.deepEqual(read("owner: {name: ada}", "owner: {alive: true}").owner, { name: "ada", isAlive: true });
  assert.equal(read("owner: {name: ada}", "owner: null").owner, null);
});

test("readStruct() makes text of numbers, with the precision of 32 bits", () => {
  assert.deepEqual(read("tags: [1, 1.50, true, 123456789.123, 0x10, null]").tags, [
    ...["1", "1.5", "true", "1.2345679e+08", "16", ""],
  ]);
});

test("readStruct() tells the first thing that does not fit, in the order of the keys", () => {
  const prefix = "error unmarshaling JSON: while decoding JSON: ";
  for (const [source, message] of [
    ["[a]", "json: cannot unmarshal array into Go value of type lib.Book"],
    ["title: [1]\ntags: {}", "json: cannot unmarshal object into Go struct field Book.tags of type []string"],
    ["tags: [a, [b]]", "json: cannot unmarshal array into Go struct field Book.tags of type string"],
    ["labels: {a: {}}", "json: cannot unmarshal object into Go struct field Book.labels of type string"],
    ["authors: {}", "json: cannot unmarshal object into Go struct field Book.authors of type []*lib.Person"],
    ["authors: [1]", "json: cannot unmarshal number into Go struct field Book.authors of type lib.Person"],
    [
      "authors: [{alive: x}]",
      "json: cannot unmarshal string into Go struct field Person.authors.alive of type bool",
    ],
    ["printed: 1", "Time.UnmarshalJSON: input is not a JSON string"],
  ] as const) {
    assert.throws(() => read(source), { message: prefix + message });
  }
});
