import { posix } from "node:path";
import { readTasks } from "./ansible.ts";
import { readDocker } from "./docker-directives.ts";
import { separateExports } from "./exports.ts";
import { asLayers } from "./layers.ts";
import {
  userStages,
  type AnsibleInstructions,
  type BaseImage,
  type Export,
  type GitMapping,
  type Import,
  type Mount,
  type RemoteRepository,
  type RenderedDocument,
  type ShellInstructions,
  type StapelImage,
  type UserStage,
} from "./project.ts";
import type { Section } from "./section.ts";

/** A document with `image` or `artifact`: the images it declares, more than one for lists of names and `asLayers`. */
export function readStapel(section: Section, document: RenderedDocument): readonly StapelImage[] {
  const isArtifact = section.has("artifact");
  if (isArtifact && section.has("image")) {
    throw section.error("specify only one of `image` and `artifact`", { key: "artifact" });
  }
  const names = isArtifact ? [artifactName(section)] : readImageNames(section);
  if (isArtifact && section.has("docker")) {
    throw section.error("`docker` is not supported for an artifact: it is never started", { key: "docker" });
  }
  const image = readParts(section, document, isArtifact);
  const isLayered = section.flag("asLayers");
  section.done();
  return names.flatMap((name) => (isLayered ? asLayers({ ...image, name }) : [{ ...image, name }]));
}

function artifactName(section: Section): string {
  const name = section.filledText("artifact");
  if (name === undefined) throw section.error("an artifact needs a name", { key: "artifact" });
  return name;
}

/** The names behind `image`: null or "" is the nameless image, a list declares identical images. */
export function readImageNames(section: Section): readonly string[] {
  const node = section.node("image");
  if (node === undefined || (node.kind === "scalar" && node.value === null)) return [""];
  const items = node.kind === "list" ? node.items : [node];
  const names = items.map((item) => {
    if (item.kind === "scalar" && typeof item.value === "string") return item.text;
    const shown = item.kind === "scalar" ? item.text : `a ${item.kind}`;
    throw section.error(`invalid image name \`${shown}\``, {
      node: item,
      hint: "A name is text, or a list of texts",
    });
  });
  if (names.length === 0) throw section.error("the list of image names is empty", { key: "image" });
  return names;
}

function readParts(
  section: Section,
  document: RenderedDocument,
  isArtifact: boolean,
): Omit<StapelImage, "name"> {
  const base = readBase(section);
  const fromLatest = section.flag("fromLatest");
  if (!section.flag("herebyIAdmitThatFromLatestMightBreakReproducibility") && fromLatest) {
    throw section.error("`fromLatest: true` makes builds depend on when they run", {
      key: "fromLatest",
      hint: "Pin the base image, or add: herebyIAdmitThatFromLatestMightBreakReproducibility: true",
    });
  }
  const shell = readShell(section.section("shell"));
  const ansible = readAnsible(section.section("ansible"));
  if (shell !== undefined && ansible !== undefined) {
    throw section.error("can not use shell and ansible builders at the same time", { key: "ansible" });
  }
  const { git, imports } = separated(
    section,
    section.sections("git").map(readGitMapping),
    section.sections("import").map(readImport),
  );
  return {
    kind: "stapel",
    isArtifact,
    base,
    fromLatest,
    fromCacheVersion: section.filledText("fromCacheVersion"),
    git,
    shell,
    ansible,
    docker: readDocker(section.section("docker")),
    mounts: readMounts(section),
    imports,
    document,
  };
}

function readBase(section: Section): BaseImage {
  const given = (["from", "fromImage", "fromImageArtifact"] as const).flatMap((key) => {
    const name = section.filledText(key);
    return name === undefined ? [] : [{ key, name }];
  });
  const [only, another] = given;
  if (only === undefined) {
    throw section.missing(
      "from",
      "a base image is required: `from`, `fromImage` or `fromImageArtifact`",
      "For example: from: debian:bookworm-slim",
    );
  }
  if (another !== undefined) {
    throw section.error(
      `conflict between \`${only.key}\` and \`${another.key}\`: specify only one base image`,
      {
        key: another.key,
      },
    );
  }
  if (only.key === "from") return { kind: "reference", reference: only.name };
  return { kind: only.key === "fromImage" ? "image" : "artifact", name: only.name };
}

