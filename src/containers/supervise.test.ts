import assert from "node:assert/strict";
import { test } from "node:test";
import type { RestartPolicy } from "./docker-options.ts";
import { wantsRestart } from "./supervise.ts";

const TABLE: ReadonlyArray<[RestartPolicy, code: number, restarts: number, boolean]> = [
  [{ name: "no" }, 1, 0, false],
  [{ name: "always" }, 0, 1000, true],
  [{ name: "unless-stopped" }, 0, 1, true],
  [{ name: "on-failure" }, 0, 0, false],
  [{ name: "on-failure" }, 1, 1000, true],
  [{ name: "on-failure", maximumRetries: 2 }, 1, 1, true],
  [{ name: "on-failure", maximumRetries: 2 }, 1, 2, false],
];

for (const [policy, code, restarts, expected] of TABLE) {
  test(`wantsRestart() of ${JSON.stringify(policy)} after code ${code} and ${restarts} restarts is ${expected}`, () => {
    assert.equal(wantsRestart(policy, code, restarts), expected);
  });
}
