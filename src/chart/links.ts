import type { Stats } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { SlipwayError } from "#errors";

const { lstatSync, readlinkSync, statSync } = process.getBuiltinModule("node:fs");

/** As many as Go follows. */
const MAX_LINKS = 255;

/**
 * What a link in a chart leads to.
 *
 * @throws {SlipwayError} CHART_INVALID when it leads nowhere; the message is Helm's.
 */
export function followed(path: string): Stats {
  try {
    return statSync(path);
  } catch {
    const from = resolve(path);
    const problem = `error evaluating symlink ${from}: ${faultOnTheWay(from)}`;
    throw new SlipwayError("CHART_INVALID", problem);
  }
}

/** Goes the way of a path, link by link, up to the first step that fails, and says so as Go does. */
function faultOnTheWay(path: string): string {
  let reached = "/";
  const ahead = path.split("/");
  for (let links = 0; ahead.length > 0;) {
    const part = ahead.shift() ?? "";
    if (part === "..") reached = dirname(reached);
    if (["", ".", ".."].includes(part)) continue;
    const next = join(reached, part);
    const info = lstatSync(next, { throwIfNoEntry: false });
    if (info === undefined) return `lstat ${next}: no such file or directory`;
    if (info.isSymbolicLink()) {
      if (++links > MAX_LINKS) return "EvalSymlinks: too many links";
      const target = readlinkSync(next);
      if (target.startsWith("/")) reached = "/";
      ahead.unshift(...target.split("/"));
    } else if (!info.isDirectory() && ahead.length > 0) return "not a directory";
    else reached = next;
  }
  return "no such file or directory";
}
