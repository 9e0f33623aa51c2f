import { define, GoBytes, GoMap, GoSlice, type Value } from "#gotemplate";
import { printYaml } from "#yaml";
import type { ChartFile } from "./chart.ts";
import { textOf } from "./go-values.ts";
import { globPattern } from "./glob.ts";

/**
 * The object `.Files`: a map of names to bytes, with methods.
 *
 * @see https://helm.sh/docs/chart_template_guide/accessing_files/
 */
export function filesObject(files: readonly ChartFile[]): GoMap {
  const map = GoMap.of(
    files.map(({ name, data }) => [name, new GoBytes(data)] as const),
    "engine.files",
  );
  map.methods = methodsOf(map);
  return map;
}

function methodsOf(map: GoMap): NonNullable<GoMap["methods"]> {
  const bytes = (name: string): Buffer => {
    const value = map.get(name);
    return value instanceof GoBytes
      ? Buffer.from(value.bytes.buffer, value.bytes.byteOffset, value.bytes.length)
      : Buffer.alloc(0);
  };
  const entries = (): [string, Buffer][] => [...map.keys()].map((name) => [name, bytes(name)]);
  return {
    Get: define("Get", "func(string) string", (name) => textOf(bytes(name))),
    GetBytes: define("GetBytes", "func(string) []uint8", (name) => new GoBytes(bytes(name))),
    Glob: define("Glob", "func(string) engine.files", (pattern) => {
      const matcher = globPattern(pattern);
      return filesObject(
        entries()
          .filter(([name]) => matcher === undefined || matcher.test(name))
          .map(([name, data]) => ({ name, data })),
      );
    }),
    AsConfig: define("AsConfig", "func() string", () => asYaml(entries(), textOf)),
    AsSecrets: define("AsSecrets", "func() string", () =>
      asYaml(entries(), (data) => data.toString("base64")),
    ),
    Lines: define("Lines", "func(string) []string", (name) => lines(textOf(bytes(name)))),
  };
}

function asYaml(entries: readonly [string, Buffer][], form: (data: Buffer) => string): string {
  const named = new Map(entries.map(([name, data]) => [name.slice(name.lastIndexOf("/") + 1), form(data)]));
  try {
    return printYaml(named).replace(/\n$/, "");
  } catch {
    return "";
  }
}

function lines(text: string): Value {
  return GoSlice.typed("[]string", text === "" ? [] : text.replace(/\n$/, "").split("\n"));
}
