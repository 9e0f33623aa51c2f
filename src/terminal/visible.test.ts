import assert from "node:assert/strict";
import { test } from "node:test";
import type { Event } from "#events";
import { table } from "./table.ts";
import { Tree } from "./tree.ts";
import { visible, visibleOutput } from "./visible.ts";

const EVIL = "a\u001b[2J\u001b]0;title\u0007b\u009b1A\u202ec\r\u0000";
const SHOWN = String.raw`a\x1b[2J\x1b]0;title\x07b\x9b1A\u202ec\x0d\x00`;

test("what a terminal would obey is written out; lines, tabs and letters stay", () => {
  assert.equal(visible(EVIL), SHOWN);
  assert.equal(visible("één\n\t😀 │ Ж"), "één\n\t😀 │ Ж");
});

test("the output of a program keeps its colors and the last state of a line", () => {
  assert.deepEqual(visibleOutput("10%\r50%\r100%\r\n\u001b[31mred\u001b[0m \u001b[2Jx\nplain"), [
    "100%",
    "\u001b[31mred\u001b[0m \\x1b[2Jx\u001b[0m",
    "plain",
  ]);
});

test("no event brings a command to the terminal", () => {
  const path = [`image ${EVIL}\nError: none`];
  const events: readonly Event[] = [
    { type: "started", path, title: EVIL },
    { type: "log", path, text: EVIL },
    { type: "notice", path, level: "warning", text: EVIL },
    { type: "facts", path, facts: { [EVIL]: EVIL } },
    { type: "table", path, columns: [EVIL], rows: [[EVIL]] },
    { type: "finished", path, outcome: "done", text: EVIL },
    { type: "started", path },
    { type: "failed", path, message: EVIL },
  ];
  for (const isTree of [true, false]) {
    const tree = new Tree({ isTree, isColored: false });
    const lines = events.flatMap((event) => tree.lines(event, 0));
    assert.ok(lines.length >= events.length);
    for (const line of lines) assert.doesNotMatch(line, /\p{Cc}|\u202e/u);
  }
});

test("cells of a table are aligned as they are shown", () => {
  const rows = [
    ["\n", "x"],
    ["y", "z"],
  ];
  assert.deepEqual(table(rows), [String.raw`\n  x`, "y   z"]);
});
