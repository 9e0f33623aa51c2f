import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { scratchDirectory } from "#disk";
import { cached } from "./cache.ts";
import { shell } from "./shell.ts";

/** Unpacks a package of the npm registry, `name@version`, into the directory `path`, which is made. */
export async function unpackFromNpm(packageAtVersion: string, path: string): Promise<void> {
  await using scratch = await scratchDirectory(cached("scratch"), "npm");
  await shell("npm", ["pack", "--silent", packageAtVersion], { cwd: scratch.path });
  const [filename = ""] = await readdir(scratch.path);
  await mkdir(path, { recursive: true });
  const whole = ["--strip-components=1", "--no-same-owner", "--no-same-permissions"];
  await shell("tar", ["-xf", join(scratch.path, filename), "-C", path, ...whole]);
}
