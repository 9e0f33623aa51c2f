import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  containerLogs,
  listContainers,
  parseDockerOptions,
  removeContainer,
  runContainer,
  stopContainer,
  type StartedContainer,
} from "#containers";
import { scratchDirectory, type ScratchDirectory } from "#disk";
import { run, start as startProgram } from "#process";
import { makeBusyboxRoot } from "../sandbox/busybox-root.ts";

let scratch: ScratchDirectory;
let root: string;
let home: string;

before(async () => {
  scratch = await scratchDirectory(tmpdir(), "containers");
  root = await makeBusyboxRoot(join(scratch.path, "root"));
  home = join(scratch.path, "home");
});
after(async () => {
  for (const { id } of await listContainers(home, { all: true }))
    await removeContainer(home, id, { force: true });
  await scratch[Symbol.asyncDispose]();
});

const WEB = "mkdir -p /www && echo hello > /www/index.html && exec httpd -f -p 8080 -h /www";

function start(
  options: string,
  command: readonly string[],
  env: Record<string, string> = {},
): Promise<StartedContainer> {
  const config = { Env: ["FROM_IMAGE=1"], Cmd: ["sh", "-c", "echo from image"] };
  return runContainer(
    { name: "test", config, lower: [root] },
    {
      options: parseDockerOptions(options),
      command,
      home,
      env,
      supervisor: [process.execPath, join(import.meta.dirname, "supervisor.ts")],
      stdin: new PassThrough(),
      onWarning: (text) => assert.fail(text),
    },
  );
}

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

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function logText(id: string): Promise<string> {
  let text = "";
  for await (const line of containerLogs(home, id)) text += line.text;
  return text;
}

test("runContainer() -d answers on its port until it is stopped, and its port is free again", async () => {
  const port = await freePort();
  const { name } = await start(`-d -p ${port}:8080 --restart=always --name web`, ["sh", "-c", WEB]);
  assert.equal(name, "web");
  assert.equal(await fetchText(`http://127.0.0.1:${port}/`), "hello\n");
  const [summary] = await listContainers(home);
  assert.deepEqual(
    [summary?.name, summary?.status, summary?.ports],
    ["web", "running", [{ hostPort: port, containerPort: 8080, protocol: "tcp" }]],
  );
  await assert.rejects(start(`-d -p ${port}:8080`, ["sleep", "60"]), { code: "CONTAINER_PORT_TAKEN" });
  await assert.rejects(start("-d --name web", ["sleep", "60"]), { code: "CONTAINER_NAME_TAKEN" });
  await assert.rejects(removeContainer(home, "web"), { code: "CONTAINER_RUNNING" });
  await stopContainer(home, "web", { timeoutSeconds: 1 });
  assert.deepEqual(await listContainers(home), []);
  await assert.rejects(fetch(`http://127.0.0.1:${port}/`));
  await removeContainer(home, "web");
  assert.deepEqual(await listContainers(home, { all: true }), []);
});

test("runContainer() -d keeps what is printed, in order and by stream", async () => {
  const { id } = await start(
    "-d -e A -e B=2",
    ["sh", "-c", 'echo "$A $B $FROM_IMAGE"; echo bad >&2; printf end'],
    { A: "1" },
  );
  const lines: Array<[string, string]> = [];
  for await (const { stream, text } of containerLogs(home, id.slice(0, 12), { follow: true }))
    lines.push([stream, text]);
  assert.deepEqual(
    lines.filter(([stream]) => stream === "stdout"),
    [
      ["stdout", "1 2 1\n"],
      ["stdout", "end"],
    ],
  );
  assert.deepEqual(
    lines.filter(([stream]) => stream === "stderr"),
    [["stderr", "bad\n"]],
  );
  const tail: string[] = [];
  for await (const { text } of containerLogs(home, id, { tail: 1 })) tail.push(text);
  assert.equal(tail.length, 1);
});

test("runContainer() restarts by policy, and keeps the container's files", async () => {
  const script = "echo x >> /count; wc -l < /count; exit 3";
  const { id } = await start("-d --restart=on-failure:2", ["sh", "-c", script]);
  for await (const _ of containerLogs(home, id, { follow: true }));
  assert.equal(await logText(id), "1\n2\n3\n");
  const summary = (await listContainers(home, { all: true })).find((row) => row.id === id);
  assert.deepEqual([summary?.status, summary?.exitCode, summary?.restarts], ["exited", 3, 2]);
});

test("stopContainer() sends the stop signal first and ends what does not obey", async () => {
  const polite = await start("-d", [
    "sh",
    "-c",
    "trap 'echo bye; exit 7' TERM; echo up; while :; do sleep 0.1; done",
  ]);
  while ((await logText(polite.id)) === "") await sleep(20);
  await stopContainer(home, polite.id);
  assert.equal(await logText(polite.id), "up\nbye\n");
  const stubborn = await start("-d", ["sleep", "1000"]);
  await stopContainer(home, stubborn.id, { timeoutSeconds: 0 });
  const rows = await listContainers(home, { all: true });
  const codeOf = (id: string): number | undefined => rows.find((row) => row.id === id)?.exitCode;
  assert.deepEqual([codeOf(polite.id), codeOf(stubborn.id)], [7, 137]);
});

