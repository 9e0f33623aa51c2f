import { SlipwayError } from "#errors";

export interface NameValues {
  readonly project: string;
  /** "" when there is none. */
  readonly env: string;
  /** Environment variables, for `expandenv`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const SIMPLE = /\[\[\s*(project|env)\s*\]\]/g;

/**
 * A name of `deploy`: a Go template between `[[` and `]]` with the functions `project` and `env`. The engine is only loaded
 * for templates that do more than name these two.
 *
 * @throws {SlipwayError} CONFIG_NO_ENV
 */
export async function renderName(template: string, values: NameValues): Promise<string> {
  const env = (): string => {
    if (values.env !== "") return values.env;
    throw new SlipwayError(
      "CONFIG_NO_ENV",
      `--env option or $WERF_ENV variable required to construct name by template '${template}'`,
      { hint: "Name the environment: --env production" },
    );
  };
  const simple = template.replace(SIMPLE, (_, name: string) => (name === "env" ? env() : values.project));
  if (!simple.includes("[[")) return simple;
  const { runNameTemplate } = await import("./config-template.ts");
  return runNameTemplate(template, { project: values.project, env, environment: values.environment });
}
