import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { scratchDirectory, type ScratchDirectory } from "#disk";
import { run, start } from "#process";
import { probeSandbox, runInSandbox, type SandboxResult, type SandboxStep } from "#sandbox";
import { makeBusyboxRoot } from "./busybox-root.ts";

let scratch: ScratchDirectory;
let root: string;

before(async () => {
  scratch = await scratchDirectory(tmpdir(), "sandbox-test");
  root = await makeBusyboxRoot(join(scratch.path, "root"));
});
after(() => scratch[Symbol.asyncDispose]());

interface Ran extends SandboxResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly upper: string;
  /** All paths in `upper`. */
  readonly left: readonly string[];
}

let steps = 0;

async function sh(script: string, step: Partial<SandboxStep> = {}, signal?: AbortSignal): Promise<Ran> {
  const directory = join(scratch.path, `step-${steps++}`);
  const [upper, work] = [join(directory, "upper"), join(directory, "work")];
  for (const path of [upper, work]) await mkdir(path, { recursive: true });
  const said = { stdout: "", stderr: "" };
  const whole = { lower: [root], upper, work, command: ["/bin/sh", "-ec", script], env: {}, ...step };
  const onOutput = (stream: "stdout" | "stderr", text: string): void => void (said[stream] += text);
  const result = await runInSandbox(whole, { onOutput, ...(signal === undefined ? {} : { signal }) });
  assert.deepEqual(
    (await readdir(directory)).sort(),
    ["upper", "work"],
    "nothing of the sandbox is left beside upper and work",
  );
  return { ...result, ...said, upper, left: (await readdir(upper, { recursive: true })).sort() };
}

test("runInSandbox() passes output, exit codes and signals on", async () => {
  const { code, stdout, stderr } = await sh("echo out; echo > /dev/stdout; echo err >&2; exit 3");
  assert.deepEqual({ code, stdout, stderr }, { code: 3, stdout: "out\n\n", stderr: "err\n" });
  assert.equal((await sh("kill -KILL $$")).code, 137);
  assert.equal((await sh("", { command: ["/bin/absent"] })).code, 127);
  assert.equal((await sh("", { command: ["/etc/passwd"] })).code, 126);
});

test("runInSandbox() leaves in upper only what the command wrote", async () => {
  assert.deepEqual((await sh("cat /etc/resolv.conf /etc/hosts /proc/version > /dev/null")).left, []);
  const { left } = await sh("echo 1 > /etc/new; rm /var/lib/thing/a", {
    mounts: [{ source: "/etc", target: "/not/there" }],
  });
  assert.deepEqual(left, ["etc", "etc/new", "var", "var/lib", "var/lib/thing", "var/lib/thing/a"]);
});

test("runInSandbox() takes out a place it had to make behind a link into nowhere", async () => {
  const lower = join(scratch.path, "linked");
  await mkdir(join(lower, "etc"), { recursive: true });
  await mkdir(join(lower, "run"));
  await symlink("/run/systemd/resolve/stub.conf", join(lower, "etc/resolv.conf"));
  const ran = await sh("grep -c . /run/systemd/resolve/stub.conf", {
    lower: [lower, root],
    resolvConf: "nameserver 192.0.2.1\n",
  });
  assert.deepEqual([ran.code, ran.stdout, ran.left], [0, "1\n", []]);
});

test("runInSandbox() names the directories that were made anew over old ones", async () => {
  const made = await sh("cd /var/lib; rm -r thing; mkdir thing; touch thing/c");
  assert.deepEqual(made.opaqueDirectories, ["var/lib/thing"]);
  const sameNames = await sh("cd /var/lib; rm -r thing; mkdir -p thing/deep; touch thing/a");
  assert.deepEqual(sameNames.opaqueDirectories, ["var/lib/thing/deep"]);
  const touched = await sh("cd /var/lib/thing; rm a; touch c; chmod 700 deep");
  assert.deepEqual(touched.opaqueDirectories, []);
});

test("runInSandbox() gives the exact environment, Docker's HOME and PATH, umask, directory and user", async () => {
  const env = { A: "it's", "b.c": 'two "words"', LD_PRELOAD: "", IFS: ":" };
  const { stdout } = await sh("", { command: ["env"], env });
  const lines = stdout.trim().split("\n").sort();
  assert.deepEqual(lines, [
    "A=it's",
    "HOME=/root",
    "IFS=:",
    "LD_PRELOAD=",
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    'b.c=two "words"',
  ]);
  const ran = await sh("id -u; id -g; id -G; echo $HOME; pwd; umask; hostname", {
    user: "app",
    cwd: "/made/here",
  });
  assert.equal(ran.stdout, "1000\n1001\n1001 44\n/home/app\n/made/here\n0022\nslipway\n");
  assert.deepEqual(ran.left, ["made", "made/here"]);
  await assert.rejects(sh("", { user: "nobody-here" }), { code: "SANDBOX_USER_UNKNOWN" });
});

