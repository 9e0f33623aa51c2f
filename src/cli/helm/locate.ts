import { isAbsolute, resolve } from "node:path";
import type { Invocation } from "../command.ts";
import { fault } from "./arguments.ts";

/** The path of the chart that a word of the command line means; a chart that is elsewhere is fetched. */
export async function locateChart(call: Invocation, word: string): Promise<string> {
  const name = word.trim();
  const path = resolve(call.context.cwd, name);
  if (name !== "" && process.getBuiltinModule("node:fs").existsSync(path)) {
    if ((call.flags.text("repo") ?? "") !== "") {
      call.context.err(
        `local chart found in current working directory. repository url ignored: chart ${name}, repository ${call.flags.text("repo")}\n`,
      );
    }
    if (call.flags.bool("verify")) {
      await (await import("./provenance.ts")).verifyFile(call, path);
    }
    return path;
  }
  if (isAbsolute(name) || name.startsWith(".")) throw fault(`path ${JSON.stringify(name)} not found`);
  const { fetchIntoCache } = await import("./remote-chart.ts");
  return fetchIntoCache(call, name);
}
