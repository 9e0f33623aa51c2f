import assert from "node:assert/strict";
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { run } from "#process";
import { makeBusyboxRoot } from "./busybox-root.ts";
import { addPlainUser, type PlainUser } from "./plain-user.ts";

let user: PlainUser;

before(async () => {
  user = await addPlainUser();
  await makeBusyboxRoot(join(user.home, "root"));
  for (const name of ["upper", "work"]) await mkdir(join(user.home, "step", name), { recursive: true });
  await run("chown", ["-R", `${user.name}:${user.name}`, user.home]);
});
after(() => user[Symbol.asyncDispose]());

test("a plain user's step writes files of other users, removes what is below, and can be cleaned away", async () => {
  const script =
    "id -u; rm -r /var/lib/thing; mkdir /var/lib/thing; touch /tmp/of-app; chown 1000:44 /tmp/of-app; stat -c %u:%g /tmp/of-app";
  const step = [
    process.execPath,
    join(import.meta.dirname, "run-step.ts"),
    join(user.home, "root"),
    join(user.home, "step"),
  ];
  const { code, stdout, stderr } = await user.runInNamespace([...step, "sh", "-ec", script]);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.equal(stdout.toString(), '0\n1000:44\n{"code":0,"opaqueDirectories":["var/lib/thing"]}\n');
  assert.ok(
    (await stat(join(user.home, "step/upper/tmp/of-app"))).uid > 65_536,
    "the file is a subordinate id's on this machine",
  );
  const outside = await user.run(["rm", "-r", join(user.home, "step")]);
  assert.notEqual(outside.code, 0, "without the namespace the user may not remove it");
  const inside = await user.runInNamespace(["rm", "-r", join(user.home, "step")]);
  assert.deepEqual([inside.code, inside.stderr], [0, ""]);
});

test("probeSandbox() says to a plain user what is missing and how to get it", async () => {
  const probe = [
    process.execPath,
    join(import.meta.dirname, "probe.ts"),
    user.home,
    user.name,
    String(user.uid),
  ];
  const whole = JSON.parse((await user.run(probe)).stdout.toString()) as ReadonlyArray<{ isOk: boolean }>;
  assert.deepEqual(
    whole.map(({ isOk }) => isOk),
    [true, true, true],
  );
  await run("usermod", ["--del-subuids", "1-4294967294", user.name]);
  const lacking = JSON.parse((await user.run(probe)).stdout.toString()) as ReadonlyArray<{
    isOk: boolean;
    detail: string;
    hint?: string;
  }>;
  const { detail, hint } = lacking.find(({ isOk }) => !isOk) ?? { detail: "" };
  assert.equal(detail, `Cannot work without root: /etc/subuid has no range for ${user.name}`);
  assert.equal(hint, `Have root run: usermod --add-subuids 100000-165535 ${user.name}`);
});