test("runInSandbox() has Docker's devices and keeps the machine's own out of reach", async () => {
  const { code, stderr } = await sh(`
    for name in null zero full random urandom tty ptmx; do test -c /dev/$name; done
    test -d /dev/pts -a -d /dev/shm -a -L /dev/fd -a -L /dev/stdin
    echo x > /dev/shm/file; echo x > /dev/null
    mknod /dev/disk b 254 0; ! head -c1 /dev/disk 2> /dev/null
    ! echo 1 2> /dev/null > /proc/sys/kernel/sysrq
    ! ls /proc/1/root/ 2> /dev/null
    mkdir /tmp/in; cd /tmp; chroot /tmp/in true 2> /dev/null || true
  `);
  assert.deepEqual([code, stderr], [0, ""]);
});

test("runInSandbox() shows files, mounts and settings, and leaves nothing of them", async () => {
  const bundle = join(scratch.path, "company.pem");
  await writeFile(bundle, "certificate");
  const { stdout, left } = await sh(
    '/script; cat "$SSL_CERT_FILE"; echo " $http_proxy"; ! touch /config/x 2> /dev/null',
    {
      files: [{ target: "/script", content: "#!/bin/sh\necho from script\n", mode: 0o555 }],
      mounts: [{ source: root, target: "/config", readOnly: true }],
      settings: { caBundle: bundle, proxies: { HTTP_PROXY: "http://proxy" } },
    },
  );
  assert.equal(stdout, "from script\ncertificate http://proxy\n");
  assert.deepEqual(left, []);
  await assert.rejects(sh("", { mounts: [{ source: "/absent", target: "/x" }] }), {
    code: "SANDBOX_MOUNT_MISSING",
  });
});

test("runInSandbox() carries more layers than an option string of a mount could name", async () => {
  const lower: string[] = [];
  for (let index = 0; index < 120; index++) {
    const path = join(scratch.path, "layers", "x".repeat(60), String(index));
    await mkdir(path, { recursive: true });
    await writeFile(join(path, `file-${index}`), "");
    lower.push(path);
  }
  const { stdout } = await sh("ls / | grep -c file-", { lower: [...lower, root] });
  assert.equal(stdout, "120\n");
});

test("runInSandbox() ends a background process with the command, and everything when it is aborted", async () => {
  assert.equal((await sh("sleep 4321 & echo started")).stdout, "started\n");
  const abort = new AbortController();
  const running = sh("sleep 4322 & sleep 4323", {}, abort.signal);
  const rejected = assert.rejects(running, { name: "AbortError" });
  while (!(await processes()).includes("sleep 4323")) await sleep(20);
  abort.abort();
  await rejected;
  assert.doesNotMatch((await processes()).join("\n"), /sleep 432/);
});

test("a slipway that is killed leaves no process and no mount", async () => {
  const directory = join(scratch.path, "killed");
  for (const name of ["upper", "work"]) await mkdir(join(directory, name), { recursive: true });
  const { child, ended } = start(
    process.execPath,
    [join(import.meta.dirname, "run-step.ts"), root, directory, "sleep", "5432"],
    { env: { PATH: process.env["PATH"] ?? "" } },
    ["ignore", "ignore", "inherit"],
  );
  while (!(await processes()).includes("sleep 5432")) await sleep(20);
  child.kill("SIGKILL");
  await ended;
  for (let waited = 0; (await processes()).includes("sleep 5432"); waited += 20) {
    assert.ok(waited < 5000, "the command is still there");
    await sleep(20);
  }
  assert.doesNotMatch(await readFile("/proc/self/mountinfo", "utf8"), new RegExp(directory));
  await rm(directory, { recursive: true });
});

test("probeSandbox() finds that this machine can do it", async () => {
  const findings = await probeSandbox(scratch.path, { name: "root", uid: 0 });
  assert.deepEqual(
    findings.filter(({ isOk }) => !isOk),
    [],
  );
  assert.equal((await stat(scratch.path)).isDirectory(), true);
});

/** The command lines of this machine. */
async function processes(): Promise<readonly string[]> {
  return (await run("ps", ["-eo", "args"])).stdout.toString().split("\n");
}
