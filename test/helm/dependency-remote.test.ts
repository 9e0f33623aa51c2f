import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { requireEnvironment } from "../env/index.ts";
import { LIB } from "./charts.ts";
import { serveVersions } from "./chart-server.ts";

const parent = (repository: string, version: string): string =>
  `apiVersion: v2\nname: app\nversion: 1.0.0\ndependencies:\n- name: lib\n  version: "${version}"\n  repository: "${repository}"\n`;

test("dependencies of HTTP repositories are chosen, locked and fetched as by Helm", async (t) => {
  await requireEnvironment(["helm"], t);
  const made = await serveVersions(t, LIB, "lib", ["0.1.0", "0.2.0", "0.10.0"]);
  const { same, helm, slipway } = made.sides;
  const charts: Record<string, string> = {
    named: parent("@loc", "0.1.0"),
    alias: parent("alias:loc", "^0.2.0"),
    address: parent(made.url, ">=0.1.0"),
    unnamed: parent(`${made.url}/moved/`, "~0.1"),
    stranger: parent("@stranger", "1"),
    word: parent("stable", "1"),
    absent: parent(`${made.url}/absent`, "1"),
    none: parent(made.url, "7"),
    local: parent("", "0.2.0"),
    range: parent(made.url, "x!"),
  };
  for (const [name, text] of Object.entries(charts)) made.write(`${name}/Chart.yaml`, text);
  same("dependency", "update", "unnamed");
  same("repo", "add", "loc", made.url);
  for (const name of Object.keys(charts)) same("dependency", "update", name);
  for (const name of ["named", "alias", "address", "unnamed"]) {
    const [expected, actual] = [helm, slipway].map(({ directory }) => ({
      lock: readFileSync(join(directory, name, "Chart.lock"), "utf8").replace(/generated:.*/, ""),
      charts: readdirSync(join(directory, name, "charts")).map((file) => [
        file,
        readFileSync(join(directory, name, "charts", file)).toString("hex"),
      ]),
    }));
    assert.deepEqual(actual, expected, name);
    same("dependency", "build", name);
    same("dependency", "build", name, "--skip-refresh");
    same("dependency", "list", name);
    same("template", name);
  }
  assert.equal(existsSync(join(slipway.directory, "none/Chart.lock")), false);
});
