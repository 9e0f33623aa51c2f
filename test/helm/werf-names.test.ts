import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { requireEnvironment } from "../env/index.ts";
import { LIB } from "./charts.ts";
import { serveVersions } from "./chart-server.ts";

const PROGRAM = join(import.meta.dirname, "../../src/cli/main.ts");

test("werf 1.1's lines for chart repositories and dependencies work, in the home that it had", async (t) => {
  await requireEnvironment(["helm"], t);
  const { url, sides } = await serveVersions(t, LIB, "lib", ["0.1.0", "0.2.0"]);
  const { directory } = sides.slipway;
  symlinkSync(PROGRAM, join(directory, "werf.ts"));
  const env = { PATH: process.env["PATH"], HOME: directory, WERF_HELM_HOME: join(directory, "home-2") };
  const werf = (...words: readonly string[]): { code: number | null; out: string; err: string } => {
    const done = spawnSync(process.execPath, [join(directory, "werf.ts"), ...words], {
      cwd: directory,
      env,
      encoding: "utf8",
    });
    return { code: done.status, out: done.stdout.replaceAll(directory, "DIR"), err: done.stderr };
  };
  const lines: readonly (readonly [line: string, out: RegExp])[] = [
    [
      `helm repo init --stable-repo-url ${url}`,
      /^Creating DIR\/home-2\/repository \nCreating DIR\/home-2\/repository\/cache \nAdding stable repo with URL: http:\S+ \nDIR\/home-2\/repository has been configured\n$/,
    ],
    [`helm repo init --stable-repo-url ${url}`, /^DIR\/home-2\/repository has been configured\n$/],
    [`helm repo add shop ${url}/moved`, /^"shop" has been added to your repositories\n$/],
    ["helm repo list", /^NAME {2,}\tURL .*\nstable\thttp.*\nshop {2,}\thttp/],
    ["helm repo update --strict", /Successfully got an update from the "shop" chart repository/],
    [
      "helm repo search lib -v 0.1.0 --col-width 12",
      /^NAME .*\tCHART VER\.\.\.\t.*\nshop\/lib .*\nstable\/lib\t0\.1\.0 /m,
    ],
    ["helm repo fetch stable/lib --version 0.1.0 -d out --untar", /^$/],
    ["helm dependency list", /^NAME\tVERSION\tREPOSITORY.*\nlib .*missing/],
    ["helm dependency update", /Saving 1 charts\nDownloading lib from repo http/],
    ["helm dep list --helm-chart-dir .helm", /lib .*\tok/],
    ["helm dependency build --dir .", /Saving 1 charts\n/],
    ["helm repo remove shop", /^"shop" has been removed from your repositories\n$/],
  ];
  mkdirSync(join(directory, ".helm"));
  writeFileSync(
    join(directory, ".helm/requirements.yaml"),
    `dependencies:\n- name: lib\n  version: ^0.1\n  repository: ${url}\n`,
  );
  for (const [line, expected] of lines) {
    const { code, out, err } = werf(...line.split(" "));
    assert.equal(code, 0, `${line}\n${err}`);
    assert.match(out, expected, line);
  }
  assert.deepEqual(readdirSync(join(directory, ".helm/charts")), ["lib-0.1.0.tgz"]);
  assert.match(
    readFileSync(join(directory, ".helm/requirements.lock"), "utf8"),
    /^dependencies:\n- name: lib\n/,
  );
  assert.deepEqual(readdirSync(join(directory, "out")), ["lib"]);
  writeFileSync(
    join(directory, "home-2/repository/repositories.yaml"),
    "apiVersion: v1\ngenerated: 2020-01-01T00:00:00Z\nrepositories:\n- {name: local, url: 'http://127.0.0.1:8879/charts', cache: ''}\n",
  );
  assert.match(werf("helm", "repo", "update").out, /\.\.\.Skip local chart repository\nUpdate Complete/);
});
