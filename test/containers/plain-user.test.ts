import assert from "node:assert/strict";
import { chmod, stat } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { run } from "#process";
import { makeBusyboxRoot } from "../sandbox/busybox-root.ts";
import { addPlainUser, type PlainUser } from "../sandbox/plain-user.ts";

let user: PlainUser;
let tunMode: number;
const TUN = "/dev/net/tun";
const PORT = "28471";

before(async () => {
  tunMode = (await stat(TUN)).mode;
  await chmod(TUN, 0o666); // as udev has it on machines with one
  user = await addPlainUser();
  await makeBusyboxRoot(join(user.home, "root"));
  await run("chown", ["-R", `${user.name}:${user.name}`, user.home]);
});
after(async () => {
  await chmod(TUN, tunMode & 0o777);
  await user[Symbol.asyncDispose]();
});

test("runContainer() of a plain user answers on its port with slirp4netns", async () => {
  const home = join(user.home, "slipway");
  const program = [process.execPath, join(import.meta.dirname, "run-container.ts"), home];
  const web = "mkdir /www; echo hello > /www/index.html; exec httpd -f -p 8080 -h /www";
  const started = await user.runInNamespace([
    ...program,
    join(user.home, "root"),
    `-d -p ${PORT}:8080`,
    "sh",
    "-c",
    web,
  ]);
  assert.deepEqual([started.code, started.stderr], [0, ""]);
  try {
    assert.equal(await fetchText(`http://127.0.0.1:${PORT}/`), "hello\n");
  } finally {
    const removed = await user.runInNamespace([...program, "rm", started.stdout.toString().trim()]);
    assert.deepEqual([removed.code, removed.stderr], [0, ""]);
  }
  await assert.rejects(fetch(`http://127.0.0.1:${PORT}/`));
});

async function fetchText(url: string): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await (await fetch(url)).text();
    } catch (error) {
      if (attempt > 100) throw error;
      await sleep(50);
    }
  }
}
