import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { pathText } from "#disk";
import { SlipwayError } from "#errors";
import { run, type RunResult } from "#process";
import { streamBlobs } from "./blob-stream.ts";
import { diffTrees, type FileChange } from "./diff.ts";
import { discover, type Place } from "./discover.ts";
import { gitEnvironment, STEADY } from "./environment.ts";
import { gitFailure, objectMissing } from "./failure.ts";
import { ObjectReader, type GitObject, type ReaderOptions } from "./object-reader.ts";
import type { PathMatcher } from "./path-matcher.ts";
import { listFiles, readTree, type TreeEntry } from "./tree.ts";

export interface OpenOptions {
  /** The user's environment; what would point git elsewhere is left out of it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
}

export interface Head {
  readonly commit: string;
  /** Short name of the branch that is checked out; absent when HEAD is detached. */
  readonly branch?: string;
}

export interface Commit {
  readonly hash: string;
  readonly tree: string;
  readonly parents: readonly string[];
  /** When it was committed, in seconds since 1970. */
  readonly time: number;
}

/**
 * An open repository. Close it by `await using`: it keeps a git process.
 *
 * Every method throws GIT_MISSING when git cannot be started, GIT_UNSAFE_OWNER when git does not trust the directory's
 * owner, GIT_CORRUPT when objects are damaged, and GIT_OBJECT_MISSING when one is absent from a partial clone.
 */
export interface Repository extends AsyncDisposable {
  /** The root of the work tree; paths are relative to it. */
  readonly workTree: string;
  readonly gitDir: string;
  /** History is cut off: ancestors may be missing. */
  readonly isShallow: boolean;
  /** @throws {SlipwayError} GIT_NO_COMMITS */
  head(): Promise<Head>;
  /** The commit that a name (hash, branch, tag, `HEAD~2`) stands for. */
  commit(name: string): Promise<Commit | undefined>;
  commitTime(commit: string): Promise<number>;
  hasCommit(commit: string): Promise<boolean>;
  /** The hash of the commit that a reference stands for. */
  resolveRef(name: string): Promise<string | undefined>;
  /** True too when both are the same commit; false when one is unknown. */
  isAncestor(ancestor: string, descendant: string): Promise<boolean>;
  treeEntry(commit: string, path: string): Promise<TreeEntry | undefined>;
  /** The hash of the file or directory at a path. */
  treeHash(commit: string, path: string): Promise<string | undefined>;
  /** Files, links and submodules, never directories, in byte order. Only directories that may match are read. */
  listFiles(commit: string, matcher?: PathMatcher): Promise<readonly TreeEntry[]>;
  readBlob(hash: string): Promise<Buffer>;
  /** Contents in the order asked for, through a process of its own; one, and what the pipe holds, is in memory. */
  readBlobs(hashes: Iterable<string>): AsyncIterable<{ readonly hash: string; readonly content: Buffer }>;
  /** How long blobs are, in the order asked for; contents are not read. */
  blobSizes(hashes: readonly string[]): Promise<readonly number[]>;
  /** Files that differ, in byte order; a rename is a deletion and an addition. */
  diffFiles(from: string, to: string, matcher?: PathMatcher): Promise<readonly FileChange[]>;
  /** Paths whose state in the work tree is not that of HEAD, untracked ones included (a directory ends with a slash). */
  uncommitted(): Promise<readonly string[]>;
  originUrl(): Promise<string | undefined>;
}

/**
 * Opens the repository whose work tree holds `directory`.
 *
 * @throws {SlipwayError} GIT_NO_REPOSITORY
 */
export async function openRepository(directory: string, options: OpenOptions): Promise<Repository> {
  const place = await discover(directory);
  const isShallow = await stat(join(place.commonDir, "shallow")).then(
    (file) => file.size > 0,
    () => false,
  );
  return new GitRepository(place, isShallow, options);
}

/** How many commits an ancestry question looks at before git's own walk, which knows the commit graph, is asked. */
const NEAR = 64;

