import { SlipwayError } from "#errors";

export interface PortMapping {
  /** Address of this machine; every address when there is none. */
  readonly hostAddress?: string;
  /** A free port is taken when it is 0. */
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: "tcp" | "udp";
}

export interface VolumeMapping {
  /** An absolute path of this machine, the name of a volume, or nothing for a volume without a name. */
  readonly source?: string;
  readonly target: string;
  readonly isReadOnly: boolean;
}

export interface RestartPolicy {
  readonly name: "no" | "always" | "on-failure" | "unless-stopped";
  /** For `on-failure`; no limit when absent. */
  readonly maximumRetries?: number;
}

export interface DockerOptions {
  readonly isDetached: boolean;
  readonly isInteractive: boolean;
  readonly hasTerminal: boolean;
  readonly isRemovedAtEnd: boolean;
  readonly name?: string;
  readonly ports: readonly PortMapping[];
  /** `NAME=VALUE`, or `NAME` for a variable of the caller. */
  readonly env: readonly string[];
  readonly volumes: readonly VolumeMapping[];
  readonly workingDirectory?: string;
  readonly user?: string;
  readonly restart: RestartPolicy;
  /** Empty text takes the image's entrypoint away. */
  readonly entrypoint?: string;
  readonly network: "bridge" | "host" | "none";
}

/**
 * Reads the options of `docker run` that slipway takes, split at white space and without quoting, as werf 1.1 does.
 *
 * @throws {SlipwayError} RUN_OPTION_UNKNOWN names an option that is not taken, RUN_OPTION_INVALID a value that cannot be read.
 * @see https://docs.docker.com/reference/cli/docker/container/run/
 */
export function parseDockerOptions(options: string | readonly string[]): DockerOptions {
  const words =
    typeof options === "string" ? options.split(/\s+/).filter((word) => word !== "") : [...options];
  const found: Draft = { flags: new Set(), values: new Map() };
  while (words.length > 0) readOption(words, found);
  const last = (name: string): string | undefined => found.values.get(name)?.at(-1);
  const all = (name: string): readonly string[] => found.values.get(name) ?? [];
  const restart = parseRestart(last("restart") ?? "no");
  if (found.flags.has("rm") && restart.name !== "no")
    throw invalid("--restart", last("restart") ?? "", "it conflicts with --rm");
  const optional = (key: string, value: string | undefined): object =>
    value === undefined ? {} : { [key]: value };
  return {
    isDetached: found.flags.has("detach"),
    isInteractive: found.flags.has("interactive"),
    hasTerminal: found.flags.has("tty"),
    isRemovedAtEnd: found.flags.has("rm"),
    ports: all("publish").flatMap(parsePorts),
    env: all("env"),
    volumes: all("volume").map(parseVolume),
    restart,
    network: parseNetwork(last("network") ?? "bridge"),
    ...optional("name", checkName(last("name"))),
    ...optional("workingDirectory", last("workdir")),
    ...optional("user", last("user")),
    ...optional("entrypoint", last("entrypoint")),
  };
}

interface Draft {
  readonly flags: Set<string>;
  readonly values: Map<string, string[]>;
}

const FLAGS: Readonly<Record<string, string>> = { d: "detach", i: "interactive", t: "tty" };
const FLAG_NAMES = new Set([...Object.values(FLAGS), "rm"]);
const VALUES: Readonly<Record<string, string>> = {
  p: "publish",
  e: "env",
  v: "volume",
  w: "workdir",
  u: "user",
};
const VALUE_NAMES = new Set([...Object.values(VALUES), "name", "restart", "entrypoint", "network", "net"]);

function readOption(words: string[], found: Draft): void {
  const word = words.shift() ?? "";
  if (word.startsWith("--") && word.length > 2) readLong(word, words, found);
  else if (word.startsWith("-") && word.length > 1) readShort(word, words, found);
  else
    throw new SlipwayError("RUN_OPTION_INVALID", `Cannot read docker options: "${word}" is not an option`, {
      exitCode: 2,
      hint: HINT,
    });
}

function readLong(word: string, words: string[], found: Draft): void {
  const [, name = "", value] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
  if (FLAG_NAMES.has(name)) {
    if (value === undefined || value === "true") found.flags.add(name);
    else if (value === "false") found.flags.delete(name);
    else throw invalid(`--${name}`, value, "it is true or false");
  } else if (VALUE_NAMES.has(name)) {
    addValue(found, name === "net" ? "network" : name, value ?? words.shift(), word);
  } else {
    throw unknown(`--${name}`);
  }
}