function readShell(section: Section | undefined): ShellInstructions | undefined {
  if (section === undefined) return undefined;
  return { commands: perStage((stage) => section.texts(stage)), ...readVersions(section) };
}

function readAnsible(section: Section | undefined): AnsibleInstructions | undefined {
  if (section === undefined) return undefined;
  return { tasks: perStage((stage) => readTasks(section, stage)), ...readVersions(section) };
}

function readVersions(section: Section): Pick<ShellInstructions, "cacheVersion" | "stageCacheVersions"> {
  const versions = {
    cacheVersion: section.filledText("cacheVersion"),
    stageCacheVersions: perStage((stage) => section.filledText(`${stage}CacheVersion`)),
  };
  section.done();
  return versions;
}

function perStage<T>(value: (stage: UserStage) => T): Record<UserStage, T> {
  return Object.fromEntries(userStages.map((stage) => [stage, value(stage)])) as Record<UserStage, T>;
}

function readExport(section: Section, to: string | undefined): Export {
  return {
    add: absolutePath(section, "add", undefined),
    to: absolutePath(section, "to", to),
    includePaths: relativePaths(section, "includePaths"),
    excludePaths: relativePaths(section, "excludePaths"),
    owner: section.filledText("owner"),
    group: section.filledText("group"),
  };
}

function readGitMapping(section: Section): GitMapping {
  const remote = readRemote(section);
  const add = section.filledText("add") === undefined ? "/" : absolutePath(section, "add", undefined);
  const { to, ...rest } = readExport(section, section.filledText("to"));
  const dependencies = section.section("stageDependencies");
  const mapping = {
    ...rest,
    add,
    to,
    remote,
    stageDependencies: {
      install: dependencies === undefined ? [] : relativePaths(dependencies, "install"),
      beforeSetup: dependencies === undefined ? [] : relativePaths(dependencies, "beforeSetup"),
      setup: dependencies === undefined ? [] : relativePaths(dependencies, "setup"),
    },
  };
  dependencies?.done();
  section.done();
  return mapping;
}

function readRemote(section: Section): RemoteRepository | undefined {
  const url = section.filledText("url");
  const refs = (["branch", "tag", "commit"] as const).filter((key) => section.filledText(key) !== undefined);
  const admits = section.flag("herebyIAdmitThatBranchMightBreakReproducibility");
  const [first] = refs;
  if (url === undefined) {
    if (first === undefined) return undefined;
    throw section.error(`\`${first}\` is only for remote git repositories`, {
      key: first,
      hint: "Add `url`, or leave it out: the project's own repository is built at its HEAD",
    });
  }
  if (refs.length > 1) {
    throw section.error(`specify only one of ${refs.map((key) => `\`${key}\``).join(", ")}`, {
      key: refs[1] ?? "",
    });
  }
  if ((first === undefined || first === "branch") && !admits) {
    throw section.error("a git mapping of a branch, or of the remote's HEAD, depends on when it is built", {
      hint: "Give a `tag` or `commit`, or add: herebyIAdmitThatBranchMightBreakReproducibility: true",
    });
  }
  return {
    url,
    name: remoteName(url),
    branch: section.filledText("branch"),
    tag: section.filledText("tag"),
    commit: section.filledText("commit"),
  };
}

/** `git@github.com:company/name.git` → `company/name`; the whole URL when it has no two segments. */
export function remoteName(url: string): string {
  return /^.*[:/](.*?\/[^/ ]+?)(\.git)?\/?$/.exec(url)?.[1] ?? url;
}

function readImport(section: Section): Import {
  const image = section.filledText("image");
  const artifact = section.filledText("artifact");
  if ((image === undefined) === (artifact === undefined)) {
    throw section.error("an import needs exactly one of `image` and `artifact`");
  }
  const before = section.filledText("before");
  const after = section.filledText("after");
  if ((before === undefined) === (after === undefined)) {
    throw section.error("an import needs exactly one of `before` and `after`", {
      hint: "For example: before: install",
    });
  }
  const stage = before ?? after;
  if (stage !== "install" && stage !== "setup") {
    throw section.error(`invalid stage \`${stage}\` for an import`, {
      key: before === undefined ? "after" : "before",
      hint: "Use install or setup",
    });
  }
  const part = {
    ...readExport(section, section.filledText("to") ?? section.filledText("add")),
    source:
      image === undefined
        ? ({ kind: "artifact", name: artifact ?? "" } as const)
        : ({ kind: "image", name: image } as const),
    stage: importedStage(section),
    when: { order: before === undefined ? "after" : "before", stage } as const,
  };
  section.done();
  return part;
}

