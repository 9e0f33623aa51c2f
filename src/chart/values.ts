import { SlipwayError } from "#errors";
import { GoMap } from "#gotemplate";
import { isTable, parseGoMap, textOf } from "./go-values.ts";
import { setFiles, setJson, setLiteral, setTexts, setValues } from "./strvals.ts";
import { within } from "./within.ts";

/** The flags that give values, each in the order of the command line. */
export interface ValuesFlags {
  /** `--values`: paths, `-` or URLs. */
  readonly files?: readonly string[];
  /** Laid over the files and under the flags that follow. */
  readonly afterFiles?: GoMap;
  readonly set?: readonly string[];
  readonly setString?: readonly string[];
  readonly setFile?: readonly string[];
  readonly setJson?: readonly string[];
  readonly setLiteral?: readonly string[];
  /** Reads what `--values` or `--set-file` names; without it names are paths on this machine. */
  readonly read?: (name: string) => Promise<Uint8Array>;
}

/**
 * The values that the flags give together: files first, then `--set-json`, `--set`, `--set-string`, `--set-file` and
 * `--set-literal`, later over earlier.
 *
 * @throws {SlipwayError} VALUES_INVALID or YAML_SYNTAX with Helm's words.
 * @see `helm.sh/helm/v3/pkg/cli/values`
 */
export async function mergeValues(flags: ValuesFlags): Promise<GoMap> {
  const read = flags.read ?? readPath;
  let values = new GoMap();
  for (const name of flags.files ?? []) {
    const text = textOf(Buffer.from(await read(name)));
    values = mergeMaps(
      values,
      within(
        `failed to parse ${name}`,
        () => parseGoMap(text),
        () => ({ file: name, text }),
      ),
    );
  }
  if (flags.afterFiles !== undefined) values = mergeMaps(values, flags.afterFiles);
  for (const line of flags.setJson ?? []) {
    try {
      setJsonLine(line, values);
    } catch (error) {
      throw new SlipwayError("VALUES_INVALID", `failed parsing --set-json data ${line}`, { cause: error });
    }
  }
  for (const line of flags.set ?? []) within("failed parsing --set data", () => setValues(line, values));
  for (const line of flags.setString ?? [])
    within("failed parsing --set-string data", () => setTexts(line, values));
  for (const line of flags.setFile ?? []) await setFileLine(line, values, read);
  for (const line of flags.setLiteral ?? [])
    within("failed parsing --set-literal data", () => setLiteral(line, values));
  return values;
}

/** `over` laid over `under`: maps are merged, everything else is replaced. Neither is changed. */
export function mergeMaps(under: GoMap, over: GoMap): GoMap {
  const merged = GoMap.of(under);
  for (const [key, value] of over) {
    const existing = merged.get(key);
    merged.set(key, isTable(value) && isTable(existing) ? mergeMaps(existing, value) : value);
  }
  return merged;
}

function setJsonLine(line: string, values: GoMap): void {
  setJson(line, values);
}

/** The files are read before the line is, since reading waits and the grammar does not. */
async function setFileLine(
  line: string,
  values: GoMap,
  read: (name: string) => Promise<Uint8Array>,
): Promise<void> {
  const names: string[] = [];
  within("failed parsing --set-file data", () =>
    setFiles(line, new GoMap(), (name) => {
      names.push(name);
      return "";
    }),
  );
  const texts = new Map<string, string>();
  for (const name of names) {
    try {
      texts.set(name, textOf(Buffer.from(await read(name))));
    } catch (error) {
      throw new SlipwayError(
        "VALUES_INVALID",
        `failed parsing --set-file data: ${(error as Error).message}`,
        { cause: error },
      );
    }
  }
  within("failed parsing --set-file data", () => setFiles(line, values, (name) => texts.get(name) ?? ""));
}

export async function readPath(name: string): Promise<Uint8Array> {
  try {
    return await process.getBuiltinModule("node:fs").promises.readFile(name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new SlipwayError("VALUES_INVALID", `open ${name}: no such file or directory`, {
      hint: "Check the path; it is relative to the current directory",
    });
  }
}
