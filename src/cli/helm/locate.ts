import { isAbsolute } from "node:path";
import { fault } from "./arguments.ts";

/** The path of the chart that a word of the command line means. */
export async function locateChart(word: string): Promise<string> {
  const name = word.trim();
  if (process.getBuiltinModule("node:fs").existsSync(name)) return name;
  if (isAbsolute(name) || name.startsWith(".")) throw fault(`path ${JSON.stringify(name)} not found`);
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//.exec(name)?.[0];
  if (scheme !== undefined) throw fault(`charts at ${scheme} are known but not built yet: ${name}`);
  const slash = name.indexOf("/");
  if (slash > 0) throw fault(`repo ${name.slice(0, slash)} not found`);
  throw fault(`non-absolute URLs should be in form of repo_name/path_to_chart, got: ${name}`);
}
