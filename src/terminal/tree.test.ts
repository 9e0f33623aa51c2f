import assert from "node:assert/strict";
import { test } from "node:test";
import type { Event } from "#events";
import { createLog } from "./log.ts";

function shown(format: "tree" | "plain" | "json", events: readonly Event[]): string {
  let text = "";
  let time = 0;
  const log = createLog({
    format,
    level: "normal",
    isColored: false,
    clock: () => (time += 500),
    now: () => new Date(0),
    write: (lines) => (text += lines),
  });
  for (const event of events) log.sink(event);
  log.close();
  return text;
}

const EVENTS: readonly Event[] = [
  { type: "started", path: ["image app"] },
  { type: "started", path: ["image app", "install"] },
  { type: "started", path: ["image db"] },
  { type: "log", path: ["image app", "install"], text: "hello\n" },
  { type: "finished", path: ["image db"], outcome: "reused" },
  { type: "finished", path: ["image app", "install"], outcome: "done" },
  { type: "finished", path: ["image app"], outcome: "done" },
];

test("a terminal shows a tree, and parallel work one after another", () => {
  assert.equal(
    shown("tree", EVENTS),
    [
      "┌ image app",
      "│ ┌ install",
      "│ │ hello",
      "│ └ ✔ install (2.00 seconds)",
      "└ ✔ image app (3.00 seconds)",
      "┌ image db",
      "└ ↺ image db (1.00 seconds)",
      "",
    ].join("\n"),
  );
});

test("plain lines carry their path", () => {
  assert.equal(
    shown("plain", EVENTS.slice(0, 4)),
    "image app | started\nimage app / install | started\nimage app / install | hello\nimage db | started\n",
  );
});

test("JSON lines hold the whole event", () => {
  const [line = ""] = shown("json", EVENTS).split("\n");
  assert.deepEqual(JSON.parse(line), {
    time: "1970-01-01T00:00:00.000Z",
    type: "started",
    path: ["image app"],
  });
});
