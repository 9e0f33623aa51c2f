import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

/** The three views of one overlay that together tell what `upper` hides. */
export interface OverlayViews {
  readonly upper: string;
  /** The lower directories alone, merged by the kernel. */
  readonly below: string;
  /** All of it, merged by the kernel. */
  readonly merged: string;
  /** Paths with something mounted over them, with a leading slash; they are not looked into. */
  readonly covered: ReadonlySet<string>;
}

/**
 * Finds the directories of `upper` that hide what lies below them, by what the kernel shows: a name that is below, is not in
 * `upper` and is not in the merged view can only be hidden by its directory. A directory whose names below are all taken by
 * names in `upper` needs no mark, but the directories in it are looked at in turn.
 */
export async function findOpaqueDirectories(views: OverlayViews): Promise<readonly string[]> {
  const found: string[] = [];
  await visit("", views, found);
  return found.sort();
}

async function visit(directory: string, views: OverlayViews, found: string[]): Promise<void> {
  for (const entry of await readdir(join(views.upper, directory), { withFileTypes: true })) {
    const path = directory === "" ? entry.name : `${directory}/${entry.name}`;
    if (!entry.isDirectory() || views.covered.has(`/${path}`)) continue;
    if (!(await isDirectory(join(views.below, path)))) continue;
    if (await hidesNames(path, views)) found.push(path);
    else await visit(path, views, found);
  }
}

async function hidesNames(path: string, views: OverlayViews): Promise<boolean> {
  const [upper, below, merged] = await Promise.all(
    [views.upper, views.below, views.merged].map((view) => readdir(join(view, path))),
  );
  const shown = new Set([...(upper ?? []), ...(merged ?? [])]);
  return (below ?? []).some((name) => !shown.has(name));
}

async function isDirectory(path: string): Promise<boolean> {
  return lstat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
