import type { ChartVersion } from "#chart";
import { functionMap, GoMap, sprigFunctions, TemplateSet } from "#gotemplate";
import { parseConstraint, parseVersion, type Constraint } from "#semver";
import type { Invocation } from "../command.ts";
import { fault } from "./arguments.ts";
import { cachedIndex, readRepositories } from "./repositories.ts";
import { listText, outputFormat } from "./run-repo.ts";
import { cutter, table } from "./table.ts";

const ANY_PRERELEASE = ">0.0.0-0";
const ANY_RELEASE = ">0.0.0";

interface Found {
  readonly name: string;
  readonly version: ChartVersion;
  /** Where in the text the word was found; less is better. */
  readonly score: number;
}

/** `helm search repo [WORD...]`. */
export async function runSearchRepo(call: Invocation): Promise<undefined> {
  const { flags, context } = call;
  const format = outputFormat(call);
  const given = flags.text("version") ?? "";
  const wanted = given !== "" ? given : flags.bool("devel") ? ANY_PRERELEASE : ANY_RELEASE;
  const all = await everyVersion(call);
  const words = call.args.join(" ");
  const matching = words === "" ? all.map(zeroScore) : matches(all, words, flags.bool("regexp"));
  const chosen = chooseVersions(sorted(matching), constraintOf(wanted), flags.bool("versions"));
  if (chosen.length === 0 && flags.bool("fail-on-no-result")) throw fault("no results found");
  if (format !== "table") {
    const rows = chosen.map(({ name, version }) => ({
      name,
      version: version.version,
      app_version: version.appVersion,
      description: version.description,
    }));
    context.out(listText(rows, format));
    return undefined;
  }
  if (chosen.length === 0) {
    context.out("No results found\n");
    return undefined;
  }
  const cut = cutter(call);
  const rows = chosen.map(({ name, version }) =>
    [name, version.version, version.appVersion, version.description].map(cut),
  );
  context.out(table([["NAME", "CHART VERSION", "APP VERSION", "DESCRIPTION"].map(cut), ...rows]));
  return undefined;
}

async function everyVersion(call: Invocation): Promise<Omit<Found, "score">[]> {
  const entries = (await readRepositories(call)) ?? [];
  if (entries.length === 0) throw fault("no repositories configured");
  const found: Omit<Found, "score">[] = [];
  for (const { name: repository } of entries) {
    let index;
    try {
      index = await cachedIndex(call, repository);
    } catch {
      call.context.err(`WARNING: Repo "${repository}" is corrupt or missing. Try 'helm repo update'.\n`);
      continue;
    }
    for (const [chart, versions] of index) {
      for (const version of versions) {
        found.push({ name: `${repository}/${chart}`, version });
      }
    }
  }
  return found;
}

function zeroScore(one: Omit<Found, "score">): Found {
  return { ...one, score: 0 };
}

/** Words are looked for in the name, the description and the keywords; regular expressions are those of Go. */
function matches(all: readonly Omit<Found, "score">[], words: string, isRegexp: boolean): Found[] {
  const find = isRegexp ? regexpFinder(words) : (text: string) => text.indexOf(words.toLowerCase());
  return all.flatMap((one) => {
    const { description, keywords } = one.version;
    const text = [one.name, description, keywords.join(" ")].join("\v");
    const at = find(isRegexp ? text : text.toLowerCase());
    return at < 0 ? [] : [{ ...one, score: at }];
  });
}

/** The engine of the templates reads RE2 in linear time, which JavaScript's own does not promise. */
function regexpFinder(pattern: string): (text: string) => number {
  const set = new TemplateSet("search", functionMap(...sprigFunctions().values()));
  set.parse("search", "{{ mustRegexFind .pattern .text }}{{ mustRegexMatch .pattern .text }}");
  return (text) => {
    let result;
    try {
      result = set.execute(
        "search",
        new GoMap([
          ["pattern", pattern],
          ["text", text],
        ]),
      );
    } catch (error) {
      const said = /error parsing regexp: .*/s.exec((error as Error).message)?.[0];
      throw said === undefined ? error : fault(said, error);
    }
    return result.endsWith("true") ? text.indexOf(result.slice(0, -"true".length)) : -1;
  };
}

function sorted(found: readonly Found[]): Found[] {
  const byName = (a: Found, b: Found): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  return [...found].sort((a, b) => a.score - b.score || byName(a, b));
}

function chooseVersions(found: readonly Found[], wanted: Constraint, isAll: boolean): Found[] {
  const seen = new Set<string>();
  return found.filter(({ name, version }) => {
    if (!isAll && seen.has(name)) return false;
    if (!wanted.allows(parseVersion(version.version))) return false;
    seen.add(name);
    return true;
  });
}

function constraintOf(text: string): Constraint {
  try {
    return parseConstraint(text);
  } catch (error) {
    throw fault(`an invalid version/constraint format: ${(error as Error).message}`, error);
  }
}