test("a supervisor that is killed takes its container with it, and the next command says so", async () => {
  const port = await freePort();
  const { id } = await start(`-d -p ${port}:8080 --name killed`, ["sh", "-c", WEB]);
  await fetchText(`http://127.0.0.1:${port}/`);
  const state = JSON.parse(await readFile(join(home, "containers", id, "state.json"), "utf8")) as {
    supervisor: { pid: number };
    networkName?: string;
  };
  process.kill(state.supervisor.pid, "SIGKILL");
  while (!(await hasEnded(state.supervisor.pid))) await sleep(20);
  assert.deepEqual(await listContainers(home), []);
  const row = (await listContainers(home, { all: true })).find((summary) => summary.id === id);
  assert.deepEqual([row?.status, row?.exitCode], ["exited", 137]);
  assert.doesNotMatch((await run("ps", ["-eo", "args"])).stdout.toString(), /httpd -f -p 8080/);
  if (state.networkName !== undefined) {
    assert.doesNotMatch((await run("iptables-save", [])).stdout.toString(), new RegExp(state.networkName));
  }
  await start(`-d -p ${port}:8080 --name again`, ["sh", "-c", WEB]);
  assert.equal(await fetchText(`http://127.0.0.1:${port}/`), "hello\n");
  await removeContainer(home, "again", { force: true });
});

test("runContainer() in the foreground passes the exit code on, and --rm leaves nothing", async () => {
  const before = (await listContainers(home, { all: true })).length;
  const { code } = await start("--rm --network none", ["sh", "-c", "exit 42"]);
  assert.equal(code, 42);
  assert.equal((await listContainers(home, { all: true })).length, before);
});

test("volumes: a named one outlives its containers, a read-only one refuses", async () => {
  const one = await start("--rm -v data:/data -w /data", ["sh", "-c", "echo kept > file"]);
  const two = await start("--rm -v data:/data:ro", [
    "sh",
    "-c",
    "test $(cat /data/file) = kept && ! touch /data/x 2>/dev/null",
  ]);
  assert.deepEqual([one.code, two.code], [0, 0]);
});

test("runContainer() -it gives the command the caller's terminal", async () => {
  const script = "tty; test -t 0 && test -t 1 && echo both; exit 5";
  const words = [
    process.execPath,
    join(import.meta.dirname, "run-container.ts"),
    home,
    root,
    "-it --rm",
    "sh",
    "-c",
    script,
  ];
  const line = words.map((word) => `'${word}'`).join(" ");
  const { code, stdout } = await run("script", ["--quiet", "--return", "--command", line, "/dev/null"], {
    accept: [5],
  });
  assert.equal(code, 5);
  assert.match(stdout.toString(), /^\/dev\/console\r\nboth\r\n/);
});

test("runContainer() -i hands stdin on", async () => {
  const words = [
    join(import.meta.dirname, "run-container.ts"),
    home,
    root,
    "-i --rm",
    "sh",
    "-c",
    "cat; echo end",
  ];
  const { stdout } = await run(process.execPath, words, { input: "given\n" });
  assert.match(stdout.toString(), /^given\nend\n/);
});

test("a signal to slipway reaches the command in the foreground", async () => {
  const script = "trap 'echo caught; exit 9' TERM; echo up; while :; do sleep 0.1; done";
  const words = [join(import.meta.dirname, "run-container.ts"), home, root, "--rm", "sh", "-c", script];
  const { child, ended } = startProgram(process.execPath, words, {}, ["ignore", "pipe", "inherit"]);
  let text = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    text += chunk.toString();
    if (text === "up\n") child.kill("SIGTERM");
  });
  assert.equal(await ended, 9);
  assert.match(text, /^up\ncaught\n/);
});

test("a container reaches the machine's network, and --network host is the machine's", async () => {
  const server = createServer((socket) => socket.end("here\n"));
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  const { port } = server.address() as AddressInfo; // a TCP server's address is no text
  try {
    const gateway = `nc -w 3 $(ip route | sed -n 's/default via \\([0-9.]*\\).*/\\1/p') ${port}`;
    assert.equal((await start("--rm", ["sh", "-c", `test "$(${gateway})" = here`])).code, 0);
    assert.equal(
      (await start("--rm --network host", ["sh", "-c", `test "$(nc -w 3 127.0.0.1 ${port})" = here`])).code,
      0,
    );
    assert.notEqual(
      (await start("--rm --network none", ["sh", "-c", `nc -w 3 127.0.0.1 ${port} 2> /dev/null`])).code,
      0,
    );
  } finally {
    server.close();
  }
});

/** Whether nothing of a process is left, or only its exit code. */
async function hasEnded(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => ") Z");
  return stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
}
