import { relative, sep } from "node:path";
import { SlipwayError } from "#errors";
import { pathMatcher, type FileChange, type PathMatcher, type Repository, type TreeEntry } from "#git";
import type { GitMapping } from "#project";
import { digestOf, input, type StageInput } from "./signature.ts";

/** A git mapping of an image, in the terms of the repository. */
export interface Source {
  readonly mapping: GitMapping;
  /** Digest of the mapping's parameters: what makes two mappings the same. */
  readonly id: string;
  readonly parameters: readonly string[];
  /** The path of `add` in the repository, without slashes at its ends. */
  readonly base: string;
  readonly matcher: PathMatcher;
}

/**
 * What the repository says of the git mappings of a project at one commit. Every question is asked of git once, however many
 * images ask it.
 */
export class Sources {
  readonly commit: string;
  readonly commitTime: number;
  readonly #repository: Repository;
  readonly #prefix: string;
  readonly #answers = new Map<string, Promise<unknown>>();

  constructor(
    repository: Repository,
    projectDirectory: string,
    head: { readonly commit: string; readonly time: number },
  ) {
    this.#repository = repository;
    this.#prefix = relative(repository.workTree, projectDirectory).split(sep).join("/");
    this.commit = head.commit;
    this.commitTime = head.time;
  }

  /** @throws {SlipwayError} BUILD_UNSUPPORTED for a mapping of a remote repository. */
  source(image: string, mapping: GitMapping): Source {
    if (mapping.remote !== undefined) {
      throw new SlipwayError(
        "BUILD_UNSUPPORTED",
        `Cannot build image ${image}: a git mapping with \`url\` (${mapping.remote.url}) is not supported yet`,
        { hint: "Only the project's own repository can be mapped for now: leave out `url`" },
      );
    }
    const base = [this.#prefix, mapping.add.slice(1)].filter((part) => part !== "").join("/");
    const parameters = [
      "own_own",
      mapping.to,
      mapping.add,
      mapping.includePaths.join(""),
      mapping.excludePaths.join(""),
      mapping.owner ?? "",
      mapping.group ?? "",
      "",
      "",
      "",
    ];
    return {
      mapping,
      id: digestOf(...parameters),
      parameters,
      base,
      matcher: pathMatcher({ base, include: mapping.includePaths, exclude: mapping.excludePaths }),
    };
  }

  /**
   * The files of a mapping at a commit, in byte order.
   *
   * @throws {SlipwayError} BUILD_NO_SOURCE when `add` is not there, BUILD_SUBMODULE when a submodule is among them.
   */
  files(source: Source, commit = this.commit): Promise<readonly TreeEntry[]> {
    return this.#once(`files ${source.id} ${commit}`, async () => {
      if ((await this.#repository.treeEntry(commit, source.base)) === undefined) {
        throw new SlipwayError(
          "BUILD_NO_SOURCE",
          `Base path ${source.mapping.add} of a git mapping was not found in commit ${commit.slice(0, 12)}`,
          { hint: "Is it committed? Only committed files are built: git status" },
        );
      }
      const files = await this.#repository.listFiles(commit, source.matcher);
      for (const file of files) refuseSubmodule(file.mode, file.path);
      return files;
    });
  }

