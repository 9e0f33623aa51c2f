import { posix } from "node:path";
import { define, type TemplateFunction } from "../function.ts";

/** Slash-separated paths. The `os…` functions are the same, as charts are rendered alike on every system. */
export function pathFunctions(): readonly TemplateFunction[] {
  return ["", "os"].flatMap((prefix) => {
    const name = (plain: string) =>
      prefix === "" ? plain : prefix + plain.charAt(0).toUpperCase() + plain.slice(1);
    return [
      define(name("base"), "func(string) string", base),
      define(name("dir"), "func(string) string", (path) => clean(path.slice(0, path.lastIndexOf("/") + 1))),
      define(name("clean"), "func(string) string", clean),
      define(name("ext"), "func(string) string", (path) => /\.[^./]*$/.exec(path)?.[0] ?? ""),
      define(name("isAbs"), "func(string) bool", (path) => path.startsWith("/")),
    ];
  });
}

/** `path.Clean`: as node:path has it, but without a slash at the end. */
function clean(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal;
}

function base(path: string): string {
  if (path === "") return ".";
  const trimmed = path.replace(/\/+$/, "");
  return trimmed === "" ? "/" : trimmed.slice(trimmed.lastIndexOf("/") + 1);
}
