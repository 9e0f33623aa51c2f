import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { requireEnvironment } from "../env/index.ts";
import { MADE } from "./charts.ts";
import { serveVersions } from "./chart-server.ts";

const VERSIONS = ["0.1.0", "0.2.0", "0.10.0", "1.0.0-beta.1"];

test("charts of HTTP repositories are pulled, shown and rendered as by Helm", async (t) => {
  await requireEnvironment(["helm"], t);
  const { url, sides } = await serveVersions(t, MADE, "made", VERSIONS);
  const { same, helm, slipway } = sides;
  for (const line of [
    "repo add loc URL",
    "repo add friend URL/private/ --username user --password word",
    "show values lib --repo URL/moved",
    "pull",
    "pull loc/lib",
    "pull loc/lib --devel",
    "pull loc/lib --version 9",
    "pull loc/lib --version 0.1.x -d made",
    "pull loc/unknown",
    "pull unknown/lib",
    "pull lib",
    "pull ./lib",
    "pull friend/lib --version 0.1.0",
    "pull URL/lib-0.10.0.tgz --untar --untardir out",
    "pull loc/lib --untar --untardir out",
    "pull URL/none.tgz",
    "pull URL/private/lib-0.1.0.tgz --username user --password wrong",
    "pull lib --repo URL --version 0.1.0 --untar",
    "pull lib --repo URL --version 7",
    "pull nothing --repo URL",
    "pull lib --repo URL/nothing",
    "pull lib --repo URL/private/ --username user --password word --version 0.2.0 -d made",
    "pull ftp://127.0.0.1/lib.tgz",
    "pull loc/lib --prov",
    "show chart loc/lib",
    "show chart loc/lib --version ^0.1.0",
    "template web loc/lib --devel",
    "template URL/lib-0.1.0.tgz",
    "template URL/none.tgz",
    "template loc/nothing",
    "template nothing/nothing",
  ]) {
    same(...line.replace("URL", url).split(" "));
  }
  const [expected, actual] = [helm, slipway].map(({ directory }) => ({
    files: readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((one) => one.isFile())
      .map((one) => join(one.parentPath, one.name).slice(directory.length))
      .sort(),
    archive: readFileSync(join(directory, "lib-0.10.0.tgz")),
  }));
  assert.deepEqual(actual, expected);
});