  /** Whether `add` is a file at a commit: then it goes into the parent of `to` under its own name. */
  isFile(source: Source, commit = this.commit): Promise<boolean> {
    return this.#once(`kind ${source.base} ${commit}`, async () => {
      const entry = await this.#repository.treeEntry(commit, source.base);
      return entry !== undefined && entry.type !== "tree";
    });
  }

  /** What of a mapping changed from a commit to the present one. */
  changes(source: Source, from: string): Promise<readonly FileChange[]> {
    if (from === this.commit) return Promise.resolve([]);
    return this.#once(`changes ${source.id} ${from}`, async () => {
      const changes = await this.#repository.diffFiles(from, this.commit, source.matcher);
      for (const change of changes)
        if (change.status !== "D") refuseSubmodule(change.newMode ?? "", change.path);
      return changes;
    });
  }

  /** How large the changes of all mappings are, by the size of what is new or gone; 0 when a commit is unknown. */
  async patchBytes(changed: readonly { readonly source: Source; readonly from: string }[]): Promise<number> {
    const known = await Promise.all(changed.map(({ from }) => this.#repository.hasCommit(from)));
    if (known.includes(false)) return 0;
    const lists = await Promise.all(changed.map(({ source, from }) => this.changes(source, from)));
    const hashes = lists
      .flat()
      .map((change) => (change.status === "D" ? change.oldHash : change.newHash) ?? "");
    if (hashes.length === 0) return 0;
    const sizes = await this.#once(`sizes ${hashes.join(" ")}`, () => this.#repository.blobSizes(hashes));
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  /**
   * The input that the files under a stage's `stageDependencies` make, and the paths among them that match nothing.
   * A path without wildcards needs but the hash of its tree.
   */
  dependencies(
    source: Source,
    paths: readonly string[],
  ): Promise<{ readonly input: StageInput; readonly missing: readonly string[] }> {
    return this.#once(`dependencies ${source.id} ${paths.join("\0")}`, async () => {
      const lines = await Promise.all(paths.map((path) => this.#dependency(source, path)));
      return {
        input: input(
          `stageDependencies of ${source.mapping.add}`,
          lines.map((hash, index) => `${paths[index]} ${hash ?? "(no such file)"}`),
        ),
        missing: paths.filter((_, index) => lines[index] === undefined),
      };
    });
  }

  async #dependency(source: Source, path: string): Promise<string | undefined> {
    const isWhole = source.mapping.includePaths.length === 0 && source.mapping.excludePaths.length === 0;
    const clean = path.replace(/^(\.\/)+/, "").replace(/\/+$/, "");
    if (isWhole && !/[*?[\]{}\\]/.test(clean)) {
      const entry = await this.#repository.treeEntry(
        this.commit,
        [source.base, clean === "." ? "" : clean].filter((part) => part !== "").join("/"),
      );
      return entry === undefined ? undefined : `${entry.mode} ${entry.hash}`;
    }
    const matcher = pathMatcher({ base: source.base, include: [path] });
    const found = (await this.#repository.listFiles(this.commit, matcher)).filter((file) =>
      source.matcher.matches(file.path),
    );
    if (found.length === 0) return undefined;
    return digestOf(...found.map((file) => `${file.mode} ${file.hash} ${file.path}`));
  }

  isAncestor(ancestor: string): Promise<boolean> {
    if (ancestor === this.commit) return Promise.resolve(true);
    return this.#once(`ancestor ${ancestor}`, () => this.#repository.isAncestor(ancestor, this.commit));
  }

  /** Starts to look for what is uncommitted, beside other work; `uncommitted` then has its answer sooner. */
  beginUncommitted(): void {
    void this.#once("uncommitted", () => this.#repository.uncommitted());
  }

  /** Paths that differ from the commit and lie within one of the mappings. */
  async uncommitted(sources: readonly Source[]): Promise<readonly string[]> {
    const paths = await this.#once("uncommitted", () => this.#repository.uncommitted());
    return paths.filter((path) =>
      sources.some(({ matcher }) =>
        path.endsWith("/") ? matcher.directory(path.slice(0, -1)) !== "skip" : matcher.matches(path),
      ),
    );
  }

  readBlobs(hashes: Iterable<string>): AsyncIterable<{ readonly hash: string; readonly content: Buffer }> {
    return this.#repository.readBlobs(hashes);
  }

  #once<T>(question: string, ask: () => Promise<T>): Promise<T> {
    let answer = this.#answers.get(question) as Promise<T> | undefined;
    if (answer === undefined) {
      answer = ask();
      answer.catch(() => undefined);
      this.#answers.set(question, answer);
    }
    return answer;
  }
}

/** Patches of this size and above get a gitCache stage of their own. */
export const GIT_CACHE_BYTES = 1 << 20;

function refuseSubmodule(mode: string, path: string): void {
  if (mode !== "160000") return;
  throw new SlipwayError(
    "BUILD_SUBMODULE",
    `Cannot build from Git: ${path} is a submodule, which is not supported yet`,
    {
      hint: `Leave it out of the image with: excludePaths: ${path}`,
    },
  );
}
