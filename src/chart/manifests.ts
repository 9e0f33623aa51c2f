import { SlipwayError, sourceFrame } from "#errors";
import { compareStrings } from "#gotemplate";
import { parseYaml, YamlError } from "#yaml";
import { mapOf, orNull, readStruct, struct, text } from "./go-struct.ts";

/** One object of a rendered chart. */
export interface Manifest {
  /** The template that gave it, as in `# Source:`. */
  readonly path: string;
  readonly content: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly annotations: ReadonlyMap<string, string>;
}

export type HookEvent =
  | "pre-install"
  | "post-install"
  | "pre-delete"
  | "post-delete"
  | "pre-upgrade"
  | "post-upgrade"
  | "pre-rollback"
  | "post-rollback"
  | "test";

/** An object with the annotation `helm.sh/hook`. */
export interface Hook extends Manifest {
  readonly events: readonly HookEvent[];
  readonly weight: number;
  readonly deletePolicies: readonly string[];
  readonly outputLogPolicies: readonly string[];
}

const HOOK_EVENTS: ReadonlyMap<string, HookEvent> = new Map([
  ...(
    [
      "pre-install",
      "post-install",
      "pre-delete",
      "post-delete",
      "pre-upgrade",
      "post-upgrade",
      "pre-rollback",
      "post-rollback",
      "test",
    ] as const
  ).map((event) => [event, event] as const),
  ["test-success", "test"],
]);

/** The order in which Helm installs kinds; others come last, by name. */
export const INSTALL_ORDER: readonly string[] = [
  "PriorityClass",
  "Namespace",
  "NetworkPolicy",
  "ResourceQuota",
  "LimitRange",
  "PodSecurityPolicy",
  "PodDisruptionBudget",
  "ServiceAccount",
  "Secret",
  "SecretList",
  "ConfigMap",
  "StorageClass",
  "PersistentVolume",
  "PersistentVolumeClaim",
  "CustomResourceDefinition",
  "ClusterRole",
  "ClusterRoleList",
  "ClusterRoleBinding",
  "ClusterRoleBindingList",
  "Role",
  "RoleList",
  "RoleBinding",
  "RoleBindingList",
  "Service",
  "DaemonSet",
  "Pod",
  "ReplicationController",
  "ReplicaSet",
  "Deployment",
  "HorizontalPodAutoscaler",
  "StatefulSet",
  "Job",
  "CronJob",
  "IngressClass",
  "Ingress",
  "APIService",
];

/**
 * Takes rendered files apart: objects in the order of installation, and hooks.
 *
 * @param files text by path.
 * @throws {SlipwayError} CHART_MANIFEST, `YAML parse error on PATH: …`, with the rendered lines around the fault.
 * @see `releaseutil.SortManifests` of Helm 3
 */
export function sortManifests(files: ReadonlyMap<string, string>): { manifests: Manifest[]; hooks: Hook[] } {
  const manifests: Manifest[] = [];
  const hooks: Hook[] = [];
  for (const path of [...files.keys()].sort(compareStrings)) {
    const text = files.get(path) as string;
    if (baseName(path).startsWith("_") || trimSpace(text) === "") continue;
    for (const content of splitManifests(text)) {
      const manifest = readHead(path, content);
      const hookTypes = manifest.annotations.get("helm.sh/hook");
      if (hookTypes === undefined) manifests.push(manifest);
      else {
        const hook = readHook(manifest, hookTypes);
        if (hook !== undefined) hooks.push(hook);
      }
    }
  }
  return { manifests: manifests.sort(byKind), hooks: hooks.sort(byKind) };
}

/** The documents of a text, without the blank ones, as Helm splits them. */
export function splitManifests(text: string): string[] {
  const whole = trimSpace(text);
  const documents: string[] = [];
  const add = (from: number, to: number): void => {
    if (to > from) documents.push(trimSpace(whole.slice(from, to)));
  };
  let start = whole.startsWith("---") ? skipBlanks(whole, 3) : 0;
  for (let at = whole.indexOf("\n---", start); at >= 0; at = whole.indexOf("\n---", start)) {
    let end = at;
    while (end > start && isBlank(whole.charCodeAt(end - 1))) end--;
    add(start, end);
    start = skipBlanks(whole, at + 4);
  }
  add(start, whole.length);
  return documents;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && isBlank(text.charCodeAt(at))) at++;
  return at;
}

/** What `\s` is in Go. */
function isBlank(c: number): boolean {
  return c === 32 || c === 10 || c === 9 || c === 13 || c === 12;
}

/** Go's `strings.TrimSpace`. */
export function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isSpace(c: number): boolean {
  if (c < 0x80) return isBlank(c) || c === 11;
  return c !== 0xfeff && (c === 0x85 || /\s/.test(String.fromCharCode(c)));
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function readHead(path: string, content: string): Manifest {
  try {
    const value = parseYaml(content, { integers: "bigint", wants: isOfHead });
    const { apiVersion, kind, metadata } = readStruct(value, HEAD);
    return {
      path,
      content,
      apiVersion,
      kind,
      name: metadata?.name ?? "",
      annotations: metadata?.annotations ?? new Map(),
    };
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    const position = error instanceof YamlError ? error.position : undefined;
    throw new SlipwayError("CHART_MANIFEST", `YAML parse error on ${path}: ${error.message}`, {
      cause: error,
      ...(position === undefined
        ? {}
        : {
            place: {
              file: path,
              line: position.line,
              column: position.column,
              frame: sourceFrame(content, position.line),
            },
          }),
      hint: "The lines are those of the rendered document, not of the template",
    });
  }
}

/** Go takes a key in any case of letters, of which `s` has three. */
function isOfHead(key: string): boolean {
  return key.length <= 10 && ["apiversion", "kind", "metadata"].includes(key.toLowerCase().replace("ſ", "s"));
}

interface Head {
  apiVersion: string;
  kind: string;
  metadata: { name: string; annotations: Map<string, string> } | null;
}

const HEAD = struct<Head>("releaseutil.SimpleHead", {
  apiVersion: text,
  kind: text,
  metadata: orNull(
    struct(
      'struct { Name string "json:\\"name\\""; Annotations map[string]string "json:\\"annotations\\"" }',
      {
        name: text,
        annotations: mapOf(text),
      },
    ),
  ),
});

function readHook(manifest: Manifest, types: string): Hook | undefined {
  const events: HookEvent[] = [];
  for (const type of types.split(",")) {
    const event = HOOK_EVENTS.get(type.trim().toLowerCase());
    // An unknown hook is neither a hook nor an object of the release.
    if (event === undefined) return undefined;
    events.push(event);
  }
  const weight = manifest.annotations.get("helm.sh/hook-weight") ?? "";
  return {
    ...manifest,
    events,
    weight: /^[-+]?[0-9]+$/.test(weight) ? Number(weight) : 0,
    deletePolicies: words(manifest, "helm.sh/hook-delete-policy"),
    outputLogPolicies: words(manifest, "helm.sh/hook-output-log-policy"),
  };
}

function words(manifest: Manifest, annotation: string): string[] {
  const text = manifest.annotations.get(annotation);
  return text === undefined ? [] : text.split(",").map((word) => word.trim().toLowerCase());
}

const RANKS = new Map(INSTALL_ORDER.map((kind, rank) => [kind, rank]));

function byKind(a: Manifest, b: Manifest): number {
  const first = RANKS.get(a.kind);
  const second = RANKS.get(b.kind);
  if (first === undefined && second === undefined) return compareStrings(a.kind, b.kind);
  if (first === undefined) return 1;
  if (second === undefined) return -1;
  return first - second;
}
