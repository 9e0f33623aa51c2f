import { join, relative, resolve } from "node:path";
import { exists, readIfExists } from "#disk";
import { SlipwayError, sourceFrame } from "#errors";
import { isValidProjectName, projectSlug } from "#slug";
import { parseDocument, YamlError } from "#yaml";
import { checkImages } from "./check.ts";
import { readDockerfile } from "./dockerfile.ts";
import { splitDocuments } from "./documents.ts";
import { readMeta, type Meta } from "./meta.ts";
import type { Project, ProjectImage, RenderedDocument } from "./project.ts";
import { renderConfig } from "./render.ts";
import { configError, Section, type Source } from "./section.ts";
import { readStapel } from "./stapel.ts";

export interface LoadOptions {
  /** Absolute; what `add: /` means, and where werf.yml, werf.yaml and .werf are looked for. */
  readonly projectDir: string;
  /** Absolute path of the one file to read instead of werf.yml or werf.yaml. */
  readonly configPath?: string;
  /** Absolute path of the directory of templates; `.werf` of the project unless told. */
  readonly templatesDir?: string;
  /** For `env` and `expandenv` of templates, and `WERF_PROJECT_NAME`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Told of what is odd but no mistake, such as a file that a template asks for and that is not there. */
  readonly onWarning?: (text: string) => void;
}

/**
 * Reads a project's werf.yaml: finds the file, runs it as a Go template, and turns its documents into plain data with every
 * default filled in.
 *
 * @throws {SlipwayError} CONFIG_MISSING; CONFIG_TEMPLATE when the template pass fails; CONFIG_INVALID, with file, line and
 *   the lines around it, for YAML that is none, unknown fields, wrong types and images that cannot stand together.
 * @see werf 1.1, "werf.yaml"
 */
export async function loadProject(options: LoadOptions): Promise<Project> {
  const directory = resolve(options.projectDir);
  const configFile = await findConfig(directory, options.configPath);
  const text = (await readIfExists(configFile)) ?? "";
  const rendered = await renderConfig(text, {
    configFile,
    templatesDir: options.templatesDir ?? join(directory, ".werf"),
    env: options.env,
    onWarning: options.onWarning ?? (() => undefined),
  });
  const shown = relative(directory, configFile);
  const file = rendered === text ? shown : `${shown}, as rendered`;
  const documents = splitDocuments(rendered);
  const { meta, images } = readDocuments(documents, { file, text: rendered, directory });
  return {
    ...meta,
    name: projectName(options.env["WERF_PROJECT_NAME"]) ?? meta.name,
    configVersion: 1,
    directory,
    configFile,
    images,
    rendered,
    documents,
  };
}

function projectName(given: string | undefined): string | undefined {
  if (given === undefined || given === "") return undefined;
  if (isValidProjectName(given)) return given;
  throw new SlipwayError("CONFIG_INVALID", `Bad project name \`${given}\` in $WERF_PROJECT_NAME`, {
    hint: `A valid one would be ${projectSlug(given)}`,
  });
}

async function findConfig(directory: string, given: string | undefined): Promise<string> {
  const candidates =
    given === undefined ? ["werf.yml", "werf.yaml"].map((name) => join(directory, name)) : [given];
  for (const candidate of candidates) if (await exists(candidate)) return candidate;
  throw new SlipwayError(
    "CONFIG_MISSING",
    `Configuration file ${given ?? "werf.yaml"} not found in ${directory}`,
    {
      hint:
        given === undefined
          ? "Run slipway in the directory of werf.yaml, or name it: --dir DIRECTORY or --config FILE"
          : "Check the path given by --config or $WERF_CONFIG",
    },
  );
}

interface WholeText {
  readonly file: string;
  readonly text: string;
  readonly directory: string;
}

function readDocuments(
  documents: readonly RenderedDocument[],
  whole: WholeText,
): { readonly meta: Meta; readonly images: readonly ProjectImage[] } {
  let meta: Meta | undefined;
  const images: ProjectImage[] = [];
  for (const document of documents) {
    const source = { ...whole, lineOffset: document.lineOffset };
    const section = parseSection(document, source);
    if (section.has("configVersion")) {
      if (meta !== undefined) {
        throw section.error("duplicate meta config section definition", {
          key: "configVersion",
          hint: "Only one document may have configVersion",
        });
      }
      meta = readMeta(section);
    } else if (section.has("dockerfile")) images.push(...readDockerfile(section, document));
    else if (section.has("image") || section.has("artifact")) images.push(...readStapel(section, document));
    else throw unrecognized(section);
  }
  if (meta === undefined) throw noMeta(whole);
  checkImages(images, (image, message) =>
    configError(message, { ...whole, lineOffset: image.document.lineOffset }, { line: 1 }),
  );
  return { meta, images: inListingOrder(images) };
}

function parseSection(document: RenderedDocument, source: Source): Section {
  try {
    const node = parseDocument(document.text);
    if (node?.kind === "map") return new Section(node, source, "");
    throw configError("a document of werf.yaml should be a mapping", source, node ?? { line: 1 });
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    const line = source.lineOffset + (error.position?.line ?? 1);
    const problem = error.message.replace(/\s+/g, " ").replace(PLACE_IN_DOCUMENT, "");
    throw new SlipwayError("CONFIG_INVALID", `Bad YAML: ${problem}`, {
      hint: yamlHint(error, problem),
      place: {
        file: source.file,
        line,
        ...(error.position === undefined ? {} : { column: error.position.column }),
        frame: sourceFrame(source.text, line),
      },
    });
  }
}

function yamlHint(error: YamlError, problem: string): string {
  if (error.code === "YAML_DUPLICATE_KEY") return "Keep one of them";
  if (problem.includes("tab character")) return "Indent with spaces";
  return "Look at the indentation and the quotes there: what belongs together starts in one column";
}

/** What Go says of the place, counted from the document's beginning and often one short; the error has the true one. */
const PLACE_IN_DOCUMENT = /^yaml: (unmarshal errors: )?(line \d+: )?/;

function unrecognized(section: Section): SlipwayError {
  return section.error("cannot recognize type of config section", {
    hint:
      "A document is one of: the meta section (`configVersion: 1` and `project: NAME`), a stapel image or artifact " +
      "(`image: NAME` or `artifact: NAME`, and `from: BASE`), a Dockerfile image (`image: NAME` and `dockerfile: PATH`)",
  });
}

function noMeta({ file, text, directory }: WholeText): SlipwayError {
  const name = projectSlug(directory.split("/").at(-1) ?? "") || "my-project";
  return new SlipwayError("CONFIG_INVALID", `${file} has no meta config section`, {
    hint: `Begin it with a document such as:\n\n  project: ${name}\n  configVersion: 1\n  ---`,
    place: { file, line: 1, frame: sourceFrame(text, 1) },
  });
}

function inListingOrder(images: readonly ProjectImage[]): readonly ProjectImage[] {
  const rank = (image: ProjectImage): number => (image.kind === "dockerfile" ? 1 : image.isArtifact ? 2 : 0);
  return images.toSorted((a, b) => rank(a) - rank(b));
}