class GitRepository implements Repository {
  readonly workTree: string;
  readonly gitDir: string;
  readonly isShallow: boolean;
  readonly #env: Record<string, string>;
  readonly #signal: AbortSignal | undefined;
  readonly #reader: ObjectReader;
  readonly #commits = new Map<string, Promise<Commit | undefined>>();

  constructor(place: Place, isShallow: boolean, options: OpenOptions) {
    this.workTree = place.workTree;
    this.gitDir = place.gitDir;
    this.isShallow = isShallow;
    this.#env = gitEnvironment(options.env);
    this.#signal = options.signal;
    this.#reader = new ObjectReader(this.#readerOptions());
  }

  async head(): Promise<Head> {
    const [commit, reference] = await Promise.all([
      this.commit("HEAD"),
      readFile(join(this.gitDir, "HEAD"), "utf8"),
    ]);
    if (commit === undefined) {
      throw new SlipwayError("GIT_NO_COMMITS", `The Git repository ${this.workTree} has no commits`, {
        hint: "Only committed files are built; commit them: git add . && git commit",
      });
    }
    const named = /^ref: refs\/heads\/(.+)$/m.exec(reference)?.[1];
    const branch = named === ".invalid" ? await this.#branchFromGit() : named;
    return { commit: commit.hash, ...(branch === undefined ? {} : { branch }) };
  }

  commit(name: string): Promise<Commit | undefined> {
    if (!isHash(name)) return this.#readCommit(name);
    let known = this.#commits.get(name);
    if (known === undefined) {
      known = this.#readCommit(name);
      this.#commits.set(name, known);
    }
    return known;
  }

