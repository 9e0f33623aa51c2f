import { SlipwayError } from "#errors";
import { isValidName, nameRule, slug, type SlugClass } from "#slug";
import { renderName } from "./name-template.ts";
import type { Project } from "./project.ts";

export interface NameOptions {
  /** The value of the flag that names it outright; used unmodified. */
  readonly given?: string;
  /** The environment: `--env` or `$WERF_ENV`. */
  readonly env?: string;
  /** For sprig's `expandenv` in templates. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/**
 * The name of the Helm release.
 *
 * @throws {SlipwayError} CONFIG_NO_ENV, naming flag and variable, when the template needs an environment and there is none;
 *   CONFIG_BAD_NAME.
 * @see werf 1.1, `deploy.helmRelease`
 */
export async function resolveReleaseName(project: Project, options: NameOptions = {}): Promise<string> {
  const { helmRelease, helmReleaseSlug } = project.deploy;
  return resolveName(project, options, {
    kind: "helm-release",
    title: "Helm release",
    template: helmRelease,
    isSlugged: helmReleaseSlug,
  });
}

/** The Kubernetes namespace; rules and errors as for the release. @see werf 1.1, `deploy.namespace` */
export async function resolveNamespace(project: Project, options: NameOptions = {}): Promise<string> {
  const { namespace, namespaceSlug } = project.deploy;
  return resolveName(project, options, {
    kind: "kubernetes-namespace",
    title: "Kubernetes namespace",
    template: namespace,
    isSlugged: namespaceSlug,
  });
}

interface NameRule {
  readonly kind: SlugClass;
  readonly title: string;
  readonly template: string;
  readonly isSlugged: boolean;
}

async function resolveName(project: Project, options: NameOptions, rule: NameRule): Promise<string> {
  if (options.given !== undefined && options.given !== "") {
    return checked(rule, options.given, `Bad ${rule.title} specified '${options.given}'`);
  }
  const rendered = await renderName(rule.template, {
    project: project.name,
    env: options.env ?? "",
    environment: options.environment ?? {},
  });
  if (rendered === "") {
    throw new SlipwayError(
      "CONFIG_BAD_NAME",
      `${rule.title} rendered by template '${rule.template}' is empty`,
    );
  }
  if (rule.isSlugged) return slug(rule.kind, rendered);
  return checked(rule, rendered, `Bad ${rule.title} '${rendered}' rendered by template '${rule.template}'`);
}

function checked(rule: NameRule, name: string, complaint: string): string {
  if (isValidName(rule.kind, name)) return name;
  const text = nameRule(rule.kind);
  throw new SlipwayError("CONFIG_BAD_NAME", `${complaint}: ${text}`);
}
