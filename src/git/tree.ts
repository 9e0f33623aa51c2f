import { pathText } from "#disk";
import type { ObjectReader } from "./object-reader.ts";
import type { PathMatcher } from "./path-matcher.ts";

/** Regular file, executable file, symbolic link, submodule, directory. */
export type FileMode = "100644" | "100755" | "120000" | "160000" | "040000";

export interface TreeEntry {
  readonly mode: FileMode;
  readonly type: "blob" | "tree" | "commit";
  readonly hash: string;
  readonly path: string;
}

/** All files, links and submodules below a tree that the matcher lets through, in byte order of their paths. */
export async function listFiles(
  reader: ObjectReader,
  tree: string,
  prefix: string,
  matcher: PathMatcher | undefined,
): Promise<TreeEntry[]> {
  const lists = (await readTree(reader, tree, prefix)).map((entry) => {
    if (entry.type !== "tree") return matcher === undefined || matcher.matches(entry.path) ? entry : [];
    const reach = matcher === undefined ? "whole" : matcher.directory(entry.path);
    if (reach === "skip") return [];
    return listFiles(reader, entry.hash, entry.path, reach === "whole" ? undefined : matcher);
  });
  return (await Promise.all(lists)).flat();
}

/**
 * The entries of one tree object.
 *
 *   MODE SP NAME NUL HASH, again and again; HASH is 20 bytes, or 32 in a repository with SHA-256
 */
export async function readTree(reader: ObjectReader, hash: string, prefix: string): Promise<TreeEntry[]> {
  const object = await reader.readExisting(hash);
  return parseTree(object.content, hash.length / 2, prefix);
}

export function parseTree(content: Buffer, hashLength: number, prefix: string): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(32, at);
    const end = content.indexOf(0, space);
    if (space === -1 || end === -1 || end + hashLength >= content.length + 1) {
      throw new Error("a tree object ends in the middle of an entry");
    }
    const name = pathText(content.subarray(space + 1, end));
    entries.push({
      ...kindOf(content.toString("latin1", at, space)),
      hash: content.toString("hex", end + 1, end + 1 + hashLength),
      path: prefix === "" ? name : `${prefix}/${name}`,
    });
    at = end + 1 + hashLength;
  }
  return entries;
}

/** Old tools wrote modes such as 100664; git itself reads them as the nearest of the five. */
function kindOf(mode: string): Pick<TreeEntry, "mode" | "type"> {
  const bits = Number.parseInt(mode, 8);
  switch (bits & 0o170000) {
    case 0o040000:
      return { mode: "040000", type: "tree" };
    case 0o120000:
      return { mode: "120000", type: "blob" };
    case 0o160000:
      return { mode: "160000", type: "commit" };
    default:
      return { mode: (bits & 0o100) === 0 ? "100644" : "100755", type: "blob" };
  }
}
