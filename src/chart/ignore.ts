import { SlipwayError } from "#errors";
import { filePattern } from "./glob.ts";

interface Rule {
  readonly pattern: RegExp;
  readonly negate: boolean;
  readonly onlyDirectory: boolean;
  /** Whether the whole path is looked at, not its last part only. */
  readonly wholePath: boolean;
}

/**
 * What `.helmignore` says to leave out. Hidden files in `templates/` are always left out.
 *
 * @returns whether a path (relative, with `/`) is to be left out.
 * @throws {SlipwayError} CHART_INVALID for a pattern with `**` or one that cannot be read.
 */
export function readIgnoreRules(text: string | undefined): (path: string, isDirectory: boolean) => boolean {
  const lines = (text ?? "").replace(/^\ufeff/, "").split(/\r?\n/);
  const rules = [...lines, "templates/.?*"].map(readRule).filter((rule) => rule !== undefined);
  return (path, isDirectory) => {
    for (const rule of rules) {
      const matches = rule.pattern.test(rule.wholePath ? path : path.slice(path.lastIndexOf("/") + 1));
      // A negative rule leaves out everything that it does not name.
      if (rule.negate) {
        if ((rule.onlyDirectory && !isDirectory) || !matches) return true;
      } else if (matches && (!rule.onlyDirectory || isDirectory)) return true;
    }
    return false;
  };
}

function readRule(line: string): Rule | undefined {
  let text = line.trim();
  if (text === "" || text.startsWith("#")) return undefined;
  if (text.includes("**"))
    throw new SlipwayError("CHART_INVALID", "double-star (**) syntax is not supported");
  const negate = text.startsWith("!");
  if (negate) text = text.slice(1);
  const onlyDirectory = text.endsWith("/");
  if (onlyDirectory) text = text.slice(0, -1);
  const wholePath = text.includes("/");
  const pattern = filePattern(text.replace(/^\//, ""));
  if (pattern === undefined) throw new SlipwayError("CHART_INVALID", "syntax error in pattern");
  return { pattern, negate, onlyDirectory, wholePath };
}
