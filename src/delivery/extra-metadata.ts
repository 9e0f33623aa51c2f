import { SlipwayError } from "#errors";

/** What a deploy adds to the metadata of every resource. */
export interface ExtraMetadata {
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

/** The annotations that slipway puts on every resource, then those of the user. @throws {SlipwayError} EXTRA_METADATA */
export function extraMetadata(
  about: { readonly project: string; readonly env: string; readonly version: string },
  given: { readonly annotations: readonly string[]; readonly labels: readonly string[] },
): ExtraMetadata {
  return {
    annotations: {
      "werf.io/version": about.version,
      "project.werf.io/name": about.project,
      ...(about.env === "" ? {} : { "project.werf.io/env": about.env }),
      ...pairs(given.annotations, "--add-annotation"),
    },
    labels: pairs(given.labels, "--add-label"),
  };
}

function pairs(entries: readonly string[], flag: string): Record<string, string> {
  return Object.fromEntries(
    entries.map((entry) => {
      const at = entry.indexOf("=");
      if (at <= 0)
        throw new SlipwayError("EXTRA_METADATA", `bad ${flag} value ${entry}`, {
          hint: `Write ${flag} KEY=VALUE`,
        });
      return [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}
