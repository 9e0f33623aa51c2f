/**
 * A Git repository, read and never written: its commits, trees and blobs come from one long-lived `git cat-file`, so that
 * a question costs no process. Only committed content is seen; uncommitted() names what is not.
 * Paths are relative to the repository's root, without a leading or trailing slash; "" is the root.
 */
export { openRepository, type Commit, type Head, type OpenOptions, type Repository } from "./repository.ts";
export type { FileMode, TreeEntry } from "./tree.ts";
export type { FileChange } from "./diff.ts";
export { pathMatcher, type PathMatcher, type PathRules, type Reach } from "./path-matcher.ts";
