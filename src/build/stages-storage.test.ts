import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { publishedReference } from "./publish.ts";
import { signatureOf } from "./signature.ts";
import type { StageRecord } from "./stage.ts";
import { localStages } from "./stages-storage.ts";

const SIGNATURE = signatureOf("a");

function stage(signature: string): Omit<StageRecord, "uniqueId"> {
  return {
    project: "shop",
    imageName: "app",
    stageName: "from",
    signature,
    contentSignature: "",
    image: { config: { architecture: "amd64", os: "linux", config: {} }, layers: [] },
    inputs: [],
    commits: {},
    mappingTypes: {},
    repositoryCommit: "",
    version: "0",
    ownLayers: 0,
    sizeBytes: 0,
    buildMs: 0,
  };
}

test("stages of one signature are found oldest first, under ids of their own", async () => {
  const directory = await mkdtemp(join(tmpdir(), "slipway-stages-"));
  const storage = localStages(directory);
  assert.deepEqual(await storage.find("shop", SIGNATURE), []);
  const second = await storage.put(stage(SIGNATURE), 2000);
  const first = await storage.put(stage(SIGNATURE), 1000);
  const third = await storage.put(stage(SIGNATURE), 2000);
  assert.deepEqual([first.uniqueId, second.uniqueId, third.uniqueId], [1000, 2000, 2001]);
  assert.deepEqual(await storage.find("shop", SIGNATURE), [first, second, third]);
  await storage.delete("shop", second);
  assert.deepEqual(await storage.list("shop"), [first, third]);
  await writeFile(join(directory, "shop", `${SIGNATURE}-3000.json`), "{half");
  assert.deepEqual(await storage.find("shop", SIGNATURE, { isFresh: true }), [first, third]);
  await rm(directory, { recursive: true });
});

test("signatures have the form of werf 1.1", () => {
  assert.match(SIGNATURE, /^[0-9a-f]{56}$/);
});

test("images are named by repository mode", () => {
  assert.equal(publishedReference("r.io/shop", "multirepo", "app", "1"), "r.io/shop/app:1");
  assert.equal(publishedReference("r.io/shop", "monorepo", "app", "1"), "r.io/shop:app-1");
  assert.equal(publishedReference("r.io/shop", "monorepo", "", "1"), "r.io/shop:1");
});