  async commitTime(commit: string): Promise<number> {
    return (await this.#existing(commit)).time;
  }

  async hasCommit(commit: string): Promise<boolean> {
    return (await this.commit(commit)) !== undefined;
  }

  async resolveRef(name: string): Promise<string | undefined> {
    return (await this.commit(name))?.hash;
  }

  async isAncestor(ancestor: string, descendant: string): Promise<boolean> {
    if (ancestor === descendant) return this.hasCommit(ancestor);
    const [older, newer] = await Promise.all([this.commit(ancestor), this.commit(descendant)]);
    if (older === undefined || newer === undefined) return false;
    return (await this.#isNearAncestor(older, newer)) ?? (await this.#isFarAncestor(older, newer));
  }

  async treeEntry(commit: string, path: string): Promise<TreeEntry | undefined> {
    const { tree } = await this.#existing(commit);
    let entry: TreeEntry = { mode: "040000", type: "tree", hash: tree, path: "" };
    for (const name of path === "" ? [] : path.split("/")) {
      if (entry.type !== "tree") return undefined;
      const wanted = entry.path === "" ? name : `${entry.path}/${name}`;
      const below = (await readTree(this.#reader, entry.hash, entry.path)).find(
        ({ path }) => path === wanted,
      );
      if (below === undefined) return undefined;
      entry = below;
    }
    return entry;
  }

  async treeHash(commit: string, path: string): Promise<string | undefined> {
    return (await this.treeEntry(commit, path))?.hash;
  }

  async listFiles(commit: string, matcher?: PathMatcher): Promise<readonly TreeEntry[]> {
    const { tree } = await this.#existing(commit);
    return listFiles(this.#reader, tree, "", matcher);
  }

  async readBlob(hash: string): Promise<Buffer> {
    return (await this.#reader.readExisting(hash)).content;
  }

  readBlobs(hashes: Iterable<string>): AsyncIterable<{ readonly hash: string; readonly content: Buffer }> {
    return streamBlobs([...hashes], this.#readerOptions());
  }

  async blobSizes(hashes: readonly string[]): Promise<readonly number[]> {
    if (hashes.length === 0) return [];
    const { stdout } = await this.#git(
      ["cat-file", "--batch-check=%(objectsize)"],
      [0],
      `${hashes.join("\n")}\n`,
    );
    return stdout
      .toString()
      .trimEnd()
      .split("\n")
      .map((line, index) => {
        if (!/^\d+$/.test(line)) throw objectMissing(hashes[index] ?? "");
        return Number(line);
      });
  }

  async diffFiles(from: string, to: string, matcher?: PathMatcher): Promise<readonly FileChange[]> {
    const [before, after] = await Promise.all([this.#existing(from), this.#existing(to)]);
    return diffTrees(this.#reader, before.tree, after.tree, matcher);
  }

  async uncommitted(): Promise<readonly string[]> {
    const { stdout } = await this.#git([
      "status",
      "--porcelain=v1",
      "-z",
      "--no-renames",
      "--untracked-files=normal",
    ]);
    const paths: string[] = [];
    for (let at = 0; at < stdout.length;) {
      const end = stdout.indexOf(0, at);
      paths.push(pathText(stdout.subarray(at + 3, end)));
      at = end + 1;
    }
    return paths;
  }

  async originUrl(): Promise<string | undefined> {
    const { stdout } = await this.#git(["config", "--get", "remote.origin.url"], [0, 1]);
    return stdout.toString().trim() || undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader[Symbol.asyncDispose]();
  }

  #readerOptions(): ReaderOptions {
    return {
      directory: this.workTree,
      env: this.#env,
      ...(this.#signal === undefined ? {} : { signal: this.#signal }),
    };
  }

  async #readCommit(name: string): Promise<Commit | undefined> {
    const object = await this.#reader.read(`${name}^{commit}`);
    return object?.type === "commit" ? parseCommit(object) : undefined;
  }

  async #existing(name: string): Promise<Commit> {
    const commit = await this.commit(name);
    if (commit === undefined) throw objectMissing(name);
    return commit;
  }

  /** An answer from the nearest commits, the usual case; undefined when they do not tell. */
  async #isNearAncestor(older: Commit, newer: Commit): Promise<boolean | undefined> {
    const seen = new Set([newer.hash]);
    let edge = [newer];
    while (edge.length > 0 && seen.size < NEAR) {
      const parents = [...new Set(edge.flatMap((commit) => commit.parents))].filter(
        (hash) => !seen.has(hash),
      );
      if (parents.includes(older.hash)) return true;
      for (const hash of parents) seen.add(hash);
      const found = await Promise.all(parents.map((hash) => this.commit(hash)));
      if (found.includes(undefined)) return undefined;
      edge = found.filter((commit) => commit !== undefined);
    }
    return edge.length === 0 ? false : undefined;
  }

  async #isFarAncestor(older: Commit, newer: Commit): Promise<boolean> {
    const { code } = await this.#git(["merge-base", "--is-ancestor", older.hash, newer.hash], [0, 1]);
    return code === 0;
  }

  async #branchFromGit(): Promise<string | undefined> {
    const { stdout } = await this.#git(["symbolic-ref", "--quiet", "--short", "HEAD"], [0, 1]);
    return stdout.toString().trim() || undefined;
  }

  async #git(args: readonly string[], accept: readonly number[] = [0], input = ""): Promise<RunResult> {
    const result = await run("git", [...STEADY, ...args], {
      cwd: this.workTree,
      env: this.#env,
      input,
      accept: Array.from({ length: 256 }, (_, code) => code),
      ...(this.#signal === undefined ? {} : { signal: this.#signal }),
    });
    if (!accept.includes(result.code)) throw gitFailure(result.stderr, this.workTree, this.#env["HOME"]);
    return result;
  }
}

function isHash(name: string): boolean {
  return /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(name);
}

/**
 *   tree HASH \n (parent HASH \n)* author … \n committer NAME <MAIL> SECONDS ZONE \n … \n \n MESSAGE
 */
function parseCommit({ hash, content }: GitObject): Commit {
  const end = content.indexOf("\n\n");
  const head = content.toString("latin1", 0, end === -1 ? content.length : end);
  return {
    hash,
    tree: /^tree ([0-9a-f]+)$/m.exec(head)?.[1] ?? "",
    parents: [...head.matchAll(/^parent ([0-9a-f]+)$/gm)].map((match) => match[1] ?? ""),
    time: Number(/^committer .*> (\d+)/m.exec(head)?.[1] ?? 0),
  };
}
