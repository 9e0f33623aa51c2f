import { SlipwayError } from "#errors";
import { parseYaml, printYaml } from "#yaml";

/** A repository of charts that has a name here, with what its server wants to see. */
export interface RepositoryEntry {
  readonly name: string;
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly caFile: string;
  readonly skipTlsVerify: boolean;
  /** The login goes to other hosts too, when the index names such. */
  readonly passCredentials: boolean;
}

/** An entry that asks for no login. */
export function plainRepository(name: string, url: string): RepositoryEntry {
  return {
    name,
    url,
    username: "",
    password: "",
    certFile: "",
    keyFile: "",
    caFile: "",
    skipTlsVerify: false,
    passCredentials: false,
  };
}

/**
 * The entries of Helm's repositories.yaml.
 *
 * @throws {SlipwayError} CHART_REPOSITORY when it is not YAML, or not of this kind.
 */
export function parseRepositories(text: string, path: string): RepositoryEntry[] {
  let file: unknown;
  try {
    file = parseYaml(text);
  } catch (error) {
    throw unreadable(path, (error as Error).message, error);
  }
  if (file === null) return [];
  const list = file instanceof Map ? ((file.get("repositories") as unknown) ?? []) : undefined;
  if (!Array.isArray(list)) throw unreadable(path, "it has no list of repositories");
  return list.filter((one) => one instanceof Map).map(entryOf);
}

/** The text of repositories.yaml. */
export function repositoriesText(entries: readonly RepositoryEntry[]): string {
  const file = new Map<string, unknown>([
    ["apiVersion", ""],
    ["generated", "0001-01-01T00:00:00Z"],
    ["repositories", entries.map(entryMap)],
  ]);
  return printYaml(file);
}

function entryOf(map: ReadonlyMap<string, unknown>): RepositoryEntry {
  const text = (key: string): string => {
    const value = map.get(key);
    return typeof value === "string" ? value : "";
  };
  return {
    name: text("name"),
    url: text("url"),
    username: text("username"),
    password: text("password"),
    certFile: text("certFile"),
    keyFile: text("keyFile"),
    caFile: text("caFile"),
    skipTlsVerify: map.get("insecure_skip_tls_verify") === true,
    passCredentials: map.get("pass_credentials_all") === true,
  };
}

function entryMap(entry: RepositoryEntry): Map<string, unknown> {
  const { skipTlsVerify, passCredentials, ...texts } = entry;
  return new Map<string, unknown>([
    ...Object.entries(texts),
    ["insecure_skip_tls_verify", skipTlsVerify],
    ["pass_credentials_all", passCredentials],
  ]);
}

function unreadable(path: string, why: string, cause?: unknown): SlipwayError {
  return new SlipwayError("CHART_REPOSITORY", `couldn't load repositories file (${path}): ${why}`, { cause });
}
