import assert from "node:assert/strict";
import { test } from "node:test";
import { mutatedText, seeded } from "#testing";
import { parseYaml, parseYamlDocuments } from "./decode.ts";
import { parseDocument } from "./document.ts";
import { YamlError } from "./error.ts";
import { printYaml } from "./print.ts";

const TEXTS = [
  "a: 1\nb:\n  - x\n  - {y: [1, 2.5, ~], z: 'it''s'}\nc: |\n  one\n   two\nd: >-\n  folded\n\n  text\n",
  "base: &base\n  k: &v 0x1F\nother:\n  <<: *base\n  l: *v\n'quoted': \"a\\tb\\u00e9\\x41\"\n? long\n: value\n",
  "---\n- !!str 12\n- !!binary aGk=\n- 2024-01-02T03:04:05Z\n- 0b11\n- 1_000\n- .inf\n...\n---\nsecond: yes\n",
  "%YAML 1.1\n---\nt: !<tag:yaml.org,2002:int> 7\n# a comment\ne: {}\nl: []\n",
];
const PIECES = [
  ..."&*!|>'\"%@`{}[],:?-#~\t\n\r\0\u007f\u0085\u2028\ufeff\ud800é😀",
  ...[
    "<<: *base\n",
    "&a [*a]",
    "---\n",
    "...\n",
    "\\x",
    "\\U00110000",
    "__proto__: 1\n",
    "  ",
    "!!int ",
    ": ",
    "- ",
  ],
];

test("a broken text is read or refused with a YamlError, and what was read can be printed and read again", () => {
  const next = seeded(20_260_101);
  let readable = 0;
  for (let round = 0; round < 4000; round++) {
    const text = mutatedText(TEXTS, PIECES, next);
    for (const read of [parseDocument, parseYamlDocuments, parseYaml]) {
      try {
        read(text);
      } catch (error) {
        assert.ok(error instanceof YamlError, `${JSON.stringify(text)}: ${String(error)}`);
      }
    }
    let value;
    try {
      value = parseYaml(text);
    } catch {
      continue;
    }
    readable++;
    const printed = printYaml(value);
    assert.deepEqual(parseYaml(printed), value, JSON.stringify({ text, printed }));
  }
  assert.ok(readable > 400 && readable < 3600, `${readable} of 4000 were readable`);
});

test("deep, long and self-containing texts are refused or read in time", () => {
  for (const text of [
    "[".repeat(100_000),
    "{a: ".repeat(100_000),
    "- ".repeat(100_000),
    "? ".repeat(50_000),
    Array.from({ length: 3000 }, (_, depth) => `${" ".repeat(depth)}a:\n`).join(""),
    `a: "${"\\".repeat(100_000)}`,
    `a: &a [${"*a,".repeat(1000)}]`,
    `a0: &a0 [x]\n${Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]\n`).join("")}`,
    `m0: &m0 {k: v}\n${Array.from({ length: 30 }, (_, i) => `m${i + 1}: &m${i + 1} {a: *m${i}, <<: [*m${i}, *m${i}]}\n`).join("")}`,
    `${"\n".repeat(100_000)}"`,
    "'".repeat(100_001),
    `a: |\n${" x\n".repeat(50_000)}`,
  ]) {
    for (const read of [parseDocument, parseYaml]) {
      try {
        read(text);
      } catch (error) {
        assert.ok(error instanceof YamlError, `${text.slice(0, 40)}: ${String(error)}`);
      }
    }
  }
});
