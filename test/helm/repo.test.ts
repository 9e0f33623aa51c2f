import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { requireEnvironment } from "../env/index.ts";
import { LIB } from "./charts.ts";
import { serveVersions } from "./chart-server.ts";
import { sideBySide } from "./side-by-side.ts";

const VERSIONS = ["0.1.0", "0.2.0", "0.10.0", "1.0.0-beta.1"];

test("helm repo and helm search repo do what Helm's do", async (t) => {
  await requireEnvironment(["helm"], t);
  const { url, sides } = await serveVersions(t, LIB, "lib", VERSIONS);
  const { same, helm, slipway } = sides;
  for (const line of [
    "repo list",
    "repo list -o json",
    "repo update",
    "repo remove loc",
    "search repo",
    "repo add",
    "repo add loc URL",
    "repo add loc URL",
    "repo add loc URL/other",
    "repo add loc URL --force-update",
    "repo add a/b URL",
    "repo add nowhere http://127.0.0.1:1",
    "repo add nothing URL/nothing",
    "repo add old https://kubernetes-charts.storage.googleapis.com",
    "repo add stranger URL/private/",
    "repo add friend URL/private/ --username user --password word",
    "repo add moved URL/moved",
    "repo list",
    "repo list -o json",
    "repo list -o yaml",
    "repo update loc",
    "repo update loc unknown",
    "repo remove unknown",
    "repo remove friend moved",
    "repo update",
    "search repo",
    "search repo lib",
    "search repo LIB --versions",
    "search repo lib --devel",
    "search repo nothing",
    "search repo nothing -o json",
    "search repo nothing --fail-on-no-result",
    "search repo lib -o json",
    "search repo lib -o yaml",
    "search repo -r l.b",
    "search repo -r l[",
    "search repo lib --version <0.10",
    "search repo lib --version nonsense!",
    "search repo --max-col-width 6",
  ]) {
    same(...line.replace("URL", url).split(" "));
  }
  const files = [helm, slipway].map(({ directory }) => {
    const home = join(directory, "../home");
    return {
      list: readFileSync(join(home, "config/repositories.yaml"), "utf8"),
      cache: readdirSync(join(home, "cache/repository")).filter((name) => !name.endsWith(".etag")),
      index: readFileSync(join(home, "cache/repository/loc-index.yaml"), "utf8"),
      charts: readFileSync(join(home, "cache/repository/loc-charts.txt"), "utf8"),
    };
  });
  assert.deepEqual(files[1], files[0]);
  same("repo", "remove", "loc");
});

test("an index that did not change is not sent again", async (t) => {
  await requireEnvironment(["helm"], t);
  const { url, asked, sides } = await serveVersions(t, LIB, "lib", VERSIONS);
  const { slipway } = sides;
  slipway.run("repo", "add", "loc", url);
  assert.deepEqual(asked(), ["/index.yaml 200"]);
  slipway.run("repo", "update");
  assert.deepEqual(asked(), ["/index.yaml 304"]);
  slipway.run("repo", "remove", "loc");
  slipway.run("repo", "add", "loc", url);
  assert.deepEqual(asked(), ["/index.yaml 200"]);
});

test("a login in an address stays out of what is said", async (t) => {
  const { slipway } = sideBySide(t, {
    "app/Chart.yaml":
      "apiVersion: v2\nname: app\nversion: 1.0.0\ndependencies:\n- {name: lib, version: 1.0.0, repository: 'http://ada:s3cret@127.0.0.1:1'}\n",
  });
  mkdirSync(join(slipway.home, "config"), { recursive: true });
  writeFileSync(
    join(slipway.home, "config/repositories.yaml"),
    'apiVersion: ""\nrepositories:\n- {name: own, url: "http://ada:s3cret@127.0.0.1:1/charts"}\n',
  );
  for (const line of ["repo update", "dependency update app", "repo add new http://ada:s3cret@127.0.0.1:1"]) {
    const { out } = slipway.run(...line.split(" "));
    assert.doesNotMatch(out + slipway.errorOf(...line.split(" ")), /s3cret/, line);
  }
});
