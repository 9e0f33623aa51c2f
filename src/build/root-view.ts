import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from "node:fs";
import { join } from "node:path";
import { pathBytes, pathText } from "#disk";

const MAX_LINKS = 40;

/**
 * A look into the root file system that directories of layers make when they lie over each other, without mounting it.
 * A character device 0,0 hides what is below it, as overlayfs has it. Paths have no leading slash; "" is the root.
 */
export class RootView {
  readonly #directories: readonly string[];
  readonly #opaque: readonly ReadonlySet<string>[];
  readonly #known = new Map<string, { readonly stats: Stats; readonly from: number } | undefined>();

  /**
   * @param directories top first.
   * @param opaque for each of them, the directories in it that hide all below them.
   */
  constructor(directories: readonly string[], opaque: readonly (readonly string[])[] = []) {
    this.#directories = directories;
    this.#opaque = directories.map((_, index) => new Set(opaque[index] ?? []));
  }

  /** What stands at a path, links not followed; the directories of the path have to be real ones. */
  stat(path: string): Stats | undefined {
    return this.#find(path)?.stats;
  }

  /** The names in a directory, of all layers together. */
  list(path: string): readonly string[] {
    const names = new Set<string>();
    const hidden = new Set<string>();
    for (const [index, directory] of this.#directories.entries()) {
      if (this.#isHiddenAbove(path, index)) break;
      const at = fileAt(directory, path);
      const stats = lstatSync(at, { throwIfNoEntry: false });
      if (stats === undefined) continue;
      if (!stats.isDirectory()) break;
      for (const bytes of readdirSync(at, { encoding: "buffer" })) {
        const entry = pathText(bytes);
        if (names.has(entry) || hidden.has(entry)) continue;
        if (isWhiteout(lstatSync(fileAt(directory, join(path, entry))))) hidden.add(entry);
        else names.add(entry);
      }
    }
    return [...names];
  }

  /** The path with every link on the way followed within the root; what is not there stays as it is. */
  resolve(path: string): string {
    let links = 0;
    const pending = segments(path);
    let done: string[] = [];
    for (let name = pending.shift(); name !== undefined; name = pending.shift()) {
      if (name === "..") {
        done.pop();
        continue;
      }
      const here = [...done, name].join("/");
      const found = this.#find(here);
      if (found?.stats.isSymbolicLink() !== true || links++ > MAX_LINKS) {
        done.push(name);
        continue;
      }
      const target = readlinkSync(fileAt(this.#directories[found.from] ?? "", here));
      if (target.startsWith("/")) done = [];
      pending.unshift(...segments(target));
    }
    return done.join("/");
  }

  /** The text of a file, links followed; undefined when there is none. */
  read(path: string): string | undefined {
    const real = this.resolve(path);
    const found = this.#find(real);
    if (found?.stats.isFile() !== true) return undefined;
    return readFileSync(fileAt(this.#directories[found.from] ?? "", real), "utf8");
  }

  #find(path: string): { readonly stats: Stats; readonly from: number } | undefined {
    if (this.#known.has(path)) return this.#known.get(path);
    const found = this.#look(path);
    this.#known.set(path, found);
    return found;
  }

  #look(path: string): { readonly stats: Stats; readonly from: number } | undefined {
    const parent = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
    if (path !== "" && this.#find(parent)?.stats.isDirectory() !== true) return undefined;
    for (const [from, directory] of this.#directories.entries()) {
      const stats = lstatSync(fileAt(directory, path), { throwIfNoEntry: false });
      if (stats !== undefined) return isWhiteout(stats) ? undefined : { stats, from };
      if (path !== "" && this.#hides(parent, from)) return undefined;
    }
    return undefined;
  }

  /** Whether the layer of that index, by itself, ends what lower layers say of a directory. */
  #hides(directory: string, index: number): boolean {
    if (this.#opaque[index]?.has(directory) === true) return true;
    const stats = lstatSync(fileAt(this.#directories[index] ?? "", directory), { throwIfNoEntry: false });
    if (stats !== undefined) return !stats.isDirectory();
    if (directory === "") return false;
    return this.#hides(directory.includes("/") ? directory.slice(0, directory.lastIndexOf("/")) : "", index);
  }

  #isHiddenAbove(directory: string, index: number): boolean {
    return index > 0 && (this.#hides(directory, index - 1) || this.#isHiddenAbove(directory, index - 1));
  }
}

/** A removed file, as overlayfs marks it. */
export function isWhiteout(stats: Stats): boolean {
  return stats.isCharacterDevice() && stats.rdev === 0;
}

/** Names that are no UTF-8 have to be given as bytes. */
function fileAt(directory: string, path: string): string | Buffer {
  return path.isWellFormed()
    ? join(directory, path)
    : Buffer.concat([Buffer.from(`${directory}/`), pathBytes(path)]);
}

function segments(path: string): string[] {
  return path.split("/").filter((segment) => segment !== "" && segment !== ".");
}
