import { resolve } from "node:path";
import type { Settings } from "#delivery";
import type { EventSink } from "#events";
import type { Invocation } from "./command.ts";
import { absolute, homeDirectory } from "./open.ts";
import { usageError } from "./parse.ts";

/** What the use cases are told of the command line and the machine. */
export function settingsOf(call: Invocation, events: EventSink): Settings {
  const { flags, context } = call;
  const text = (name: string): string | undefined => (flags.has(name) ? flags.text(name) : undefined);
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
    insecureRegistry: flags.has("insecure-registry") && flags.bool("insecure-registry"),
    skipTlsVerify: flags.has("skip-tls-verify-registry") && flags.bool("skip-tls-verify-registry"),
    registryMirrors: mirrors(list("registry-mirror")),
    stagesStorage: text("stages-storage"),
    allowShallowClone: flags.has("allow-git-shallow-clone") && flags.bool("allow-git-shallow-clone"),
    sandbox: {
      ...(caBundle === undefined ? {} : { caBundle: absolute(caBundle, context) }),
      proxies: proxies(context.env),
      files: list("build-file").map((entry) => {
        const [source = "", target] = entry.split(":");
        if (target === undefined || !target.startsWith("/"))
          throw usageError(`--build-file takes SOURCE:TARGET with an absolute target, not "${entry}"`);
        return { source: resolve(context.cwd, source), target };
      }),
      env: Object.fromEntries(
        list("build-env").map((entry) => {
          const at = entry.indexOf("=");
          if (at <= 0) throw usageError(`--build-env takes NAME=VALUE, not "${entry}"`);
          return [entry.slice(0, at), entry.slice(at + 1)];
        }),
      ),
    },
    events,
    signal: context.signal,
    now: context.now,
  };
}

function mirrors(entries: readonly string[]): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const entry of entries) {
    const at = entry.indexOf("=");
    if (at <= 0) throw usageError(`--registry-mirror takes HOST=URL, not "${entry}"`);
    (found[entry.slice(0, at)] ??= []).push(entry.slice(at + 1));
  }
  return found;
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
