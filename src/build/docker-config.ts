import { posix } from "node:path";
import { SlipwayError } from "#errors";
import type { ContainerConfig, Healthcheck } from "#oci";
import type { DockerDirectives } from "#project";
import { expandWord } from "./dockerfile-word.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const SECOND_NS = 1_000_000_000;

/**
 * An image's configuration after the `docker` directives of werf.yaml, each read as the same line of a Dockerfile would be:
 * variables of the image are expanded, a JSON list is a list, other CMD and ENTRYPOINT lines are for the shell.
 *
 * @throws {SlipwayError} BUILD_BAD_DIRECTIVE
 * @see werf 1.1, `docker`; docker commit --change
 */
export function applyDirectives(config: ContainerConfig, directives: DockerDirectives): ContainerConfig {
  const changed: Mutable<ContainerConfig> = { ...config };
  for (const [name, value] of Object.entries(directives.ENV)) {
    changed.Env = setVariable(changed.Env ?? [], name, expandWord(value, variables(changed)));
  }
  const env = variables(changed);
  if (directives.VOLUME.length > 0) {
    const paths = directives.VOLUME.flatMap((line) => jsonList(line) ?? words(line)).map((path) =>
      expandWord(path, env),
    );
    changed.Volumes = { ...changed.Volumes, ...Object.fromEntries(paths.map((path) => [path, {}])) };
  }
  if (directives.EXPOSE.length > 0) {
    const ports = directives.EXPOSE.flatMap(words).flatMap((port) => exposedPorts(expandWord(port, env)));
    changed.ExposedPorts = {
      ...changed.ExposedPorts,
      ...Object.fromEntries(ports.map((port) => [port, {}])),
    };
  }
  if (Object.keys(directives.LABEL).length > 0) {
    const labels = Object.entries(directives.LABEL).map(([name, value]) => [name, expandWord(value, env)]);
    changed.Labels = { ...changed.Labels, ...(Object.fromEntries(labels) as Record<string, string>) };
  }
  if (directives.ENTRYPOINT !== undefined) changed.Entrypoint = commandLine(directives.ENTRYPOINT, changed);
  if (directives.CMD !== undefined) changed.Cmd = commandLine(directives.CMD, changed);
  if (directives.WORKDIR !== undefined) {
    changed.WorkingDir = posix.resolve("/", changed.WorkingDir ?? "/", expandWord(directives.WORKDIR, env));
  }
  if (directives.USER !== undefined) changed.User = expandWord(directives.USER, env);
  if (directives.HEALTHCHECK !== undefined)
    changed.Healthcheck = healthcheck(directives.HEALTHCHECK, changed);
  return changed;
}

/** The variables of an image by name. */
export function variables(config: ContainerConfig): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (config.Env ?? []).map((line) => {
      const at = line.indexOf("=");
      return at === -1 ? [line, ""] : [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}

function setVariable(env: readonly string[], name: string, value: string): readonly string[] {
  const line = `${name}=${value}`;
  const at = env.findIndex((one) => one.startsWith(`${name}=`));
  return at === -1 ? [...env, line] : env.with(at, line);
}

function words(line: string): readonly string[] {
  return line.split(/\s+/).filter((word) => word !== "");
}

function jsonList(line: string): readonly string[] | undefined {
  if (!line.trimStart().startsWith("[")) return undefined;
  try {
    const list: unknown = JSON.parse(line);
    return Array.isArray(list) && list.every((item) => typeof item === "string") ? list : undefined;
  } catch {
    return undefined;
  }
}

function commandLine(line: string, config: ContainerConfig): readonly string[] {
  return jsonList(line) ?? [...(config.Shell ?? ["/bin/sh", "-c"]), line.trim()];
}

/** `8080`, `53/udp`, `8000-8010`. */
function exposedPorts(text: string): readonly string[] {
  const [, first = "", last = first, protocol = "tcp"] =
    /^(\d+)(?:-(\d+))?(?:\/(tcp|udp|sctp))?$/i.exec(text) ?? [];
  const from = Number(first);
  const to = Number(last);
  if (first === "" || from > to || to > 65_535) {
    throw badDirective("EXPOSE", text, "A port looks like 8080, 53/udp or 8000-8010");
  }
  return Array.from({ length: to - from + 1 }, (_, index) => `${from + index}/${protocol.toLowerCase()}`);
}

/** `NONE`, or options and `CMD` with a shell line or a JSON list. */
function healthcheck(line: string, config: ContainerConfig): Healthcheck {
  let rest = line.trim();
  const times: { -readonly [K in keyof Healthcheck]: Healthcheck[K] } = {};
  for (
    let option = /^--([a-z-]+)=(\S+)\s*/.exec(rest);
    option !== null;
    option = /^--([a-z-]+)=(\S+)\s*/.exec(rest)
  ) {
    const [whole, name = "", value = ""] = option;
    rest = rest.slice(whole.length);
    if (name === "interval") times.Interval = nanoseconds(value, line);
    else if (name === "timeout") times.Timeout = nanoseconds(value, line);
    else if (name === "start-period") times.StartPeriod = nanoseconds(value, line);
    else if (name === "retries" && /^\d+$/.test(value)) times.Retries = Number(value);
    else
      throw badDirective(
        "HEALTHCHECK",
        line,
        "Its options are --interval, --timeout, --start-period and --retries",
      );
  }
  if (/^none$/i.test(rest)) return { Test: ["NONE"] };
  const [, command] = /^cmd\s+(.+)$/is.exec(rest) ?? [];
  if (command === undefined)
    throw badDirective("HEALTHCHECK", line, "It is NONE, or options and CMD with a command");
  const list = jsonList(command);
  const test = list === undefined ? ["CMD-SHELL", command] : ["CMD", ...list];
  return {
    Test: config.Shell === undefined || list !== undefined ? test : ["CMD", ...config.Shell, command],
    ...times,
  };
}

function nanoseconds(text: string, line: string): number {
  const units: Readonly<Record<string, number>> = {
    ns: 1,
    us: 1e3,
    ms: 1e6,
    s: SECOND_NS,
    m: 60 * SECOND_NS,
    h: 3600 * SECOND_NS,
  };
  if (!/^(\d+(\.\d+)?(ns|us|ms|s|m|h))+$/.test(text))
    throw badDirective("HEALTHCHECK", line, "A time looks like 30s or 1m30s");
  let total = 0;
  for (const [, amount = "", unit = ""] of text.matchAll(/([\d.]+)(ns|us|ms|s|m|h)/g))
    total += Number(amount) * (units[unit] ?? 0);
  return Math.round(total);
}

function badDirective(name: string, text: string, hint: string): SlipwayError {
  return new SlipwayError("BUILD_BAD_DIRECTIVE", `Bad docker directive ${name}: \`${text}\``, { hint });
}
