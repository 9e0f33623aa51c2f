import { compileRegexp, quoteMeta } from "#regexp";
import { isValidProjectName } from "#slug";
import { durationMs } from "./duration.ts";
import type { CleanupSettings, DeploySettings, KeepLimit, KeepPolicy } from "./project.ts";
import type { Section } from "./section.ts";

export interface Meta {
  readonly name: string;
  readonly deploy: DeploySettings;
  readonly cleanup: CleanupSettings;
}

const DEFAULT_NAME = "[[ project ]]-[[ env ]]";

/** The document with `configVersion`: what holds for the whole project. */
export function readMeta(section: Section): Meta {
  if (section.integer("configVersion") !== 1) {
    throw section.error("unsupported `configVersion`: only 1 is known", {
      key: "configVersion",
      hint: "Write: configVersion: 1",
    });
  }
  const name = section.text("project") ?? "";
  if (!isValidProjectName(name)) {
    throw section.error(
      name === "" ? "`project` is required: the name of the project" : `bad project name \`${name}\``,
      {
        key: "project",
        hint: "A project name has lowercase letters, digits and dashes, no dash at its ends, and at most 50 characters",
      },
    );
  }
  const meta = {
    name,
    deploy: readDeploy(section.section("deploy")),
    cleanup: readCleanup(section.section("cleanup")),
  };
  section.done();
  return meta;
}

function readDeploy(section: Section | undefined): DeploySettings {
  if (section === undefined) {
    return { helmRelease: DEFAULT_NAME, helmReleaseSlug: true, namespace: DEFAULT_NAME, namespaceSlug: true };
  }
  const settings = {
    helmRelease: nameTemplate(section, "helmRelease"),
    helmReleaseSlug: section.flag("helmReleaseSlug", true),
    namespace: nameTemplate(section, "namespace"),
    namespaceSlug: section.flag("namespaceSlug", true),
  };
  section.done();
  return settings;
}

function nameTemplate(section: Section, key: "helmRelease" | "namespace"): string {
  const template = section.text(key);
  if (template === "")
    throw section.error(`\`deploy.${key}\` is empty`, { key, hint: `Leave it out for: ${DEFAULT_NAME}` });
  return template ?? DEFAULT_NAME;
}

function readCleanup(section: Section | undefined): CleanupSettings {
  if (section === undefined) return { keepPolicies: undefined };
  const keepPolicies = section.sections("keepPolicies").map(readPolicy);
  const isGiven = section.isSet("keepPolicies");
  section.done();
  return { keepPolicies: isGiven ? keepPolicies : undefined };
}

function readPolicy(section: Section): KeepPolicy {
  const references = section.section("references");
  if (references === undefined) throw section.error("`references` is required in a keep policy");
  const tag = references.filledText("tag");
  const branch = references.filledText("branch");
  if ((tag === undefined) === (branch === undefined)) {
    throw references.error("specify exactly one of `tag` and `branch` in `references`");
  }
  const kind = tag === undefined ? "branch" : "tag";
  const policy = {
    references: {
      kind,
      pattern: referencePattern(references, kind, tag ?? branch ?? ""),
      limit: readLimit(references.section("limit"), true),
    },
    imagesPerReference: readLimit(section.section("imagesPerReference"), false),
  } as const;
  references.done();
  section.done();
  return policy;
}

function referencePattern(section: Section, key: string, text: string): string {
  if (text.length < 2 || !text.startsWith("/") || !text.endsWith("/")) {
    return `^${quoteMeta(text)}$`;
  }
  const pattern = text.slice(1, -1);
  try {
    compileRegexp(pattern);
  } catch (error) {
    throw section.error(`bad regular expression \`${text}\`: ${(error as Error).message}`, { key });
  }
  return pattern;
}

function readLimit(section: Section | undefined, hasCheckedOperator: boolean): KeepLimit | undefined {
  if (section === undefined) return undefined;
  const last = section.integer("last");
  const duration = section.text("in");
  const operator = section.filledText("operator") ?? "And";
  if (operator !== "And" && operator !== "Or" && hasCheckedOperator) {
    throw section.error(`unsupported value \`${operator}\` for \`operator\``, {
      key: "operator",
      hint: "Use And or Or",
    });
  }
  const inMs = duration === undefined ? undefined : durationMs(duration);
  if (duration !== undefined && inMs === undefined) {
    throw section.error(`bad duration \`${duration}\``, { key: "in", hint: "Write it as 168h or 30m" });
  }
  section.done();
  return {
    operator: operator === "Or" ? "Or" : "And",
    ...(last === undefined ? {} : { last }),
    ...(inMs === undefined ? {} : { inMs }),
  };
}
