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

/** `path.Clean`; node:path goes through the whole path again for each `..`. */
function clean(path: string): string {
  const isAbsolute = path.startsWith("/");
  const kept: string[] = [];
  for (const name of path.split("/")) {
    if (name === "" || name === ".") continue;
    if (name !== "..") kept.push(name);
    else if (kept.length > 0 && kept.at(-1) !== "..") kept.pop();
    else if (!isAbsolute) kept.push(name);
  }
  const place = kept.join("/");
  return isAbsolute ? `/${place}` : place || ".";
}

function base(path: string): string {
  if (path === "") return ".";
  let end = path.length;
  while (end > 0 && path[end - 1] === "/") end--;
  return end === 0 ? "/" : path.slice(path.lastIndexOf("/", end - 1) + 1, end);
}