/** `-it`, `-dp 80:80`, `-p80:80`, `-p=80:80`: flags may stand together, and the first one with a value takes the rest. */
function readShort(word: string, words: string[], found: Draft): void {
  for (let at = 1; at < word.length; at++) {
    const letter = word[at] ?? "";
    const flag = FLAGS[letter];
    const name = VALUES[letter];
    if (flag !== undefined) {
      found.flags.add(flag);
    } else if (name !== undefined) {
      const rest = word.slice(at + 1).replace(/^=/, "");
      addValue(found, name, rest === "" ? words.shift() : rest, `-${letter}`);
      return;
    } else {
      throw unknown(`-${letter}`);
    }
  }
}

function addValue(found: Draft, name: string, value: string | undefined, option: string): void {
  if (value === undefined)
    throw new SlipwayError("RUN_OPTION_INVALID", `Cannot read docker options: ${option} needs a value`, {
      exitCode: 2,
    });
  found.values.set(name, [...(found.values.get(name) ?? []), value]);
}

/** `[[address:]hostPort:]containerPort[/protocol]`, each port perhaps a range. */
function parsePorts(specification: string): readonly PortMapping[] {
  const match = /^(?:(?:(\[[^\]]*\]|[^:]*):)?([\d-]*):)?(\d+(?:-\d+)?)(?:\/(\w+))?$/.exec(specification);
  if (match === null)
    throw invalid("-p", specification, "it is [address:][host port:]container port[/tcp|/udp]");
  const [, address = "", host = "", container = "", protocol = "tcp"] = match;
  if (protocol !== "tcp" && protocol !== "udp")
    throw invalid("-p", specification, "the protocol is tcp or udp");
  const inside = portRange(container, specification);
  const outside = host === "" ? inside.map(() => 0) : portRange(host, specification);
  if (outside.length !== inside.length) throw invalid("-p", specification, "the two ranges differ in length");
  const hostAddress = address.replace(/^\[|\]$/g, "");
  return inside.map((containerPort, index) => ({
    ...(hostAddress === "" ? {} : { hostAddress }),
    hostPort: outside[index] ?? 0,
    containerPort,
    protocol,
  }));
}

function portRange(text: string, specification: string): readonly number[] {
  const [first = 0, last = first] = text.split("-").map(Number);
  const isSound = Number.isInteger(first) && first >= 1 && last >= first && last <= 65_535;
  if (!isSound) throw invalid("-p", specification, "a port is a number from 1 to 65535");
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function parseVolume(specification: string): VolumeMapping {
  const parts = specification.split(":");
  if (parts.length === 1) return { target: absolute(specification, specification), isReadOnly: false };
  const [source = "", target = "", mode = ""] = parts;
  const modes = mode.split(",").filter((word) => word !== "");
  const isKnown = modes.every((word) =>
    ["ro", "rw", "z", "Z", "cached", "delegated", "consistent"].includes(word),
  );
  if (parts.length > 3 || source === "" || !isKnown)
    throw invalid("-v", specification, "it is source:target[:ro]");
  if (!source.startsWith("/") && !/^[A-Za-z0-9][A-Za-z0-9_.-]+$/.test(source)) {
    throw invalid("-v", specification, "the source is an absolute path or the name of a volume");
  }
  return { source, target: absolute(target, specification), isReadOnly: modes.includes("ro") };
}

function absolute(path: string, specification: string): string {
  if (path.startsWith("/") && path !== "/") return path;
  throw invalid("-v", specification, "the target is an absolute path other than /");
}

function parseRestart(text: string): RestartPolicy {
  const [name = "", retries] = text.split(":");
  if (name === "on-failure" && (retries === undefined || /^\d+$/.test(retries))) {
    return retries === undefined ? { name } : { name, maximumRetries: Number(retries) };
  }
  if ((name === "no" || name === "always" || name === "unless-stopped") && retries === undefined)
    return { name };
  throw invalid("--restart", text, "it is no, always, unless-stopped or on-failure[:retries]");
}

function parseNetwork(text: string): DockerOptions["network"] {
  if (text === "bridge" || text === "default") return "bridge";
  if (text === "host" || text === "none") return text;
  throw invalid("--network", text, "it is bridge, host or none");
}

function checkName(name: string | undefined): string | undefined {
  if (name === undefined || /^[A-Za-z0-9][A-Za-z0-9_.-]+$/.test(name)) return name;
  throw invalid("--name", name, "letters, digits, _ . and - are allowed, two at least");
}

const HINT = "Taken are: -d -p -e -v -w -u -i -t --name --rm --restart --entrypoint --network";

function unknown(option: string): SlipwayError {
  return new SlipwayError(
    "RUN_OPTION_UNKNOWN",
    `Cannot run with docker option ${option}: slipway does not have it`,
    { exitCode: 2, hint: HINT },
  );
}

function invalid(option: string, value: string, rule: string): SlipwayError {
  return new SlipwayError("RUN_OPTION_INVALID", `Cannot read ${option} "${value}": ${rule}`, { exitCode: 2 });
}
