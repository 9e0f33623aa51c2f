import assert from "node:assert/strict";
import { test } from "node:test";
import type { DockerDirectives } from "#project";
import { applyDirectives } from "./docker-config.ts";
import { expandWord } from "./dockerfile-word.ts";

const NONE: DockerDirectives = {
  VOLUME: [],
  EXPOSE: [],
  ENV: {},
  LABEL: {},
  CMD: undefined,
  ENTRYPOINT: undefined,
  WORKDIR: undefined,
  USER: undefined,
  HEALTHCHECK: undefined,
};

test("expandWord() reads a word as a Dockerfile does", () => {
  const env = { HOME: "/root", EMPTY: "" };
  const cases: Readonly<Record<string, string>> = {
    "$HOME/x": "/root/x",
    "${HOME}x": "/rootx",
    "${NONE:-other}": "other",
    "${EMPTY-other}": "",
    "${EMPTY:-$HOME}": "/root",
    "${HOME:+set}": "set",
    "\\$HOME": "$HOME",
    "'$HOME'": "$HOME",
    '"$HOME \\n"': "/root \\n",
    "a b": "a b",
    "5$": "5$",
  };
  for (const [word, wanted] of Object.entries(cases)) assert.equal(expandWord(word, env), wanted, word);
  assert.throws(() => expandWord("${HOME", env), { code: "BUILD_BAD_DIRECTIVE" });
});

test("applyDirectives() changes what is named and inherits the rest", () => {
  const base = { Env: ["PATH=/bin", "A=1"], Cmd: ["x"], WorkingDir: "/srv", Labels: { a: "1" }, User: "app" };
  assert.deepEqual(
    applyDirectives(base, {
      ...NONE,
      VOLUME: ["/data", '["/a", "/b"]'],
      EXPOSE: ["80", "53/UDP 8000-8001"],
      ENV: { PATH: "/app:$PATH", B: "$A" },
      LABEL: { b: "${A}2" },
      WORKDIR: "sub",
      HEALTHCHECK: "--interval=1m30s --retries=3 CMD curl -f localhost",
    }),
    {
      Env: ["PATH=/app:/bin", "A=1", "B=1"],
      Cmd: ["x"],
      WorkingDir: "/srv/sub",
      Labels: { a: "1", b: "12" },
      User: "app",
      Volumes: { "/data": {}, "/a": {}, "/b": {} },
      ExposedPorts: { "80/tcp": {}, "53/udp": {}, "8000/tcp": {}, "8001/tcp": {} },
      Healthcheck: { Test: ["CMD-SHELL", "curl -f localhost"], Interval: 90_000_000_000, Retries: 3 },
    },
  );
});

test("commands are lists as they are, and lines for the shell", () => {
  const apply = (CMD: string): unknown => applyDirectives({}, { ...NONE, CMD }).Cmd;
  assert.deepEqual(apply('["a", "b c"]'), ["a", "b c"]);
  assert.deepEqual(apply("a b"), ["/bin/sh", "-c", "a b"]);
  assert.deepEqual(apply("[a"), ["/bin/sh", "-c", "[a"]);
  assert.deepEqual(apply("[]"), []);
});

test("bad ports and health checks are named", () => {
  assert.throws(() => applyDirectives({}, { ...NONE, EXPOSE: ["http"] }), {
    code: "BUILD_BAD_DIRECTIVE",
    message: /EXPOSE: `http`/,
  });
  assert.throws(() => applyDirectives({}, { ...NONE, HEALTHCHECK: "curl" }), { code: "BUILD_BAD_DIRECTIVE" });
});
