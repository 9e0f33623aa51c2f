import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { SlipwayError } from "#errors";
import { findImage, imageNames, loadProject, renderedConfig, type Project } from "./index.ts";

const META = "project: shop\nconfigVersion: 1\n---\n";

async function load(
  text: string,
  files: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string>> = {},
): Promise<Project> {
  const directory = await mkdtemp(join(tmpdir(), "slipway-project-"));
  try {
    for (const [name, content] of Object.entries({ "werf.yaml": text, ...files })) {
      await mkdir(dirname(join(directory, name)), { recursive: true });
      await writeFile(join(directory, name), content);
    }
    return await loadProject({ projectDir: directory, env });
  } finally {
    await rm(directory, { recursive: true });
  }
}

interface Answer {
  readonly exit: number;
  readonly stdout?: string;
}

interface Vector {
  readonly name: string;
  readonly "werf.yaml": string;
  readonly files: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly result: { readonly "config render": Answer; readonly "config list": Answer };
}

// Recorded from a local build of werf 1.1: `werf config render` and `werf config list`.
const vectors = JSON.parse(
  await readFile(new URL("testdata/config.json", import.meta.url), "utf8"),
) as readonly Vector[];

for (const vector of vectors) {
  test(`werf.yaml is read as werf 1.1 reads it: ${vector.name}`, async () => {
    const { "config render": render, "config list": list } = vector.result;
    if (render.exit !== 0) {
      await assert.rejects(
        load(vector["werf.yaml"], vector.files, vector.env),
        (error) => error instanceof SlipwayError,
      );
      return;
    }
    const project = await load(vector["werf.yaml"], vector.files, vector.env);
    assert.equal(renderedConfig(project), render.stdout);
    assert.equal(
      imageNames(project)
        .map((name) => `${name === "" ? "~" : name}\n`)
        .join(""),
      list.stdout,
    );
  });
}

test("a mistake comes with its line, what was meant, and the lines around it", async () => {
  await assert.rejects(load(`${META}image: app\nfrom: x\ngit:\n- add: /\n  to: /app\n  excludePath: a\n`), {
    code: "CONFIG_INVALID",
    message: "Unknown fields in `git[0]`: `excludePath`",
    hint: /^Did you mean `excludePaths`\?/,
    place: {
      file: "werf.yaml",
      line: 9,
      column: 3,
      frame: ["  6 | git:", "  7 | - add: /", "  8 |   to: /app", "> 9 |   excludePath: a", "  10 | "]
        .join("\n")
        .replace(/^(.) +(\d) /gm, "$1  $2 "),
    },
  });
});

test("values of wrong types are refused by key", async () => {
  const cases: Readonly<Record<string, RegExp>> = {
    "image: app\nfrom: [a]\n": /`from` should be text/,
    "image: 1\nfrom: a\n": /invalid image name `1`/i,
    "image: app\nfrom: a\nshell: {install: [1]}\n":
      /`shell.install`: single string or array of strings expected, got `1`/i,
    "image: app\nfrom: a\nasLayers: maybe\n": /`asLayers` should be true or false/,
    "image: app\nfrom: a\ndocker: {ENV: [a]}\n": /`docker.ENV` should be a mapping of names to text/,
    "image: app\nfrom: a\nansible: {install: [{nothing: x}]}\n": /unsupported ansible task/i,
  };
  for (const [text, message] of Object.entries(cases))
    await assert.rejects(load(META + text), { code: "CONFIG_INVALID", message });
});

test("every value of a wrong type comes with what to write instead", async () => {
  const cases: Readonly<Record<string, RegExp>> = {
    "image: app\nfrom: [a]\n": /^Write one value: from: VALUE$/,
    "image: app\nfrom: a\nasLayers: maybe\n": /^Write, without quotes: asLayers: true$/,
    "image: app\nfrom: a\ngit: /\n": /^Below git:, begin each entry with `- KEY: VALUE`$/,
    "image: app\nfrom: a\ngit: [/]\n": /^Below git:, begin each entry with `- KEY: VALUE`$/,
    "image: app\nfrom: a\nshell: echo\n": /^Below shell:, write lines of KEY: VALUE$/,
    "image: app\nfrom: a\nshell: {install: {a: b}}\n": /^Write `install: TEXT`, or a list /,
    "image: app\nfrom: a\nshell: {install: [1]}\n": /^Put it in quotes: "1"$/,
    "image: app\nfrom: a\ndocker: {ENV: [a]}\n": /^Below ENV:, write lines of NAME: TEXT$/,
    "image: app\nfrom: a\ndocker: {ENV: {A: [a]}}\n": /^Write one value: A: VALUE$/,
  };
  for (const [text, hint] of Object.entries(cases)) await assert.rejects(load(META + text), { hint });
  await assert.rejects(load('project: x\nconfigVersion: "1"\n'), {
    hint: "Write, without quotes: configVersion: 1",
  });
});

