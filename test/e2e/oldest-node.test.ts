import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "#process";
import { mirrorAddress, requireEnvironment, tools } from "../env/index.ts";
import { copyExample } from "./project.ts";

const PROGRAM = join(import.meta.dirname, "../../bin/slipway.js");
const CONFIG = `project: shop
configVersion: 1
---
image: app
from: debian:bookworm-slim
git:
- add: /
  to: /app
shell:
  setup: cat /app/app.py > /copy
`;

test("on Node 22.15.0 the program starts, renders, builds, and runs what it built", async (t) => {
  if (!(await requireEnvironment(["registry", "oldest-node"], t))) return;
  await using project = await copyExample("flask/020-deploy");
  await writeFile(join(project.directory, "werf.yaml"), CONFIG);
  await project.commit("a build that needs no network");
  const slipway = async (...args: readonly string[]): Promise<string> => {
    const env = {
      PATH: process.env["PATH"] ?? "",
      HOME: project.home,
      SLIPWAY_REGISTRY_MIRROR_HUB: `docker.io=http://${mirrorAddress}`,
    };
    return (
      await run(tools.oldestNode, [PROGRAM, ...args], { cwd: project.directory, env })
    ).stdout.toString();
  };
  assert.equal((await run(tools.oldestNode, ["--version"])).stdout.toString().trim(), "v22.15.0");
  assert.match(await slipway("version"), /^\d+\.\d+\.\d+\n$/);
  await slipway("helm", "create", "chart");
  assert.match(await slipway("helm", "template", "chart"), /^kind: Deployment$/m);
  await slipway("build", "--stages-storage", ":local");
  const said = await slipway(
    "run",
    "--stages-storage",
    ":local",
    "--docker-options=--rm",
    "--",
    "cat",
    "/copy",
  );
  assert.match(said, /hello world/);
});
