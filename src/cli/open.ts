import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { exists } from "#disk";
import { SlipwayError } from "#errors";
import type { EventSink } from "#events";
import { loadProject, type Project } from "#project";
import type { Context, FlagValues, Invocation } from "./command.ts";

/** Where slipway keeps its state: $SLIPWAY_HOME, else slipway/ below werf's home, else ~/.slipway. */
export function homeDirectory(flags: FlagValues, context: Context): string {
  const own = context.env["SLIPWAY_HOME"];
  if (own !== undefined && own !== "") return resolve(context.cwd, own);
  const werfHome = flags.has("home-dir") ? flags.text("home-dir") : context.env["WERF_HOME"];
  if (werfHome !== undefined && werfHome !== "")
    return join(resolve(context.cwd, expandHome(werfHome, context)), "slipway");
  return join(context.userHome === "" ? homedir() : context.userHome, ".slipway");
}

export function projectDirectory(call: Invocation): string {
  return resolve(call.context.cwd, call.flags.text("dir") ?? ".");
}

export async function openProject(call: Invocation, events: EventSink): Promise<Project> {
  const { flags, context } = call;
  if (!(await exists(projectDirectory(call)))) {
    throw new SlipwayError("PROJECT_MISSING", `There is no directory ${projectDirectory(call)}`, {
      hint: "Correct --dir or $WERF_DIR, or run slipway in the directory of werf.yaml",
    });
  }
  const configPath = flags.text("config");
  const templatesDir = flags.text("config-templates-dir");
  return loadProject({
    projectDir: projectDirectory(call),
    env: context.env,
    onWarning: (text: string) => events({ type: "notice", path: [], level: "warning", text }),
    ...(configPath === undefined ? {} : { configPath: resolve(context.cwd, configPath) }),
    ...(templatesDir === undefined ? {} : { templatesDir: resolve(context.cwd, templatesDir) }),
  });
}

function expandHome(path: string, context: Context): string {
  return path === "~" || path.startsWith("~/") ? join(context.userHome, path.slice(1)) : path;
}

/** A path of a flag made absolute. */
export function absolute(path: string, context: Context): string {
  return isAbsolute(path) ? path : join(context.cwd, path);
}
