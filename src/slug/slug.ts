import { CHARACTER_MAP } from "./character-map.ts";
import { murmur3Hex } from "./murmur3.ts";

/** What a name is for; each class has its own test for "already good" and its own length. */
export type SlugClass = "docker-tag" | "helm-release" | "kubernetes-namespace";

const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

const CLASSES: Readonly<
  Record<SlugClass, { readonly max: number; readonly pattern: RegExp; readonly rule: string }>
> = {
  "docker-tag": {
    max: 128,
    pattern: /^\w[\w.-]*$/,
    rule: "a docker tag starts with a letter, digit or _, goes on with letters, digits, _ . -, and has at most 128 characters",
  },
  "helm-release": {
    max: 53,
    pattern: DNS_SUBDOMAIN,
    rule: "a release name has lowercase letters, digits, - and ., begins and ends with a letter or digit, and has at most 53 characters",
  },
  "kubernetes-namespace": {
    max: 63,
    pattern: DNS_SUBDOMAIN,
    rule: "a namespace has lowercase letters, digits, - and ., begins and ends with a letter or digit, and has at most 63 characters",
  },
};

const PROJECT = /^(?:[a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])$/;
const PROJECT_MAX = 50;

/** The name made fit for its class: unchanged when empty or already valid, otherwise transliterated, cut, and marked by a hash. */
export function slug(kind: SlugClass, name: string): string {
  if (name === "" || isValidName(kind, name)) return name;
  return withHash(name, CLASSES[kind].max);
}

/** Whether the name can be used for this class as it is. */
export function isValidName(kind: SlugClass, name: string): boolean {
  const { max, pattern } = CLASSES[kind];
  return name.length <= max && pattern.test(name);
}

/** The rule that `isValidName` checks, as a sentence for error messages. */
export function nameRule(kind: SlugClass): string {
  return CLASSES[kind].rule;
}

/** A proposal for a project name; has no hash, since a person will read and keep it. */
export function projectSlug(name: string): string {
  return isValidProjectName(name) ? name : transliterate(name).slice(0, PROJECT_MAX).replace(/-+$/, "");
}

export function isValidProjectName(name: string): boolean {
  return name.length <= PROJECT_MAX && PROJECT.test(name);
}

/**
 * The name cut to less than `max` characters, as label and directory names of werf 1.1 need it.
 * Unchanged only when it is its own transliteration and shorter than `max`.
 */
export function limitedSlug(name: string, max = 42): string {
  if (name === "" || (name.length < max && transliterate(name) === name)) return name;
  return withHash(name, max);
}

/** A crop may leave a dash before the dash of the hash; names that exist in clusters have it, so it stays. */
function withHash(name: string, max: number): string {
  const hash = murmur3Hex(Buffer.from(name));
  const text = transliterate(name);
  return text === "" ? hash : `${text.slice(0, max - hash.length - 1)}-${hash}`;
}

function transliterate(name: string): string {
  let result = "";
  let afterDash = true;
  for (const character of name) {
    const text = CHARACTER_MAP.get(character);
    if (text === undefined || text === "") continue;
    if (text === "-" && afterDash) continue;
    result += text;
    afterDash = text === "-";
  }
  return result.endsWith("-") ? result.slice(0, -1) : result;
}
