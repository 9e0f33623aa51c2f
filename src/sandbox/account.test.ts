import assert from "node:assert/strict";
import { test } from "node:test";
import { resolveAccount } from "./account.ts";

const PASSWD =
  "root:x:0:0:root:/root:/bin/bash\napp:x:1000:1001::/home/app:/bin/sh\nnohome:x:7:8:::\n1234:x:55:56::/odd:\n";
const GROUP = "root:x:0:\napps:x:1001:\ndocker:x:999:app,other\nmedia:x:44:app\n";

const TABLE: ReadonlyArray<[string, [number, number, readonly number[], string]]> = [
  ["", [0, 0, [], "/root"]],
  ["app", [1000, 1001, [999, 44], "/home/app"]],
  ["1000", [1000, 1001, [999, 44], "/home/app"]],
  ["app:docker", [1000, 999, [], "/home/app"]],
  ["app:12", [1000, 12, [], "/home/app"]],
  ["4000", [4000, 0, [], "/"]],
  ["4000:4001", [4000, 4001, [], "/"]],
  ["nohome", [7, 8, [], "/"]],
  [":media", [0, 44, [], "/root"]],
];

for (const [specification, [uid, gid, groups, home]] of TABLE) {
  test(`resolveAccount("${specification}") finds user, groups and home as Docker does`, () => {
    assert.deepEqual(resolveAccount(specification, PASSWD, GROUP), { uid, gid, groups, home });
  });
}

test("resolveAccount() in a root without passwd and group takes numbers only", () => {
  assert.deepEqual(resolveAccount("5:6", "", ""), { uid: 5, gid: 6, groups: [], home: "/" });
  assert.throws(() => resolveAccount("app", "", ""), { code: "SANDBOX_USER_UNKNOWN" });
  assert.throws(() => resolveAccount("5:apps", "", ""), { code: "SANDBOX_USER_UNKNOWN" });
});
