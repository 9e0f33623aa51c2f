import { dirname } from "node:path";
import { makeDirectory } from "#disk";
import { plainRepository } from "#chart";
import type { Invocation } from "../command.ts";
import { helmHome } from "./home.ts";
import { changeRepositories, reached, readRepositories, refreshIndex } from "./repositories.ts";

/** `werf helm repo init`: folders, and a repository with the name stable. What is there stays as it is. */
export async function runRepoInit(call: Invocation): Promise<undefined> {
  const { flags, context } = call;
  const home = helmHome(call);
  for (const folder of [dirname(home.repositoryConfig), home.repositoryCache]) {
    const made = await makeDirectory(folder);
    if (made !== undefined) context.out(`Creating ${folder} \n`);
  }
  const url = flags.text("stable-repo-url") ?? "";
  const known = (await readRepositories(call)) ?? [];
  if (!known.some(({ name }) => name === "stable")) {
    context.out(`Adding stable repo with URL: ${url} \n`);
    const entry = plainRepository("stable", url);
    if (!flags.bool("skip-refresh")) {
      await reached(url, () => refreshIndex(call, entry));
    }
    await changeRepositories(call, (entries) => [...entries, entry]);
  }
  context.out(`${dirname(home.repositoryConfig)} has been configured\n`);
  return undefined;
}
