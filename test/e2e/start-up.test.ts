import assert from "node:assert/strict";
import { chmod, cp, lstat, mkdir, readFile, readdir, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { scratchDirectory } from "#disk";
import { run } from "#process";

const PROGRAM = join(import.meta.dirname, "../../bin/slipway.js");

test("compiled code is kept for each command, and the program runs the same with it", async () => {
  await using home = await homeDirectory();
  const first = await home.slipway("version");
  assert.deepEqual(await home.kept(), ["version"]);
  assert.deepEqual(await home.slipway("version"), first);
  await home.slipway("helm", "env");
  await home.slipway("bild").catch(() => undefined);
  await home.slipway("build", "--help");
  assert.deepEqual(await home.kept(), ["helm_env", "version"]);
});

test("kept code that is broken or another user's is not run", async (t) => {
  await using home = await homeDirectory();
  const right = await home.slipway("version");
  const file = await home.own();
  const good = await readFile(file);
  for (const bad of [Buffer.alloc(0), good.subarray(0, 1000), Buffer.alloc(good.length), Buffer.from("{}")]) {
    await writeFile(file, bad);
    assert.deepEqual(await home.slipway("version"), right);
    assert.ok((await readFile(file)).length > good.length / 2, "the broken code is still there");
  }
  for (const at of [100, 5_000, 50_000, good.length - 20_000]) {
    const bad = Buffer.from(good);
    bad.writeUInt8(bad.readUInt8(at) ^ 4, at);
    await writeFile(file, bad);
    assert.deepEqual(await home.slipway("version"), right, `with a wrong bit in byte ${at}`);
    assert.ok(!(await readFile(file)).equals(bad), "the broken code is still there");
  }
  if (process.geteuid?.() !== 0) {
    t.diagnostic("files of another user take root to make: that half is left out");
    return;
  }
  await run("chown", ["nobody", file]);
  await writeFile(file, good);
  assert.deepEqual(await home.slipway("version"), right);
  assert.equal((await run("stat", ["-c", "%U", file])).stdout.toString().trim(), "root");
});

test("what others put in the place of kept code is neither read nor written through", async () => {
  await using home = await homeDirectory();
  const right = await home.slipway("version");
  const file = await home.own();
  const elsewhere = join(home.path, "elsewhere");
  const plant = async (make: () => Promise<unknown>): Promise<void> => {
    await rm(file);
    await make();
    assert.deepEqual(await home.slipway("version"), right);
    assert.ok((await lstat(file)).isFile(), "what was planted is still there");
  };
  await plant(() => run("mkfifo", [file]));
  await plant(async () => {
    await writeFile(elsewhere, "not code");
    await symlink(elsewhere, file);
  });
  assert.equal(await readFile(elsewhere, "utf8"), "not code");
  await writeFile(file, "code of all");
  await chmod(file, 0o666);
  assert.deepEqual(await home.slipway("version"), right);
  assert.equal((await lstat(file)).mode & 0o777, 0o600);
});

test("no code is kept in a directory that others may write to or that is a link", async () => {
  await using home = await homeDirectory();
  const documents = join(home.path, "documents");
  await mkdir(documents);
  await writeFile(join(documents, "thesis"), "old and dear");
  await utimes(join(documents, "thesis"), 1_600_000_000, 1_600_000_000);
  await mkdir(dirname(home.code), { recursive: true });
  await symlink(documents, home.code);
  await home.slipway("version");
  assert.deepEqual(await readdir(documents), ["thesis"]);
  await rm(home.code);
  await mkdir(home.code);
  await chmod(home.code, 0o777);
  await home.slipway("version");
  assert.deepEqual(await readdir(home.code), []);
});

test("code of builds that are long gone is removed, and that of others stays", async () => {
  await using home = await homeDirectory();
  await mkdir(home.code, { recursive: true });
  const left = (build: string): string =>
    join(home.code, `version_${build}_${process.version}_${process.arch}`);
  for (const build of ["0".repeat(16), "1".repeat(16)]) await writeFile(left(build), "old");
  await writeFile(join(home.code, "notes.txt"), "not of slipway");
  for (const old of [left("0".repeat(16)), join(home.code, "notes.txt")]) {
    await utimes(old, 1_600_000_000, 1_600_000_000);
  }
  await home.slipway("version");
  const names = await readdir(home.code);
  assert.equal(names.length, 4);
  assert.ok(!names.some((name) => name.includes("_0000")));
});

test("code is kept for each place that a command is called for, and for the sixteen newest of them", async () => {
  await using home = await homeDirectory();
  const render = async (path: string): Promise<void> => {
    const { stdout } = await home.slipway("helm", "template", "shop", join(home.path, path));
    assert.match(stdout, /name: shop/);
  };
  const written = async (): Promise<Map<string, number>> =>
    new Map(
      await Promise.all(
        (await readdir(home.code)).map(
          async (name) => [name, (await lstat(join(home.code, name))).mtimeMs] as const,
        ),
      ),
    );
  await chartAt(join(home.path, "chart"));
  await render("chart");
  const first = await written();
  assert.equal(first.size, 2);
  await render("chart");
  assert.deepEqual(await written(), first, "a second run writes nothing");
  for (let i = 0; i < 17; i++) {
    await cp(join(home.path, "chart"), join(home.path, `chart${i}`), { recursive: true });
    await render(`chart${i}`);
  }
  assert.equal((await written()).size, 17);
});

test("what a long run has compiled is not kept, since V8 has let go of its beginning", async () => {
  await using home = await homeDirectory();
  const spin = join(home.path, "spin.cjs");
  await writeFile(spin, "while (process.cpuUsage().user < 2_100_000);\n");
  await run(process.execPath, ["--require", spin, PROGRAM, "version"], { env: { HOME: home.path } });
  await assert.rejects(readdir(home.code), { code: "ENOENT" });
  await home.slipway("version");
  assert.deepEqual(await home.kept(), ["version"]);
});

test("the program starts without a home, and with one that cannot be written to", async () => {
  await using home = await homeDirectory();
  await writeFile(join(home.path, ".cache"), "a file where a directory should be");
  await chmod(home.path, 0o500);
  const { stdout } = await home.slipway("version");
  assert.match(stdout, /^\d+\.\d+\.\d+/);
  const bare = await run(process.execPath, [PROGRAM, "version"], { env: {} });
  assert.equal(bare.stdout.toString(), stdout);
});

interface Home extends AsyncDisposable {
  readonly path: string;
  /** Where compiled code is kept. */
  readonly code: string;
  /** The commands whose code is kept. */
  kept(): Promise<string[]>;
  /** The file that the command which was called first has for itself. */
  own(): Promise<string>;
  slipway(...words: string[]): Promise<{ stdout: string; stderr: string }>;
}

async function homeDirectory(): Promise<Home> {
  const scratch = await scratchDirectory("/tmp", "slipway-start-up");
  const code = join(scratch.path, ".cache/slipway/code");
  return {
    path: scratch.path,
    code,
    kept: async () => {
      const commands = (await readdir(code)).map((name) => name.split(/_[0-9a-f]{16}_/)[0] ?? "");
      return [...new Set(commands)].toSorted();
    },
    own: async () => {
      const own = (await readdir(code)).find((name) => !name.endsWith(`_${process.arch}`));
      assert.ok(own !== undefined, "no code is kept");
      return join(code, own);
    },
    slipway: async (...words) => {
      const { stdout, stderr } = await run(process.execPath, [PROGRAM, ...words], {
        env: { HOME: scratch.path },
      });
      return { stdout: stdout.toString(), stderr: stderr.toString() };
    },
    [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose](),
  };
}

test("to render a chart, nothing of Node is loaded that only other commands need", async () => {
  await using scratch = await scratchDirectory("/tmp", "slipway-modules");
  const chart = join(scratch.path, "chart");
  await chartAt(chart);
  const spy = join(scratch.path, "spy.cjs");
  await writeFile(spy, 'process.on("exit", () => process._rawDebug(process.moduleLoadList.join("\\n")));\n');
  const { stderr } = await run(
    process.execPath,
    ["--require", spy, PROGRAM, "helm", "template", "shop", chart],
    {
      env: { HOME: scratch.path },
    },
  );
  const loaded = stderr.split("\n").filter((line) => line.startsWith("NativeModule "));
  assert.ok(loaded.length > 20, stderr);
  const heavy = ["crypto", "http", "https", "net", "tls", "stream", "zlib", "child_process", "v8", "dns"];
  assert.deepEqual(
    heavy.filter((name) => loaded.includes(`NativeModule ${name}`)),
    [],
  );
});

async function chartAt(directory: string): Promise<void> {
  await mkdir(join(directory, "templates"), { recursive: true });
  await writeFile(join(directory, "Chart.yaml"), "apiVersion: v2\nname: small\nversion: 1.0.0\n");
  await writeFile(
    join(directory, "templates/a.yaml"),
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name | trunc 5 }}}\n",
  );
}
