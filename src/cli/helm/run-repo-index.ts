import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { repositoryIndex } from "#chart";
import { readIfExists, writeAtomically } from "#disk";
import type { Invocation } from "../command.ts";
import { needArguments } from "./arguments.ts";

/** `helm repo index DIR`: archives in the directory and one level below it. */
export async function runRepoIndex(call: Invocation): Promise<undefined> {
  needArguments(call, 1, "[DIR] [flags]");
  const directory = call.args[0] ?? ".";
  const base = (call.flags.text("url") ?? "").replace(/\/$/, "");
  const all = await readdir(directory, { recursive: true });
  const names = all.filter((name) => name.endsWith(".tgz") && name.split("/").length <= 2).sort();
  const archives = await Promise.all(
    names.map(async (name) => ({
      url: base === "" ? name : `${base}/${name}`,
      data: await readFile(join(directory, name)),
    })),
  );
  const time = call.context.now().toISOString();
  const json = call.flags.bool("json");
  const merge = call.flags.text("merge") ?? "";
  const others = merge === "" ? undefined : await readIfExists(merge);
  // Helm leaves an empty index where there was nothing to merge.
  if (merge !== "" && others === undefined) {
    await writeAtomically(merge, await repositoryIndex([], time, { json }));
  }
  const text = await repositoryIndex(archives, time, {
    json,
    ...(others === undefined ? {} : { merge: others }),
  });
  await writeAtomically(join(directory, "index.yaml"), text);
  return undefined;
}
