import type { Export } from "./project.ts";

/** An export that cannot be told apart from another: both would fill the same path. */
export interface ExportConflict {
  readonly first: number;
  readonly second: number;
}

/**
 * Lets exports of one image live together: where one fills a path inside another's target, that path is excluded from the
 * other, so that the order of the exports does not matter. Answers the excludePaths of each, in order, or the conflict.
 *
 * @param exports git mappings of the project's repository, then of remote ones, then imports.
 * @see werf 1.1: git mappings, imports and their excludePaths take part in signatures
 */
export function separateExports(exports: readonly Export[]): readonly (readonly string[])[] | ExportConflict {
  const excludes = exports.map((one) => [...one.excludePaths]);
  for (const [outer, a] of exports.entries()) {
    for (const [inner, b] of exports.entries()) {
      if (outer === inner || !isWithin(a.to, b.to)) continue;
      const aTargets = targets(a);
      const bTargets = targets(b);
      if (aTargets.length === 0 && bTargets.length === 0) return { first: outer, second: inner };
      for (const path of bTargets) {
        if (aTargets.includes(path)) return { first: outer, second: inner };
        if (aTargets.some((target) => isWithin(path, target))) continue;
        const mine = excludes[outer] ?? [];
        if (mine.some((exclude) => isWithin(join(a.to, exclude), path))) continue;
        mine.push(relative(a.to, path));
      }
    }
  }
  return excludes;
}

/** The paths that an export fills, without leading slash; none when it fills the whole root. */
function targets(one: Export): readonly string[] {
  if (one.includePaths.length > 0) return one.includePaths.map((include) => join(one.to, include));
  const to = trim(one.to);
  return to === "" ? [] : [to];
}

function isWithin(directory: string, path: string): boolean {
  const outer = trim(directory);
  const inner = trim(path);
  return outer === "" || inner === outer || inner.startsWith(`${outer}/`);
}

function relative(directory: string, path: string): string {
  const outer = trim(directory);
  return outer === "" ? path : path.slice(outer.length + 1);
}

function join(directory: string, path: string): string {
  return trim(`${directory}/${path}`);
}

function trim(path: string): string {
  return path
    .split("/")
    .filter((segment) => segment !== "")
    .join("/");
}
