import { readFile } from "node:fs/promises";
import { delimiter, dirname, join, resolve } from "node:path";
import { SlipwayError } from "#errors";
import { plainYaml } from "./manifest.ts";

/** Where to look for a cluster; the first of them that is given wins, top to bottom. */
export interface KubeConfigSource {
  /** A whole kubeconfig, base64. */
  readonly kubeConfigBase64?: string | undefined;
  /** Path of a kubeconfig, or several joined as in KUBECONFIG. */
  readonly kubeConfig?: string | undefined;
  /** The context to use instead of the file's current one. */
  readonly context?: string | undefined;
  /** What stands above the kubeconfig, with the names of its fields; a server is enough where there is no kubeconfig. */
  readonly above?: { readonly cluster: Fields; readonly user: Fields };
  /** KUBECONFIG, the home directory's file and the pod's service account are found through it. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** One cluster with one user, all paths absolute. */
export interface Access {
  readonly server: string;
  readonly context: string | undefined;
  readonly namespace: string;
  /** Where it was read, for messages. */
  readonly origin: string;
  readonly cluster: Fields;
  readonly user: Fields;
}

export type Fields = Readonly<Record<string, unknown>>;

const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * The cluster and user that a kubeconfig's context names. Of several files the first that has a name wins, as kubectl merges
 * them; files of a list that do not exist are passed over. Without any kubeconfig the pod's service account serves.
 *
 * @throws {SlipwayError} KUBE_NO_CONFIG, KUBE_BAD_CONFIG, KUBE_NO_CONTEXT
 */
export async function readAccess(source: KubeConfigSource): Promise<Access> {
  const { above } = source;
  const { origin, configs } = await readConfigs(source);
  const server = textOf(above?.cluster["server"]);
  const access =
    configs.length > 0
      ? contextAccess(origin, configs, source.context)
      : server === undefined
        ? await serviceAccountAccess(source)
        : {
            server,
            context: undefined,
            namespace: "default",
            origin: "the command line",
            cluster: {},
            user: {},
          };
  return {
    ...access,
    server: (server ?? access.server).replace(/\/+$/, ""),
    cluster: { ...access.cluster, ...above?.cluster },
    user: { ...access.user, ...above?.user },
  };
}

/**
 * The namespace of the context; `default` when it names none.
 *
 * @throws {SlipwayError} those of readAccess().
 */
export async function contextNamespace(source: KubeConfigSource): Promise<string> {
  return (await readAccess(source)).namespace;
}

function contextAccess(origin: string, configs: readonly Fields[], wanted: string | undefined): Access {
  const contextName = wanted ?? firstText(configs.map((config) => config["current-context"]));
  if (contextName === undefined) {
    throw new SlipwayError(
      "KUBE_NO_CONTEXT",
      `Cannot use the kubeconfig ${origin}: it has no current context`,
      {
        hint: contextsHint(configs),
      },
    );
  }
  const context = named(configs, "contexts", "context", contextName);
  if (context === undefined) {
    throw new SlipwayError(
      "KUBE_NO_CONTEXT",
      `Cannot use the kubeconfig ${origin}: it has no context "${contextName}"`,
      {
        hint: contextsHint(configs),
      },
    );
  }
  const cluster = named(configs, "clusters", "cluster", textOf(context["cluster"]) ?? "");
  const server = textOf(cluster?.["server"]);
  if (cluster === undefined || server === undefined) {
    throw new SlipwayError(
      "KUBE_BAD_CONFIG",
      `Cannot use the kubeconfig ${origin}: context "${contextName}" names cluster "${textOf(context["cluster"]) ?? ""}", which has no server there`,
      { hint: "Correct the context, or choose another one with --kube-context" },
    );
  }
  return {
    server,
    context: contextName,
    namespace: textOf(context["namespace"]) ?? "default",
    origin,
    cluster,
    user: named(configs, "users", "user", textOf(context["user"]) ?? "") ?? {},
  };
}

async function readConfigs(source: KubeConfigSource): Promise<{ origin: string; configs: Fields[] }> {
  if (source.kubeConfigBase64) {
    const text = Buffer.from(source.kubeConfigBase64, "base64").toString();
    return { origin: "given as base64", configs: [parseConfig(text, "given as base64", ".")] };
  }
  if (source.kubeConfig) {
    const paths = source.kubeConfig.split(delimiter).filter(Boolean);
    return { origin: source.kubeConfig, configs: await readFiles(paths, paths.length > 1) };
  }
  if (source.env["KUBECONFIG"]) {
    const configs = await readFiles(source.env["KUBECONFIG"].split(delimiter).filter(Boolean), true);
    if (configs.length > 0) return { origin: source.env["KUBECONFIG"], configs };
  }
  const home = source.env["HOME"] ?? source.env["USERPROFILE"];
  if (home === undefined) return { origin: "", configs: [] };
  const path = join(home, ".kube", "config");
  return { origin: path, configs: await readFiles([path], true) };
}

async function readFiles(paths: readonly string[], mayBeAbsent: boolean): Promise<Fields[]> {
  const configs: Fields[] = [];
  for (const path of paths) {
    let text: string;
    try {
      text = await readFile(path, "utf8");
    } catch (cause) {
      if (mayBeAbsent && (cause as NodeJS.ErrnoException).code === "ENOENT") continue;
      throw new SlipwayError(
        "KUBE_NO_CONFIG",
        `Cannot read the kubeconfig ${path}: ${(cause as Error).message}`,
        {
          cause,
          hint: "Name an existing file with --kube-config or KUBECONFIG",
        },
      );
    }
    configs.push(parseConfig(text, path, dirname(resolve(path))));
  }
  return configs;
}

function parseConfig(text: string, origin: string, directory: string): Fields {
  let parsed: unknown;
  try {
    parsed = plainYaml(text);
  } catch (cause) {
    throw new SlipwayError(
      "KUBE_BAD_CONFIG",
      `Cannot read the kubeconfig ${origin}: ${(cause as Error).message}`,
      { cause },
    );
  }
  if (!isFields(parsed)) {
    throw new SlipwayError(
      "KUBE_BAD_CONFIG",
      `Cannot read the kubeconfig ${origin}: it is not a YAML mapping`,
    );
  }
  return {
    ...parsed,
    clusters: withAbsolutePaths(parsed["clusters"], "cluster", ["certificate-authority"], directory),
    users: withAbsolutePaths(
      parsed["users"],
      "user",
      ["client-certificate", "client-key", "tokenFile"],
      directory,
    ),
  };
}

/** Relative paths in a kubeconfig start at the directory of the file. */
function withAbsolutePaths(
  list: unknown,
  field: string,
  keys: readonly string[],
  directory: string,
): unknown[] {
  return (Array.isArray(list) ? list : []).map((entry: unknown) => {
    const body = isFields(entry) ? entry[field] : undefined;
    if (!isFields(entry) || !isFields(body)) return entry;
    const made = keys.flatMap((key) =>
      textOf(body[key]) ? [[key, resolve(directory, textOf(body[key]) ?? "")]] : [],
    );
    return { ...entry, [field]: { ...body, ...Object.fromEntries(made) } };
  });
}

async function serviceAccountAccess(source: KubeConfigSource): Promise<Access> {
  const host = source.env["KUBERNETES_SERVICE_HOST"];
  const port = source.env["KUBERNETES_SERVICE_PORT"] ?? "443";
  if (host === undefined) {
    throw new SlipwayError("KUBE_NO_CONFIG", "Cannot find a Kubernetes cluster: there is no kubeconfig", {
      hint: "Name a kubeconfig file with --kube-config or KUBECONFIG, or put one at ~/.kube/config",
    });
  }
  const namespace = await readFile(`${SERVICE_ACCOUNT}/namespace`, "utf8").catch(() => "default");
  return {
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    context: undefined,
    namespace: namespace.trim(),
    origin: "the pod's service account",
    cluster: { "certificate-authority": `${SERVICE_ACCOUNT}/ca.crt` },
    user: { tokenFile: `${SERVICE_ACCOUNT}/token` },
  };
}

function named(configs: readonly Fields[], list: string, field: string, name: string): Fields | undefined {
  for (const config of configs) {
    const entries = config[list];
    if (!Array.isArray(entries)) continue;
    const found = (entries as unknown[]).find((entry) => isFields(entry) && entry["name"] === name);
    if (isFields(found) && isFields(found[field])) return found[field];
  }
  return undefined;
}

function contextsHint(configs: readonly Fields[]): string {
  const names = configs.flatMap((config) =>
    (Array.isArray(config["contexts"]) ? (config["contexts"] as unknown[]) : []).flatMap((entry) =>
      isFields(entry) ? [textOf(entry["name"]) ?? ""] : [],
    ),
  );
  return names.length === 0
    ? "Name a kubeconfig that has contexts with --kube-config"
    : `Choose a context with --kube-context: ${names.join(", ")}`;
}

function firstText(values: readonly unknown[]): string | undefined {
  return values.map(textOf).find((value) => value !== undefined);
}

export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
