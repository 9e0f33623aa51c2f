import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { scratchDirectory } from "#disk";
import { LogWriter, readLog } from "./log-file.ts";

async function texts(directory: string, tail?: number): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { stream, text } of readLog(directory, tail === undefined ? {} : { tail }))
    found.push(`${stream} ${text}`);
  return found;
}

test("LogWriter joins pieces to lines, each stream for itself, and flush() writes what has no end", async () => {
  await using scratch = await scratchDirectory(tmpdir(), "log");
  const log = new LogWriter(scratch.path);
  log.write("stdout", "one\ntw");
  log.write("stderr", "bad\n");
  log.write("stdout", "o\nthree");
  assert.deepEqual(await texts(scratch.path), ["stdout one\n", "stderr bad\n", "stdout two\n"]);
  log.flush();
  assert.deepEqual(await texts(scratch.path, 2), ["stdout two\n", "stdout three"]);
});

test("LogWriter keeps three files at most, the newest lines in them", async () => {
  await using scratch = await scratchDirectory(tmpdir(), "log");
  const log = new LogWriter(scratch.path, 1000);
  for (let count = 0; count < 40; count++) log.write("stdout", `${count} ${"x".repeat(100)}\n`);
  assert.deepEqual((await readdir(scratch.path)).sort(), ["log.jsonl", "log.jsonl.1", "log.jsonl.2"]);
  const numbers = (await texts(scratch.path)).map((text) => Number(text.split(" ")[1]));
  assert.ok(numbers.length < 30);
  assert.deepEqual(
    numbers,
    Array.from({ length: numbers.length }, (_, index) => 40 - numbers.length + index),
  );
});
