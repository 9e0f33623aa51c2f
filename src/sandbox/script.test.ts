import assert from "node:assert/strict";
import { test } from "node:test";
import { run } from "#process";
import { launchScript, quote, type Launch } from "./script.ts";

test("quote() gives any text back through a shell", async () => {
  const words = ["plain", "", "it's", "a b", '$HOME `x` \\ "q"', "line\nbreak", "*", "-n", "é", "'"];
  const { stdout } = await run("sh", ["-c", `printf '%s\\0' ${words.map(quote).join(" ")}`]);
  assert.deepEqual(stdout.toString().split("\0").slice(0, -1), words);
});

const LAUNCH: Launch = {
  tools: { mount: "/bin/mount", setpriv: "/bin/setpriv", unshare: "/bin/unshare", env: "/bin/env" },
  hostname: "slipway",
  env: { PATH: "/bin", "with.dot": "1", LD_PRELOAD: "/lib/x.so", IFS: "," },
  rootEnv: "/usr/bin/env",
  uid: 5,
  gid: 6,
  groups: [7, 8],
  cwd: "/app",
  command: ["run", "it's"],
  isProcessOne: false,
  hasPipes: true,
};

test("launchScript() keeps names that a shell or a loader would obey away from this machine's programs", () => {
  const command = launchScript(LAUNCH).split("\n").at(-3) ?? "";
  assert.match(command, /--regid=6 --groups=7,8 \/bin\/env -u _ with\.dot=1 IFS=, \/bin\/unshare/);
  assert.match(
    command,
    /--wd=\/app --setuid=5 -- \/usr\/bin\/env LD_PRELOAD=\/lib\/x\.so run 'it'\\''s' 3>&-$/,
  );
  assert.doesNotMatch(launchScript(LAUNCH), /export (IFS|LD_PRELOAD|with)/);
});

test("launchScript() lets process 1 become the command, as root with all of root's groups dropped", () => {
  const command =
    launchScript({ ...LAUNCH, isProcessOne: true, uid: 0, groups: [] })
      .split("\n")
      .at(-3) ?? "";
  assert.match(command, /^exec \/bin\/setpriv .* --clear-groups /);
  assert.doesNotMatch(command, /--setuid/);
});
