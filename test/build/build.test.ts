import assert from "node:assert/strict";
import { test } from "node:test";
import { openWorkshop } from "./fixture.ts";

const CONFIG = `project: shop
configVersion: 1
---
image: app
from: debian:bookworm-slim
git:
- add: /
  to: /app
  excludePaths: [werf.yaml]
  stageDependencies:
    install: [deps.txt]
shell:
  install:
  - cp /app/deps.txt /installed
  - echo "$SOURCE_DATE_EPOCH" > /epoch
docker:
  WORKDIR: /app
  CMD: ["/bin/sh", "-c", "cat x"]
`;

test("a second build does nothing, a source edit is a patch, a dependency runs its stage again", async () => {
  await using shop = await openWorkshop();
  await shop.write({ "werf.yaml": CONFIG, "deps.txt": "one\n", "src/a.txt": "a\n" });
  await shop.commit();
  const first = await shop.build();
  assert.deepEqual(first.built, ["app/from", "app/gitArchive", "app/install", "app/dockerInstructions"]);

  const second = await shop.build();
  assert.deepEqual(second.built, []);
  assert.deepEqual(second.reused, first.built);
  assert.equal(second.images[0]?.contentSignature, first.images[0]?.contentSignature);

  await shop.write({ "src/a.txt": "b\n" });
  const dirty = await shop.build();
  assert.deepEqual(dirty.built, []);
  assert.ok(
    dirty.notices.some((text) => text === "Not committed, so not built: src/a.txt"),
    dirty.notices.join("\n"),
  );

  await shop.commit();
  assert.deepEqual((await shop.build()).built, ["app/gitLatestPatch", "app/dockerInstructions"]);

  await shop.write({ "deps.txt": "two\n" });
  await shop.commit();
  assert.deepEqual((await shop.build()).built, ["app/install", "app/dockerInstructions"]);
});
