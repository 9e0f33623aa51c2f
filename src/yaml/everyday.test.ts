import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { mutatedText, seeded } from "#testing";
import { parseWhole } from "./decode.ts";
import { readEveryday } from "./everyday.ts";

const MANIFEST = `# Source: web/templates/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: "web" # of the release
  labels: {app: web, index: "1", tier: {name: front, size: 2}}
  annotations:
    "helm.sh/hook": 'pre-install'
spec:
  replicas: 2
  paused: no
  ratio: 1.50
  since: 2024-01-02
  template:

    spec:
      containers:
      - name: app
        image: registry.example.com:5000/app:1.0
        args: [--listen, "0.0.0.0:80", -v, {"a":1}, []]
        env:
          - {name: A, value: ""}
          - name: B
            value: a: text
      - - nested
        -   deep: 1
            wide:
      volumes:
data:
  script: |
    #!/bin/sh

    if true; then
      echo: "x"
    fi
  kept: |+

    end

  cut: |-
    no break
# the end
`;
const TEXTS = [
  MANIFEST.replace("a: text", "a text"),
  MANIFEST.slice(MANIFEST.indexOf("\ndata:") + 1),
  "replicas: 2\nport: 8080\nimage: {repository: registry.example.com/app, tag: ''}\nlist:\n- a b\n- 0x1F\n- ~\n",
  "- a\n- b: |\n    x\n     y\n  c: z\n",
  "---\ndescription: more than\n  one line, and\n  (a) third\nempty:\n  []\nmaps:\n  {a: 1}\nnothing: |\n# a remark\nlast:\n- a b\n  c\n",
  String.raw`a: "{\"b\": \"c\\d\n\"}"`,
  "b: 'it''s'\nc: [\"\\\"\", '''']\nd: {'e''': 1}\n\"f\\\\\": ''\n",
  "# only\n\n# remarks\n",
  "a: 'more than: one\n  line, it''s #1\n\n  x'\nb:\n- \"two  \n    \\\"lines\\\" of\n\n\n    it\\n \"\nc: :8080\nd: '\n  '\n",
  'a: "k:\\n\\t- v \\\n   \\\\ w\\\n\n  x"\nb: plain (e.g.\n  "2m", {1h})\n  - and\n  % so\n',
];
const PIECES = [
  ..."&*!|>'\"%@`{}[],:?-#~\t\n\r\u0085\u2028\u00e9\u{1f600}",
  ...[" ", "  ", "\n  ", "\n- ", ": ", ":\n", " #", "- ", "''", '""', "{}", "[]", "|-\n", "---\n", "<<: "],
  ...["y", "0", "1e3", ".5", "_", "\\", "null", ".inf", "1:30", "\n\n", "a: ", "? ", "|2\n", ">\n"],
];

test("everyday YAML is read without the whole reader", () => {
  for (const text of TEXTS) assert.notEqual(readEveryday(text, {}), undefined, text);
});

test("what the everyday reader reads, the whole reader reads likewise; what it does not know it leaves", () => {
  const next = seeded(20_260_201);
  let taken = 0;
  const rounds = 20_000;
  for (let round = 0; round < rounds; round++) {
    const mutated = mutatedText(TEXTS, PIECES, next);
    const text = round % 2 === 0 ? mutated : mutated.trimEnd();
    const options = round % 3 === 0 ? ({ integers: "bigint" } as const) : {};
    const value = readEveryday(text, options);
    if (value === undefined) continue;
    taken++;
    assert.equal(shown(value), shown(parseWhole(text, options)), JSON.stringify(text));
  }
  assert.ok(taken > rounds / 20 && taken < rounds, `${taken} of ${rounds} were taken`);
});

test("what nobody wants is left out, and its faults are seen all the same", () => {
  const wants = (key: string): boolean => key === "kind" || key === "metadata";
  const read = (text: string): unknown => readEveryday(text, { wants });
  const head = new Map<string, unknown>([
    ["kind", "A"],
    ["metadata", new Map([["list", [1, "b"]]])],
  ]);
  const rest = "spec:\n  a: [1, {b: 2}]\n  c:\n  - d: x\n    kind: B\nmetadata:\n  list: [1, b]\n";
  assert.deepEqual(read(`kind: A\n${rest}`), head);
  for (const fault of ["spec: &a b\n", "spec:\n  a: -.inf\n", "spec:\n  - a\n b: c\n", "spec: {a: b\n"])
    assert.equal(read(`kind: A\n${fault}`), undefined, fault);
});

/** With the order of the keys, which deepEqual() does not compare. */
function shown(value: unknown): string {
  return inspect(value, { depth: Number.POSITIVE_INFINITY, maxArrayLength: null, maxStringLength: null });
}
