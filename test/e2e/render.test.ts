import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { run } from "#process";

interface Vectors {
  readonly "werf.yaml": string;
  readonly "values.yaml": string;
  readonly template: string;
  readonly cases: readonly {
    readonly args: readonly string[];
    readonly exit: number;
    readonly stdout: string;
  }[];
}

const vectors = JSON.parse(
  await readFile(join(import.meta.dirname, "testdata/werf-render.json"), "utf8"),
) as Vectors;
const program = join(import.meta.dirname, "../../bin/slipway.js");
let directory = "";

before(async () => {
  directory = join(await mkdtemp(join(tmpdir(), "slipway-render-")), "chat");
  await mkdir(join(directory, ".helm/templates"), { recursive: true });
  await writeFile(join(directory, "werf.yaml"), vectors["werf.yaml"]);
  await writeFile(join(directory, ".helm/values.yaml"), vectors["values.yaml"]);
  await writeFile(join(directory, ".helm/templates/d.yaml"), vectors.template);
});
after(() => rm(join(directory, ".."), { recursive: true, force: true }));

for (const { args, stdout } of vectors.cases) {
  test(`${args.join(" ")} gives what werf 1.1 gives`, async () => {
    const env = { PATH: process.env["PATH"] ?? "", HOME: directory };
    const { stdout: out } = await run(process.execPath, [program, ...args], { cwd: directory, env });
    const version = /werf\.io\/version: (.*)/.exec(out.toString())?.[1] ?? "";
    const expected = stdout.slice(stdout.indexOf("---")).replaceAll("v1.1-anchor", version);
    assert.equal(out.toString().trimEnd(), expected.trimEnd());
  });
}

test("a chart with secrets is refused, for a release without their values would be another one", async () => {
  const env = { PATH: process.env["PATH"] ?? "", HOME: directory };
  const secrets = join(directory, ".helm/secret-values.yaml");
  await writeFile(secrets, "password: 1000abcd\n");
  try {
    const args = [program, "helm", "render", "--env", "stage"];
    const { code, stdout, stderr } = await run(process.execPath, args, { cwd: directory, env, accept: [1] });
    assert.equal(code, 1);
    assert.equal(stdout.toString(), "");
    assert.match(
      stderr,
      /^Error: Secrets of a chart are known but not built yet: secret-values.yaml\nNext: Move /,
    );
  } finally {
    await rm(secrets);
  }
});
