import { posix } from "node:path";
import type { DockerfileImage, RenderedDocument } from "./project.ts";
import type { Section } from "./section.ts";
import { readImageNames } from "./stapel.ts";

/** A document with `dockerfile`. */
export function readDockerfile(section: Section, document: RenderedDocument): readonly DockerfileImage[] {
  const names = readImageNames(section);
  const image = {
    kind: "dockerfile",
    dockerfile: projectPath(section, "dockerfile"),
    context: section.filledText("context") === undefined ? "." : projectPath(section, "context"),
    target: section.filledText("target"),
    args: section.textMap("args"),
    addHost: section.texts("addHost"),
    network: section.filledText("network"),
    ssh: section.filledText("ssh"),
    document,
  } as const;
  section.done();
  return names.map((name) => ({ ...image, name }));
}

function projectPath(section: Section, key: "dockerfile" | "context"): string {
  const path = section.filledText(key);
  if (path === undefined) throw section.error(`\`${key}\` is required`, { key });
  const clean = posix.normalize(path);
  if (clean.startsWith("/") || clean === ".." || clean.startsWith("../")) {
    throw section.error(`\`${key}\` should be a path inside the project directory, got \`${path}\``, { key });
  }
  return clean;
}
