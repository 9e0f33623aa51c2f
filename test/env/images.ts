import { mkdir, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { exists, scratchDirectory } from "#disk";
import { alone, cached, fingerprint } from "./cache.ts";
import { imageFiles, makeDebianTar, RECIPES } from "./image-recipes.ts";
import { writeImageLayout } from "./layout.ts";
import type { Part } from "./part.ts";
import { step } from "./progress.ts";
import { isRoot } from "./shell.ts";

/** Base images under the names that users write, made of Debian packages, as OCI layouts in the cache. */
export const images: Part = {
  name: "images",
  needs: ["packages"],
  async lacks() {
    if ((await absentImages()).length === 0) return undefined;
    if (process.arch !== "x64") return "the base images are made for linux/amd64 only";
    return isRoot() ? undefined : "making the base images with mmdebstrap takes root";
  },
  async up() {
    if ((await absentImages()).length === 0) return;
    await alone("images", async () => {
      await using scratch = await scratchDirectory(cached("images"), "making");
      const absent = await absentImages();
      if (absent.length === 0) return;
      const debianTar = await step("images", "Debian with mmdebstrap", () => makeDebianTar(scratch.path));
      for (const recipe of RECIPES.filter(({ name }) => absent.includes(name))) {
        await step("images", recipe.name, async () => {
          const making = join(scratch.path, "layout");
          await mkdir(making);
          await writeImageLayout(making, await recipe.layers(scratch.path, debianTar), recipe.config);
          await rename(making, await imageLayout(recipe.name));
        });
      }
    });
  },
  down: async () => undefined,
  async status() {
    const absent = await absentImages();
    return absent.length === 0
      ? `${RECIPES.map(({ name }) => name).join(", ")}`
      : `not made: ${absent.join(", ")}`;
  },
};

/** Where the OCI layout of a base image stands, whether it is made yet or not. */
export async function imageLayout(name: string): Promise<string> {
  const sources = ["image-recipes.ts", "layout.ts"].map((file) => join(import.meta.dirname, file));
  const data = (await readdir(imageFiles)).sort().map((file) => join(imageFiles, file));
  return cached("images", `${name.replace(":", "-")}-${await fingerprint([...sources, ...data])}`);
}

async function absentImages(): Promise<readonly string[]> {
  const absent: string[] = [];
  for (const { name } of RECIPES) if (!(await exists(await imageLayout(name)))) absent.push(name);
  return absent;
}