function importedStage(section: Section): UserStage | undefined {
  const stage = section.filledText("stage");
  if (stage === undefined || (userStages as readonly string[]).includes(stage))
    return stage as UserStage | undefined;
  throw section.error(`invalid \`stage\` \`${stage}\` of an import`, {
    key: "stage",
    hint: `Use ${userStages.join(", ")}`,
  });
}

function readMounts(section: Section): readonly Mount[] {
  const mounts = section.sections("mount").map((one) => {
    const mount = readMount(one);
    one.done();
    return mount;
  });
  for (const [index, mount] of mounts.entries()) {
    if (mounts.findIndex((other) => other.to === mount.to) !== index) {
      throw section.error(`conflict between mounts: several go to \`${mount.to}\``, { key: "mount" });
    }
  }
  return mounts;
}

function readMount(section: Section): Mount {
  const to = absolutePath(section, "to", section.filledText("to"));
  const from = section.filledText("from");
  const fromPath = section.filledText("fromPath");
  if (from !== undefined && fromPath !== undefined) {
    throw section.error("a mount cannot have both `from` and `fromPath`", { key: "fromPath" });
  }
  if (fromPath !== undefined) return { to, source: { kind: "custom_dir", path: fromPath } };
  if (from === "tmp_dir" || from === "build_dir") return { to, source: { kind: from } };
  if (from === undefined)
    throw section.error("a mount needs `from: tmp_dir`, `from: build_dir` or `fromPath`");
  throw section.error(`invalid \`from: ${from}\` of a mount`, {
    key: "from",
    hint: "Use tmp_dir or build_dir",
  });
}

function absolutePath(section: Section, key: string, otherwise: string | undefined): string {
  const path = section.filledText(key) ?? otherwise;
  if (path === undefined) {
    throw section.missing(key, `absolute path required for \`${key}\``, `For example: ${key}: /app`);
  }
  if (!path.startsWith("/")) {
    throw section.error(`absolute path required for \`${key}\`, got \`${path}\``, {
      key,
      hint: `Write: ${key}: /${path}`,
    });
  }
  return posix
    .normalize(path)
    .replace(/(.)\/+$/, "$1")
    .replace(/^\/\/+/, "/");
}

function relativePaths(section: Section, key: string): readonly string[] {
  const paths = section.texts(key);
  const absolute = paths.find((path) => path.startsWith("/"));
  if (absolute !== undefined) {
    throw section.error(`\`${key}\` should be relative paths, got \`${absolute}\``, {
      key,
      hint: `They are relative to \`add\`: write ${absolute.replace(/^\/+/, "") || "."}`,
    });
  }
  return paths;
}

function separated(
  section: Section,
  git: readonly GitMapping[],
  imports: readonly Import[],
): { readonly git: readonly GitMapping[]; readonly imports: readonly Import[] } {
  const ordered = [
    ...git.filter((one) => one.remote === undefined),
    ...git.filter((one) => one.remote !== undefined),
  ];
  const all: readonly Export[] = [...ordered, ...imports];
  const result = separateExports(all);
  if ("first" in result) {
    const paths = [all[result.first], all[result.second]].map((one) => `\`${one?.add}\` to \`${one?.to}\``);
    throw section.error(`conflict between imports: ${paths.join(" and ")} fill the same place`, {
      key: git.length > 0 ? "git" : "import",
      hint: "Give them different targets, or part them by includePaths and excludePaths",
    });
  }
  const excludes = new Map(all.map((one, index) => [one, result[index] ?? []]));
  const withExcludes = <T extends Export>(one: T): T => ({ ...one, excludePaths: excludes.get(one) ?? [] });
  return { git: git.map(withExcludes), imports: imports.map(withExcludes) };
}