test("a missing key that is there with a slip of the pen is an error about that line", async () => {
  await assert.rejects(load(`${META}image: app\nfrom: a\ngit:\n- add: /\n  too: /app\n`), {
    hint: "Did you mean `to` instead of `too`?",
  });
  await assert.rejects(load(`${META}image: app\nform: a\n`), {
    hint: "Did you mean `from` instead of `form`?",
  });
});

test("bad YAML is told with its line in the file, and with that one alone", async () => {
  await assert.rejects(load(`${META}image: app\n  from: a\n`), {
    code: "CONFIG_INVALID",
    message: "Bad YAML: mapping values are not allowed in this context",
    hint: /indentation/,
  });
  await assert.rejects(load(`${META}image: app\nfrom: a\nfrom: b\n`), {
    message: 'Bad YAML: key "from" already set in map',
    hint: "Keep one of them",
  });
  await assert.rejects(load(`${META}image: app\n\tfrom: a\n`), { hint: "Indent with spaces" });
});

test("docker commands keep their form, and an entrypoint clears the command", async () => {
  const image = findImage(
    await load(`${META}image: app\nfrom: a\ndocker: {ENTRYPOINT: ["a", "b c"]}\n`),
    "app",
  );
  assert.equal(image.kind === "stapel" && image.docker?.ENTRYPOINT, '["a", "b c"]');
  assert.equal(image.kind === "stapel" && image.docker?.CMD, "[]");
});

test("documents are printed by the names of their images", async () => {
  const project = await load(`${META}image: [a, b]\nfrom: x\n---\nimage: c\nfrom: y\n`);
  assert.equal(renderedConfig(project, ["c"]), "image: c\nfrom: y\n");
  assert.equal(renderedConfig(project, ["b", "c"]), "image: [a, b]\nfrom: x\n---\nimage: c\nfrom: y\n");
  assert.throws(() => renderedConfig(project, ["d"]), { code: "CONFIG_NO_IMAGE" });
});

test("$WERF_PROJECT_NAME replaces the project's name", async () => {
  assert.equal((await load(META, {}, { WERF_PROJECT_NAME: "other" })).name, "other");
});

test("a failing template says where in werf.yaml", async () => {
  await assert.rejects(load(`${META}image: app\nfrom: {{ fail "stop here" }}\n`), (error) => {
    assert.ok(error instanceof SlipwayError);
    assert.equal(error.code, "CONFIG_TEMPLATE");
    assert.match(error.message, /stop here/);
    assert.deepEqual([error.place?.file, error.place?.line], ["werf.yaml", 5]);
    return true;
  });
});

test("templates see files by name and by pattern, and are told of those that are not there", async () => {
  const warnings: string[] = [];
  const directory = await mkdtemp(join(tmpdir(), "slipway-project-"));
  await mkdir(join(directory, "a/b"), { recursive: true });
  await writeFile(join(directory, "a/b/c.txt"), "c");
  await writeFile(join(directory, "a/d.txt"), "d");
  await writeFile(
    join(directory, "werf.yaml"),
    `${META}{{ range $path, $text := .Files.Glob "a/**/*.txt" }}# {{ $path }} {{ $text }}\n{{ end }}# {{ .Files.Get "none" }}\n`,
  );
  const project = await loadProject({
    projectDir: directory,
    env: {},
    onWarning: (text) => warnings.push(text),
  });
  assert.equal(project.rendered, `${META}# a/b/c.txt c\n# a/d.txt d\n# \n`);
  assert.deepEqual(warnings, [
    `Config: {{ .Files.Get 'none' }}: file '${join(directory, "none")}' not exist!`,
  ]);
  await rm(directory, { recursive: true });
});
