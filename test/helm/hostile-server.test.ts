import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import { slipwayHelm } from "./side-by-side.ts";

const CHART = "apiVersion: v2\nname: shop\nversion: 0.1.0\n";

test("what a server sends instead of an answer is one error, with exit code 1", async (t) => {
  const place = workplace(t);
  const { url } = await serve(t, (request, response) => {
    const redirect = (location: string): unknown => response.writeHead(302, { location }).end();
    switch (request.url?.split("/")[1]) {
      case "cut":
        response.writeHead(200, { "content-length": "1000" }).write("apiVersion: v1\n");
        return void setImmediate(() => response.destroy());
      case "loop":
        return redirect("/loop/index.yaml");
      case "nowhere":
        return redirect("http://[");
      case "ftp":
        return redirect("ftp://127.0.0.1/index.yaml");
      case "file":
        return redirect("file:///etc/passwd");
      case "address":
        return response.end(indexOf('"http://["'));
      case "passwd":
        return response.end(indexOf("file:///etc/passwd"));
      case "folder":
        return response.end(indexOf("http://127.0.0.1:1/"));
      case "deep":
        return response.end(`{"apiVersion":"v1","entries":${"[".repeat(100_000)}${"]".repeat(100_000)}}`);
      default:
        return response.writeHead(404).end();
    }
  });
  for (const path of [
    "cut",
    "loop",
    "nowhere",
    "ftp",
    "file",
    "address",
    "passwd",
    "folder",
    "deep",
    "none",
  ]) {
    const { code, error, out } = await place.run("pull", "shop", "--repo", `${url}/${path}`);
    assert.match(error, /^Error: (?!this is a defect)/, path);
    assert.deepEqual([code, out], [1, ""], path);
  }
  assert.deepEqual(readdirSync(place.directory), []);
});

test("a login goes to its own host alone, and into no message", async (t) => {
  const place = workplace(t);
  const seen: (string | undefined)[] = [];
  const other = await serve(t, (request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(500).end();
  });
  const { url } = await serve(t, (request, response) => {
    if (request.headers.authorization === undefined) return response.writeHead(401).end();
    return response.writeHead(302, { location: `${other.url}/index.yaml` }).end();
  });
  const login = ["--username", "ada", "--password", "s3cret"];
  const { code, error } = await place.run("pull", "shop", "--repo", url, ...login);
  assert.equal(code, 1);
  assert.deepEqual(seen, [undefined]);
  const inAddress = await place.run(
    "pull",
    "shop",
    "--repo",
    `${other.url.replace("//", "//ada:s3cret@")}/x`,
  );
  assert.equal(inAddress.code, 1);
  assert.doesNotMatch(error + inAddress.error, /s3cret/);
});

test("what cannot be unpacked leaves nothing behind", async (t) => {
  const place = workplace(t);
  const source = join(place.directory, "../source/shop");
  mkdirSync(source, { recursive: true });
  writeFileSync(join(source, "Chart.yaml"), CHART);
  writeFileSync(join(source, "a"), "a file");
  mkdirSync(join(source, "../more/shop/a"), { recursive: true });
  writeFileSync(join(source, "../more/shop/a/b"), "a file in a file");
  const tar = (...words: string[]): unknown => spawnSync("tar", words, { cwd: join(source, "..") });
  tar("-cf", "shop.tar", "shop/Chart.yaml", "shop/a");
  tar("-rf", "shop.tar", "-C", "more", "shop/a/b");
  const { stdout } = spawnSync("gzip", ["-c", join(source, "../shop.tar")]);
  const { url } = await serve(t, (_, response) => response.end(stdout));
  const { code, error } = await place.run("pull", `${url}/shop-0.1.0.tgz`, "--untar");
  assert.match(error, /^Error: (?!this is a defect)/);
  assert.equal(code, 1);
  assert.deepEqual(readdirSync(place.directory), []);
});

function indexOf(url: string): string {
  return `apiVersion: v1\nentries:\n  shop:\n  - name: shop\n    version: 0.1.0\n    urls: [${url}]\n`;
}

async function serve(t: TestContext, answer: RequestListener): Promise<{ readonly url: string }> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

interface Workplace {
  readonly directory: string;
  run(...words: readonly string[]): Promise<{ code: number | null; out: string; error: string }>;
}

/** An empty folder in which `slipway helm` runs while this process serves. */
function workplace(t: TestContext): Workplace {
  const root = mkdtempSync(join(tmpdir(), "slipway-hostile-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const directory = join(root, "work");
  mkdirSync(directory);
  return {
    directory,
    run: async (...words) => {
      const [program = "", ...first] = slipwayHelm;
      const env = { PATH: process.env["PATH"], HOME: join(root, "home") };
      const child = spawn(program, [...first, ...words], { cwd: directory, env });
      const [out, error] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
      return { code: child.exitCode, out, error };
    },
  };
}
