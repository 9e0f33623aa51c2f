import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { test } from "node:test";

/** A room may import only rooms in the rows above its own; rooms of one row do not know each other. */
const ROWS: readonly (readonly string[])[] = [
  ["errors", "events"],
  ["disk", "http", "process", "regexp", "semver", "slug", "yaml"],
  ["git", "kube", "oci", "pgp", "sandbox"],
  ["gotemplate", "secrets"],
  ["chart", "jsonpath", "project", "tracking"],
  ["build", "containers", "release"],
  ["cleanup", "ci", "scaffold"],
  ["delivery"],
  ["report", "terminal"],
  ["cli"],
];

/** Who may open which outer door. */
const OUTSIDE: Readonly<Record<string, readonly string[]>> = {
  "node:child_process": ["process"],
  "@kubernetes/client-node": ["kube"],
  openpgp: ["pgp"],
  re2js: ["regexp"],
};

const SOURCES = join(import.meta.dirname, "../../src");
const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s+(?:type\s+)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)/g;

interface Source {
  readonly path: string;
  readonly room: string;
  readonly text: string;
}

function sources(): Source[] {
  return readdirSync(SOURCES, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => ({
      path,
      room: path.split("/")[0] ?? "",
      text: readFileSync(join(SOURCES, path), "utf8"),
    }));
}

function importsOf(text: string): string[] {
  return [...text.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? "");
}

/** What is wrong with one import, or undefined. */
export function complaint(source: Pick<Source, "path" | "room">, target: string): string | undefined {
  const isTest = source.path.endsWith(".test.ts") || source.room === "testing";
  const row = ROWS.findIndex((rooms) => rooms.includes(source.room));
  if (target.startsWith("#")) {
    const room = target.slice(1);
    if (room === "testing") return isTest ? undefined : `${source.path} imports #testing: only tests may`;
    const below = ROWS.findIndex((rooms) => rooms.includes(room));
    if (below < 0) return `${source.path} imports ${target}: no such room`;
    if (room === source.room) return `${source.path} imports its own door`;
    return below < row || isTest ? undefined : `${source.path} imports ${target}: not below it`;
  }
  if (target.startsWith("../")) {
    const inside = join(source.path, "..", target).split("/")[0];
    return inside === source.room ? undefined : `${source.path} imports ${target}: past the door`;
  }
  const owners =
    OUTSIDE[Object.keys(OUTSIDE).find((name) => target === name || target.startsWith(`${name}/`)) ?? ""];
  if (owners !== undefined && !owners.includes(source.room) && !isTest) {
    return `${source.path} imports ${target}: only ${owners.join(", ")} may`;
  }
  return undefined;
}

test("every import goes to a room below", () => {
  const complaints = sources().flatMap((source) =>
    importsOf(source.text).flatMap((target) => complaint(source, target) ?? []),
  );
  assert.deepEqual(complaints, []);
});

test("every folder of src stands in a row", () => {
  const rooms = new Set(sources().map((source) => source.room));
  const known = new Set([...ROWS.flat(), "testing"]);
  assert.deepEqual(
    [...rooms].filter((room) => !known.has(room)),
    [],
  );
});

test("the check sees a violation", () => {
  assert.equal(
    complaint({ path: "chart/render.ts", room: "chart" }, "#cli"),
    "chart/render.ts imports #cli: not below it",
  );
  assert.equal(
    complaint({ path: "oci/push.ts", room: "oci" }, "node:child_process"),
    "oci/push.ts imports node:child_process: only process may",
  );
  assert.equal(
    complaint({ path: "oci/push.ts", room: "oci" }, "../git/index.ts"),
    "oci/push.ts imports ../git/index.ts: past the door",
  );
  assert.deepEqual(
    importsOf(
      'import { a } from "#errors";\nexport type { B } from "./b.ts";\nconst c = await import("#kube");',
    ),
    ["#errors", "./b.ts", "#kube"],
  );
});

const FORBIDDEN: readonly (readonly [RegExp, string, (path: string) => boolean])[] = [
  [/\bconsole\.\w+\(/, "console", () => false],
  [/\bprocess\.exit\(/, "process.exit", (path) => path === "cli/main.ts"],
  [/\bprocess\.env\b/, "process.env", (path) => path.startsWith("cli/")],
];

test("effects stay at the edge: no console, no process.exit, no process.env", () => {
  const found = sources()
    .filter((source) => !source.path.endsWith(".test.ts") && source.room !== "testing")
    .flatMap((source) =>
      FORBIDDEN.filter(([pattern, , isAllowed]) => pattern.test(source.text) && !isAllowed(source.path)).map(
        ([, name]) => `${relative(".", source.path)} uses ${name}`,
      ),
    );
  assert.deepEqual(found, []);
});
