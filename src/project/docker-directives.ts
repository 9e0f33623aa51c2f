import type { DockerDirectives } from "./project.ts";
import type { Section } from "./section.ts";

/** The `docker` section. A list for CMD or ENTRYPOINT becomes the JSON form, a string stays as it is. */
export function readDocker(section: Section | undefined): DockerDirectives | undefined {
  if (section === undefined) return undefined;
  const entrypoint = commandLine(section, "ENTRYPOINT");
  const command = commandLine(section, "CMD");
  const directives = {
    VOLUME: section.texts("VOLUME"),
    EXPOSE: section.texts("EXPOSE"),
    ENV: section.textMap("ENV"),
    LABEL: section.textMap("LABEL"),
    ENTRYPOINT: entrypoint,
    CMD: command ?? (entrypoint === undefined ? undefined : "[]"),
    WORKDIR: section.filledText("WORKDIR"),
    USER: section.filledText("USER"),
    HEALTHCHECK: section.filledText("HEALTHCHECK"),
  };
  section.done();
  return directives;
}

function commandLine(section: Section, key: "CMD" | "ENTRYPOINT"): string | undefined {
  const node = section.node(key);
  if (node?.kind !== "list") return section.texts(key)[0];
  return `[${section
    .texts(key)
    .map((word) => JSON.stringify(word))
    .join(", ")}]`;
}
