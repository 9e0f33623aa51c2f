import { join, resolve } from "node:path";
import type { Context, Invocation } from "../command.ts";

/**
 * Where Helm keeps what it knows: flags before variables before the folders of the XDG rules. The home of werf 1.1, where
 * one is named, has repositories and indexes under the same names in other folders.
 */
export interface HelmHome {
  readonly cache: string;
  readonly config: string;
  readonly data: string;
  readonly plugins: string;
  readonly registryConfig: string;
  readonly repositoryCache: string;
  readonly repositoryConfig: string;
}

export function helmHome(call: Invocation): HelmHome {
  const { context, flags } = call;
  const cache = folder(context, "HELM_CACHE_HOME", "XDG_CACHE_HOME", ".cache");
  const config = folder(context, "HELM_CONFIG_HOME", "XDG_CONFIG_HOME", ".config");
  const data = folder(context, "HELM_DATA_HOME", "XDG_DATA_HOME", join(".local", "share"));
  const flag = (name: string): string | undefined => flags.text(name) || undefined;
  const old = flag("helm-home");
  const repository =
    old === undefined
      ? undefined
      : join(resolve(context.cwd, old.replace(/^~(?=\/|$)/, context.userHome)), "repository");
  return {
    cache,
    config,
    data,
    plugins: given(context, "HELM_PLUGINS") ?? join(data, "plugins"),
    registryConfig: flag("registry-config") ?? join(config, "registry", "config.json"),
    repositoryCache:
      flag("repository-cache") ??
      join(repository ?? cache, repository === undefined ? "repository" : "cache"),
    repositoryConfig: flag("repository-config") ?? join(repository ?? config, "repositories.yaml"),
  };
}

function folder(context: Context, own: string, xdg: string, usual: string): string {
  const base = given(context, xdg) ?? join(context.userHome, usual);
  return given(context, own) ?? join(base, "helm");
}

function given(context: Context, name: string): string | undefined {
  const value = context.env[name] ?? "";
  return value === "" ? undefined : value;
}
