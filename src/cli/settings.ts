import { resolve } from "node:path";
import type { Settings } from "#delivery";
import type { EventSink } from "#events";
import type { Invocation } from "./command.ts";
import { absolute, homeDirectory } from "./open.ts";
import { usageError } from "./dialect.ts";

/** What the use cases are told of the command line and the machine. */
export function settingsOf(call: Invocation, events: EventSink): Settings {
  const { flags, context } = call;
  const text = (name: string): string | undefined => (flags.has(name) ? flags.text(name) : undefined);
  const bool = (name: string): boolean => flags.has(name) && flags.bool(name);
  const synchronization = text("synchronization");
  if (synchronization !== undefined && synchronization !== ":local") {
    throw usageError(`--synchronization ${synchronization} is not built yet`, "Leave it out, or use :local");
  }
  const caBundle = text("build-ca-bundle");
  const list = (name: string): readonly string[] => (flags.has(name) ? flags.list(name) : []);
  return {
    home: homeDirectory(flags, context),
    env: context.env,
    version: context.version,
    dockerConfig: absolute(text("docker-config") ?? `${context.userHome}/.docker`, context),
    insecureRegistry: bool("insecure-registry"),
    skipTlsVerify: bool("skip-tls-verify-registry"),
    registryMirrors: mirrors(list("registry-mirror")),
    stagesStorage: text("stages-storage"),
    allowShallowClone: bool("allow-git-shallow-clone"),
    sandbox: {
      ...(caBundle === undefined ? {} : { caBundle: absolute(caBundle, context) }),
      proxies: proxies(context.env),
      files: list("build-file").map((entry) => {
        const [source = "", target] = entry.split(":");
        if (target === undefined || !target.startsWith("/"))
          throw usageError(`--build-file takes SOURCE:TARGET with an absolute target, not "${entry}"`);
        return { source: resolve(context.cwd, source), target };
      }),
      env: Object.fromEntries(list("build-env").map((entry) => assignment(entry, "--build-env NAME=VALUE"))),
    },
    events,
    signal: context.signal,
    now: context.now,
  };
}

function mirrors(entries: readonly string[]): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const entry of entries) {
    const [host, url] = assignment(entry, "--registry-mirror HOST=URL");
    (found[host] ??= []).push(url);
  }
  return found;
}

function assignment(entry: string, form: string): readonly [string, string] {
  const at = entry.indexOf("=");
  if (at <= 0) throw usageError(`${form.replace(" ", " takes ")}, not "${entry}"`);
  return [entry.slice(0, at), entry.slice(at + 1)];
}

function proxies(env: Readonly<Record<string, string>>): Record<string, string> {
  const names = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = env[name] ?? env[name.toLowerCase()];
      return value === undefined || value === "" ? [] : [[name, value]];
    }),
  );
}
