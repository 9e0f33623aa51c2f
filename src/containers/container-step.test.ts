import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { scratchDirectory } from "#disk";
import { containerStep } from "./container-step.ts";
import { parseDockerOptions } from "./docker-options.ts";

const CONFIG = {
  Entrypoint: ["entry"],
  Cmd: ["default"],
  Env: ["A=image", "B=image"],
  User: "app",
  WorkingDir: "/srv",
};

async function stepOf(options: string, command: readonly string[] = [], config: object = CONFIG) {
  await using scratch = await scratchDirectory(tmpdir(), "step");
  const place = {
    home: scratch.path,
    directory: join(scratch.path, "c"),
    id: "0123456789abcdef",
    env: { GIVEN: "caller" },
  };
  return await containerStep(
    { name: "shop", config, lower: ["/layer"] },
    parseDockerOptions(options),
    command,
    place,
  );
}

const COMMANDS: ReadonlyArray<[string, readonly string[], readonly string[]]> = [
  ["", [], ["entry", "default"]],
  ["", ["mine"], ["entry", "mine"]],
  ["--entrypoint=sh", [], ["sh"]],
  ["--entrypoint=sh", ["-c"], ["sh", "-c"]],
  ["--entrypoint=", ["mine"], ["mine"]],
];

for (const [options, command, expected] of COMMANDS) {
  test(`containerStep() with "${options}" and [${command.join(" ")}] runs ${expected.join(" ")}`, async () => {
    assert.deepEqual((await stepOf(options, command)).command, expected);
  });
}

test("containerStep() lets options go before the image, and takes unnamed values from the caller", async () => {
  const step = await stepOf("-e B=option -e GIVEN -e ABSENT -w /work -u 5");
  assert.deepEqual(step.env, { HOSTNAME: "0123456789ab", A: "image", B: "option", GIVEN: "caller" });
  assert.deepEqual([step.cwd, step.user, step.hostname], ["/work", "5", "0123456789ab"]);
  const plain = await stepOf("");
  assert.deepEqual([plain.cwd, plain.user], ["/srv", "app"]);
});

test("containerStep() says that there is nothing to run", async () => {
  await assert.rejects(stepOf("", [], {}), { code: "RUN_NO_COMMAND" });
});
